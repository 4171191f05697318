import type { IncomingMessage, ServerResponse } from 'node:http';

interface Watch {
  readonly url: string;
  readonly answer: ServerResponse;
}

/** The watches that pass through a proxy, which can be kept from saying anything for a while: a stale view. */
export class HeldWatches {
  readonly #open = new Map<IncomingMessage, Watch>();
  #held: RegExp | undefined;

  /** Takes over the passing on of a reply, if it is that of a watch. */
  takes(url: string, response: IncomingMessage, answer: ServerResponse): boolean {
    if (!/[?&]watch=(true|1)/.test(url)) return false;
    this.#open.set(response, { url, answer });
    response.on('close', () => this.#open.delete(response));
    if (this.#held?.test(url) === true) response.pause();
    else response.pipe(answer);
    return true;
  }

  /** What the watches of these addresses would say is kept. */
  hold(match: RegExp): void {
    this.#held = match;
    for (const [response, { url, answer }] of this.#open) {
      if (!match.test(url)) continue;
      response.unpipe(answer);
      response.pause();
    }
  }

  release(): void {
    const match = this.#held;
    this.#held = undefined;
    for (const [response, { url, answer }] of this.#open) if (match?.test(url) === true) response.pipe(answer);
  }
}
