import type { AcceptedSlot, Decision } from './decision.ts';

/** One answer for each app: an app that was served in portions has the slots of all of them. */
export class Answers {
  readonly all: Decision[] = [];
  /** Of apps that are served in portions: the place among all. */
  readonly #places = new Map<string, number>();

  /**
   * Where members were placed; undefined when none was. `isPart`: the app had, or will have, other turns. A portion that finds no place
   * takes nothing back from those before it.
   */
  note(decisions: readonly Decision[], isPart: boolean): readonly AcceptedSlot[] | undefined {
    let placed: readonly AcceptedSlot[] | undefined;
    for (const decision of decisions) {
      if (decision.kind === 'accept') placed = placed === undefined ? decision.slots : [...placed, ...decision.slots];
      if (isPart) this.#add(decision);
      else this.all.push(decision);
    }
    return placed;
  }

  #add(decision: Decision): void {
    const place = this.#places.get(decision.app.uid);
    const before = place === undefined ? undefined : this.all[place];
    if (place === undefined || before === undefined) {
      this.#places.set(decision.app.uid, this.all.push(decision) - 1);
    } else if (decision.kind === 'accept' && before.kind === 'accept') {
      this.all[place] = { ...before, slots: [...before.slots, ...decision.slots] };
    }
  }
}
