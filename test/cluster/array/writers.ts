import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WriterEnd, WriterSpan } from './array-control.ts';

interface WriterEvent {
  readonly at: number;
  readonly volume: string;
  readonly node: string;
  readonly generation: number;
  /** Undefined: from now on the node can write. */
  readonly end?: WriterEnd;
}

/**
 * Who could write to which volume, and when. A span opens before the device is made and closes after it is gone or fenced: what is
 * written down is never shorter than what was true, so spans that don't overlap prove that there were never two writers.
 */
export class WriterLog {
  readonly #path: string;
  readonly #spans: WriterSpan[] = [];
  #lastAt = 0;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    for (const event of readEvents(path)) this.#take(event);
  }

  open(volume: string, node: string, generation: number): void {
    if (this.#current(volume, node) !== undefined) return;
    this.#add({ at: this.#now(), volume, node, generation });
  }

  close(volume: string, node: string, end: WriterEnd): void {
    const span = this.#current(volume, node);
    if (span !== undefined) this.#add({ at: this.#now(), volume, node, generation: span.generation, end });
  }

  /** In the order in which they began. */
  spans(volume?: string): readonly WriterSpan[] {
    return this.#spans.filter((span) => volume === undefined || span.volume === volume);
  }

  #current(volume: string, node: string): WriterSpan | undefined {
    return this.#spans.findLast((span) => span.volume === volume && span.node === node && span.to === undefined);
  }

  #add(event: WriterEvent): void {
    appendFileSync(this.#path, `${JSON.stringify(event)}\n`);
    this.#take(event);
  }

  #take({ at, volume, node, generation, end }: WriterEvent): void {
    this.#lastAt = at;
    const index = this.#spans.findLastIndex(
      (span) => span.volume === volume && span.node === node && span.to === undefined,
    );
    const open = this.#spans[index];
    if (end === undefined) this.#spans.push({ volume, node, generation, from: at, to: undefined, end: undefined });
    else if (open !== undefined) this.#spans[index] = { ...open, to: at, end };
  }

  /** A clock that was set back must not turn the order around. */
  #now(): number {
    return Math.max(Date.now(), this.#lastAt);
  }
}

function readEvents(path: string): readonly WriterEvent[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  // What follows the last line break was cut off by a kill.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WriterEvent);
}

/** Pairs of spans of one volume in which two nodes could write at the same time. Empty is what a test wants to see. */
export function doubleWriters(spans: readonly WriterSpan[]): ReadonlyArray<readonly [WriterSpan, WriterSpan]> {
  return spans.flatMap((first, index) =>
    spans
      .slice(index + 1)
      .filter((second) => first.volume === second.volume && first.node !== second.node && overlap(first, second))
      .map((second) => [first, second] as const),
  );
}

function overlap(a: WriterSpan, b: WriterSpan): boolean {
  return a.from < (b.to ?? Infinity) && b.from < (a.to ?? Infinity);
}
