// What the array itself writes down: which node could write to which volume, and when that ended.
import type { ArrayControl, WriterSpan } from '../../test/cluster/array/array-control.ts';
import type { Timeline } from './timeline.ts';

const EVERY_MILLISECONDS = 1000;

/** Tells the timeline of writers that come and go, at the times that the array wrote down. */
export class ArrayWatch {
  readonly #array: ArrayControl;
  readonly #timeline: Timeline;
  /** What people call a volume, by its id. */
  readonly #names: ReadonlyMap<string, string>;
  #timer: NodeJS.Timeout | undefined;
  /** Spans by their beginning, and whether their end was told. */
  readonly #told = new Map<string, boolean>();

  constructor(array: ArrayControl, timeline: Timeline, names: ReadonlyMap<string, string>) {
    this.#array = array;
    this.#timeline = timeline;
    this.#names = names;
  }

  start(): void {
    this.#timer = setInterval(() => {
      // A busy array is asked again.
      this.#array.writers().then(
        (spans) => spans.forEach((span) => this.#look(span)),
        () => undefined,
      );
    }, EVERY_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(span: WriterSpan): void {
    const name = this.#names.get(span.volume);
    if (name === undefined) return;
    const key = `${span.volume} ${span.node} ${span.generation} ${span.from}`;
    if (!this.#told.has(key)) {
      this.#told.set(key, false);
      this.#timeline.add('array', `${span.node} may write to the volume of ${name}`, span.from);
    }
    if (span.to === undefined || this.#told.get(key) === true) return;
    this.#told.set(key, true);
    this.#timeline.add('array', `${span.node} ${ENDS[span.end ?? 'unstaged']} the volume of ${name}`, span.to);
  }
}

const ENDS = {
  unstaged: 'has unmounted',
  fenced: 'is cut off from',
  powerCut: 'lost power and with it',
  restaged: 'mounts anew',
} as const;
