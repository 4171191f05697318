// What happened, what was seen, and what was done, with the seconds since the disaster.
import type { Screen } from '../screen.ts';

/** Whose deed or word it is. */
export type Actor = 'disaster' | 'kubernetes' | 'proffer' | 'array' | 'app' | 'plain';

export interface TimelineEntry {
  /** Seconds since the disaster, to a tenth. */
  readonly at: number;
  readonly who: Actor;
  readonly what: string;
}

/** Collects entries from the disaster on, and prints each as it comes. */
export class Timeline {
  readonly #screen: Screen;
  readonly #entries: TimelineEntry[] = [];
  #struckAt: number | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get entries(): readonly TimelineEntry[] {
    return this.#entries;
  }

  /** When the disaster struck, in milliseconds since the epoch; undefined before. */
  get struckAt(): number | undefined {
    return this.#struckAt;
  }

  /** From now on time runs. */
  begin(what: string): void {
    this.#struckAt = Date.now();
    this.add('disaster', what);
  }

  /** Seconds since the disaster. `at`: milliseconds since the epoch. */
  secondsAt(at = Date.now()): number {
    return Math.round((at - (this.#struckAt ?? at)) / 100) / 10;
  }

  /** What happens before the disaster belongs to the story, not to the timeline: it is not told. */
  add(who: Actor, what: string, at = Date.now()): void {
    if (this.#struckAt === undefined || at < this.#struckAt) return;
    // What programs said last may be several lines.
    const entry = { at: this.secondsAt(at), who, what: what.trim().replaceAll(/\s*\n\s*/g, ' / ') };
    this.#entries.push(entry);
    this.#screen.say(`+${entry.at.toFixed(1).padStart(6)} s  ${who.padEnd(10)}  ${entry.what}`);
  }
}
