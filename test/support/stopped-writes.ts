import type { ServerResponse } from 'node:http';

/** A write that is waited for, or that has met its fault. */
export interface StoppedWrite {
  /** Undefined until the fault has happened: with killAfter, until the write is committed. */
  readonly hit: { readonly method: string; readonly path: string; readonly status: number | undefined } | undefined;
}

interface Stop {
  readonly pathPart: string | RegExp;
  readonly at: number;
  readonly fault: 'killBefore' | 'killAfter';
  counted: number;
  hit: StoppedWrite['hit'];
  readonly held: ServerResponse[];
}

/** Writes that stand still until the program which sent them is dead: any number side by side. */
export class StoppedWrites {
  readonly #stops: Stop[] = [];

  add(pathPart: string | RegExp, at: number, fault: 'killBefore' | 'killAfter'): StoppedWrite {
    const stop: Stop = { pathPart, at, fault, counted: 0, hit: undefined, held: [] };
    this.#stops.push(stop);
    return stop;
  }

  /** True when this write is kept from arriving, or its reply from being heard. `commit` sends it, and tells its status. */
  takes(
    write: { readonly method: string; readonly path: string },
    answer: ServerResponse,
    commit: (done: (status: number | undefined) => void) => void,
  ): boolean {
    const stop = this.#stops.find(({ pathPart }) =>
      typeof pathPart === 'string' ? write.path.includes(pathPart) : pathPart.test(write.path),
    );
    if (stop === undefined) return false;
    stop.counted += 1;
    if (stop.counted < stop.at) return false;
    stop.held.push(answer);
    if (stop.counted > stop.at) return true;
    const note = (status: number | undefined): void => {
      stop.hit = { ...write, status };
    };
    if (stop.fault === 'killBefore') note(undefined);
    else commit(note);
    return true;
  }

  /** Breaks the connections, and stops nothing more. */
  letGo(): void {
    for (const { held } of this.#stops.splice(0)) for (const answer of held) answer.destroy();
  }
}
