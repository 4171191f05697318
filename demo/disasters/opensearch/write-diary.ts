// What those who write to an app are told, and when.

/** `refused`: an answer that says no; `unanswered`: no member answered in time, and it was asked again. */
export type WriteAnswer = 'acknowledged' | 'refused' | 'unanswered';

export interface WriteFigures {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unanswered: number;
  /** The longest time in which no write at all was acknowledged. */
  readonly longestWaitSeconds: number;
}

export class WriteDiary {
  readonly #answers: { readonly at: number; readonly answer: WriteAnswer }[] = [];

  note(answer: WriteAnswer, at = Date.now()): void {
    this.#answers.push({ at, answer });
  }

  /** From one moment to the other (milliseconds since the epoch). */
  figures(since: number, until = Date.now()): WriteFigures {
    const answers = this.#answers.filter(({ at }) => at >= since && at <= until);
    const count = (wanted: WriteAnswer): number => answers.filter(({ answer }) => answer === wanted).length;
    const times = answers.filter(({ answer }) => answer === 'acknowledged').map(({ at }) => at);
    const moments = [since, ...times, until];
    const longest = Math.max(...moments.slice(1).map((at, index) => at - (moments[index] ?? at)));
    return {
      acknowledged: times.length,
      refused: count('refused'),
      unanswered: count('unanswered'),
      longestWaitSeconds: Math.round(longest / 100) / 10,
    };
  }
}
