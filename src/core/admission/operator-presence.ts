/** So long without a change of its Lease, and the operator is away: twice what a new leader needs to take over. */
export const AWAY_SECONDS = 30;

/** What was read longer ago says nothing: it is more likely that we cannot reach the API server. */
const KNOWN_SECONDS = 10;

/** The Lease as it was read last, and since when it looks like that. */
interface Seen {
  readonly renewal: string;
  readonly sinceSeconds: number;
  readonly atSeconds: number;
}

/** Whether anybody leads, judged by the changes of the operator's Lease alone. Times are seconds on a clock that never jumps. */
export class OperatorPresence {
  #seen: Seen | undefined;

  /** The Lease was read: `renewal` is different after every renewal. Undefined: there is none, so nobody can say who should lead. */
  read(renewal: string | undefined, now: number): void {
    const before = this.#seen;
    // After a gap we do not know what happened within: the clock starts anew.
    const isSame = before?.renewal === renewal && before !== undefined && now - before.atSeconds <= KNOWN_SECONDS;
    this.#seen =
      renewal === undefined ? undefined : { renewal, atSeconds: now, sinceSeconds: isSame ? before.sinceSeconds : now };
  }

  isAway(now: number): boolean {
    const seen = this.#seen;
    return seen !== undefined && now - seen.atSeconds <= KNOWN_SECONDS && now - seen.sinceSeconds >= AWAY_SECONDS;
  }
}
