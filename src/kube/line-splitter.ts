import { StringDecoder } from 'node:string_decoder';

/** Cuts a byte stream into lines. A character whose bytes arrive in two chunks stays whole. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  /** Pieces of the line under way; joined once at its end, so a long line costs what it is long. */
  #pieces: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#pieces.push(text.slice(start, end));
      start = end + 1;
      this.#flush();
    }
    if (start < text.length) this.#pieces.push(text.slice(start));
  }

  /** Hands over a last line without line feed. Call it only when the stream ended as the sender meant it to. */
  end(): void {
    this.#pieces.push(this.#decoder.end());
    this.#flush();
  }

  #flush(): void {
    const line = this.#pieces.join('');
    this.#pieces = [];
    if (line.trim() !== '') this.#onLine(line);
  }
}
