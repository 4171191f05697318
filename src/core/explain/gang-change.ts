import { type Change, NODE_COST, addedUp } from './change.ts';
import { Adding } from './adding.ts';
import { Enlarging } from './enlarging.ts';
import { AppReports, type LackingMember } from './lacking-member.ts';
import type { NodeReport } from './node-report.ts';

/** A change and how much it is; see REMEDIES. */
interface Plan {
  readonly cost: number;
  readonly changes: readonly Change[];
}

/** Members that nodes are made larger for at most. */
const ENLARGED_FOR = 32;

/**
 * The least that would give places to all members that lack one, of one app or of all apps of a gang, the blocked one first: more on nodes
 * that there are, new nodes like these, or some of both, whichever is least. Members that fitted are on the scratch and stay there. The
 * scratch is as before when it returns. `reports` are about the first. Undefined: nothing in the cluster would help.
 */
export function gangChange(
  lacking: readonly LackingMember[],
  reports: readonly NodeReport[],
): readonly Change[] | undefined {
  const [blocked] = lacking;
  if (blocked === undefined) return undefined;
  const known = (): AppReports => new AppReports(blocked.placement, reports);
  const mixed = lacking.length > ENLARGED_FOR ? undefined : planned(new Mixing(known(), lacking.length), lacking);
  // Beside one that needs no new node, new nodes alone are never less.
  if (mixed !== undefined && mixed.cost < NODE_COST) return mixed.changes;
  const added = planned(new AddingOnly(known()), lacking);
  if (mixed === undefined) return added?.changes;
  return added !== undefined && added.cost <= mixed.cost ? added.changes : mixed.changes;
}

/** One way to give a place to a member that no node admits. `undefined`: it cannot. */
interface Way {
  place(lacking: LackingMember): (() => void) | undefined;
  plan(): Plan;
}

function planned(way: Way, lacking: readonly LackingMember[]): Plan | undefined {
  const undo: (() => void)[] = [];
  const refused = new Refused();
  let isWhole = true;
  for (const one of lacking) {
    const row = refused.has(one) ? undefined : one.placement.best(one.need);
    if (row === undefined) refused.add(one);
    const takeBack = row === undefined ? way.place(one) : one.placement.put(one.need, row);
    if (takeBack === undefined) isWhole = false;
    else undo.push(takeBack);
    if (!isWhole) break;
  }
  for (const takeBack of undo.toReversed()) takeBack();
  return isWhole ? way.plan() : undefined;
}

/** Whose like found no place: who comes after it finds none either. */
class Refused {
  readonly #shapes = new Map<LackingMember['placement'], Set<string>>();

  has({ placement, need }: LackingMember): boolean {
    return this.#shapes.get(placement)?.has(need.shape) === true;
  }

  add({ placement, need }: LackingMember): void {
    const shapes = this.#shapes.get(placement) ?? new Set<string>();
    this.#shapes.set(placement, shapes.add(need.shape));
  }
}

class AddingOnly implements Way {
  readonly #adding: Adding;

  constructor(reports: AppReports) {
    this.#adding = new Adding(reports);
  }

  place(lacking: LackingMember): (() => void) | undefined {
    return this.#adding.place(lacking);
  }

  plan(): Plan {
    return { cost: this.#adding.cost, changes: this.#adding.changes() };
  }
}

/** Member by member what is less: more on a node that there is, or a new one. */
class Mixing implements Way {
  readonly #enlarging: Enlarging;
  readonly #adding: Adding;

  constructor(reports: AppReports, members: number) {
    this.#enlarging = new Enlarging(reports, members);
    this.#adding = new Adding(reports);
  }

  place(lacking: LackingMember): (() => void) | undefined {
    const beside = this.#adding.placeBeside(lacking);
    if (beside !== undefined) return beside;
    const best = this.#enlarging.best(lacking);
    const added = best === undefined || best.cost >= NODE_COST ? this.#adding.place(lacking) : undefined;
    if (added !== undefined || best === undefined) return added;
    return this.#enlarging.place(lacking, best);
  }

  plan(): Plan {
    const changes = [...addedUp(this.#enlarging.changes), ...this.#adding.changes()];
    return { cost: this.#enlarging.cost + this.#adding.cost, changes };
  }
}
