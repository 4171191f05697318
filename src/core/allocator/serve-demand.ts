import type { TenantCharges } from '../fairness/tenant-charges.ts';
import { type MemberNeed, memberNeed } from '../placement/member-need.ts';
import type { PlacedMember } from '../placement/place-gang.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import { rulesKey } from '../placement/rules-key.ts';
import type { PlacementRun } from '../placement/surroundings.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { acceptedSlot } from './accepted-slot.ts';
import type { Decision, Decline } from './decision.ts';
import { type BlockedUnit, blockedBy, declineUnit, declined } from './declined-unit.ts';
import type { Demand } from './demand.ts';
import { memberRequest } from './demand-charge.ts';
import type { DemandUnit } from './gang-units.ts';
import { BuiltInLevelTwo } from './level-two-built-in.ts';
import { type LevelTwo, Offers, type Pending } from './level-two.ts';
import { membersWithinLimits } from './within-limits.ts';

/** Good while the scratch is as it was. */
interface KnownRefusal extends BlockedUnit {
  readonly version: number;
}

/** Serves demands one after another on one scratch: what one was given, the next finds taken. */
export class DemandServer {
  readonly #view: ClusterView;
  readonly #charges: TenantCharges;
  readonly #run: PlacementRun;
  readonly #levelTwo: LevelTwo;
  readonly #refusals = new Map<string, KnownRefusal>();
  /** The version of the scratch at the last refusal that was kept. */
  #refusedAt: number | undefined;

  constructor(view: ClusterView, charges: TenantCharges, now: number, engine = new PlacementEngine(view, now)) {
    this.#view = view;
    this.#charges = charges;
    this.#run = engine.run;
    this.#levelTwo = new BuiltInLevelTwo(engine);
  }

  /** One decision for each demand of the unit: all accept, or all decline. */
  serveUnit(unit: DemandUnit): readonly Decision[] {
    const pending = this.#pending(unit);
    if ('decline' in pending) return declineUnit(unit, pending);
    const { scratch } = this.#run;
    // While somebody is placed at every turn nobody needs to be compared with who was refused.
    const known = this.#refusedAt === scratch.version ? this.#likeness(pending) : undefined;
    const alike = known === undefined ? undefined : this.#refusals.get(known);
    if (alike?.version === scratch.version) return declineUnit(unit, withMember(alike, pending));
    const mark = scratch.mark();
    for (const { needs } of pending) this.#liftAll(needs);
    const answer = this.#levelTwo.answer(pending);
    if (answer.kind === 'accept') {
      return pending.map((item, app) => this.#accept(item, answer.placed[app] ?? []));
    }
    scratch.rollback(mark);
    const blocked = blockedBy(answer, pending);
    const key = known ?? this.#likeness(pending);
    if (key !== undefined) {
      this.#refusals.set(key, { ...blocked, version: scratch.version });
      this.#refusedAt = scratch.version;
    }
    return declineUnit(unit, blocked);
  }

  /** What members have already is free for them. */
  #liftAll(needs: readonly MemberNeed[]): void {
    for (const { isFresh, id, claims } of needs) {
      if (!isFresh || claims.length > 0) this.#run.scratch.lift(id, claims);
    }
  }

  /** See likeness(): for demands that do not look at other pods. */
  #likeness(pending: readonly Pending[]): string | undefined {
    return pending.some(({ demand }) => this.#run.pods.dependsOnPods(demand)) ? undefined : likeness(pending);
  }

  /** What level two is to be asked; or why nobody needs to be asked. */
  #pending(unit: DemandUnit): readonly Pending[] | BlockedUnit {
    const { demands } = unit;
    for (let app = 0; app < demands.length; app += 1) {
      const decline = this.#refusedOutright(demands[app]);
      if (decline !== undefined) return { app, decline, ...NOBODY };
    }
    const allowed = membersWithinLimits(this.#view, this.#charges, unit);
    if ('decline' in allowed) return { ...allowed, ...NOBODY };
    return demands.map((demand, app) => ({
      demand,
      needs: (allowed[app] ?? []).map((member) => memberNeed(this.#view, demand, member)),
      minMembers: demand.minMembers,
      offers: new Offers(demand.framework, this.#run),
    }));
  }

  #refusedOutright(demand: Demand | undefined): Decline | undefined {
    if (demand === undefined) return undefined;
    const problem = this.#charges.problemOf(demand.framework);
    if (problem !== undefined) return declined(demand, problem.reason, problem.message);
    const { members, minMembers } = demand;
    if (members.length === 0) return declined(demand, 'GangIncomplete', 'no member asks for a place');
    if (members.length >= minMembers) return undefined;
    const message = `${members.length} members ask for places, ${minMembers} must get them together`;
    return declined(demand, 'GangIncomplete', message);
  }

  #accept({ demand, needs }: Pending, placed: readonly PlacedMember[]): Decision {
    const { scratch } = this.#run;
    for (const { need, row } of placed) if (!need.isFresh) scratch.settle(need, row);
    if (placed.length < needs.length) {
      const taken = new Set(placed.map(({ need }) => need));
      for (const need of needs) if (!taken.has(need)) scratch.unlift(need.id, need.claims);
    }
    const { columns } = this.#charges;
    const leaf = this.#charges.leafOf(demand.framework) ?? 0;
    for (const { need } of placed) {
      this.#charges.chargeVector(leaf, memberRequest(this.#view, columns, demand.app, need.demand));
    }
    const ordered =
      placed.length === 1 ? placed : placed.toSorted((a, b) => a.need.demand.ordinal - b.need.demand.ordinal);
    return { kind: 'accept', app: demand.app, slots: ordered.map((member) => acceptedSlot(this.#view, member)) };
  }
}

/** No member stood in the way: nobody was tried. */
const NOBODY = { index: 0, member: '', beside: 0 } as const;

/** The refusal of one demand, told to another that is like it. */
function withMember(known: KnownRefusal, [asked]: readonly Pending[]): BlockedUnit {
  const member = asked?.needs[known.index]?.demand.member ?? '';
  const app = asked?.demand.app ?? known.decline.app;
  let refusals: Decline['refusals'] | undefined;
  const decline: Decline = {
    ...known.decline,
    app,
    // Made when somebody looks at them: thousands may wait for the same.
    get refusals() {
      refusals ??= known.decline.refusals.map((refusal) => ({ ...refusal, member }));
      return refusals;
    },
  };
  return { ...known, member, decline };
}

/**
 * Equal for demands that find the same answer on the same scratch. Undefined for one that is like no other: its members have
 * something already, or want what does not exist; or it is one of a gang.
 */
function likeness([asked, ...others]: readonly Pending[]): string | undefined {
  if (asked === undefined || others.length > 0) return undefined;
  const { demand, needs } = asked;
  if (demand.placed.length > 0 || needs.some(({ isFresh, impossible }) => !isFresh || impossible.length > 0)) {
    return undefined;
  }
  return likenessOf(demand, needs);
}

function likenessOf({ rules, minMembers }: Demand, needs: readonly MemberNeed[]): string {
  let key = `${rulesKey(rules)} ${minMembers}`;
  for (const { shape } of needs) key += `\n${shape}`;
  return key;
}
