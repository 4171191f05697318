import type { Reason } from '../../api/reasons.ts';
import { explainMember } from '../explain/explain-member.ts';
import type { TenantCharges } from '../fairness/tenant-charges.ts';
import { AppPlacement } from '../placement/app-placement.ts';
import { RuleBook } from '../placement/compiled-rules.ts';
import { type MemberNeed, memberNeed } from '../placement/member-need.ts';
import { NodeValues } from '../placement/node-values.ts';
import { type PlacedMember, placeGang } from '../placement/place-gang.ts';
import { SuitabilityBook } from '../placement/suitability.ts';
import type { PlacementRun } from '../placement/surroundings.ts';
import { add } from '../resources/vector.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { acceptedSlot } from './accepted-slot.ts';
import type { Decision, Decline } from './decision.ts';
import type { Demand } from './demand.ts';
import { memberCharge } from './demand-charge.ts';

/** Why a demand found no place: of its members in the order of ordinals, which one stood in the way, and how many fitted beside it. */
interface Blocked {
  readonly index: number;
  readonly beside: number;
  readonly decline: Decline;
}

/** Good while the scratch is as it was. */
interface KnownRefusal extends Blocked {
  readonly version: number;
}

/** Serves demands one after another on one scratch: what one was given, the next finds taken. */
export class DemandServer {
  readonly #view: ClusterView;
  readonly #charges: TenantCharges;
  readonly #run: PlacementRun;
  readonly #rules: RuleBook;
  readonly #suitability: SuitabilityBook;
  readonly #refusals = new Map<string, KnownRefusal>();

  constructor(view: ClusterView, charges: TenantCharges, now: number) {
    const values = new NodeValues(view);
    this.#view = view;
    this.#charges = charges;
    this.#rules = new RuleBook(view, values);
    const scratch = view.scratch();
    this.#run = { view, scratch, values, now };
    this.#suitability = new SuitabilityBook(view, scratch);
  }

  serve(demand: Demand): Decision {
    const impossible = this.#refusedOutright(demand);
    if (impossible !== undefined) return impossible;
    const allowed = this.#withinLimit(demand);
    if (allowed.length < Math.max(1, demand.minMembers)) return this.#overLimit(demand, allowed.length);
    const needs = allowed.map((member) => memberNeed(this.#view, demand, member));
    const key = likeness(demand, needs);
    const alike = key === undefined ? undefined : this.#refusals.get(key);
    if (alike?.version === this.#run.scratch.version) return declineOf(demand, needs, alike);
    const mark = this.#run.scratch.mark();
    for (const need of needs) this.#run.scratch.lift(need.id, need.claims);
    const placement = new AppPlacement(this.#run, this.#suitability, {
      rules: this.#rules.of(demand.rules),
      placed: demand.placed,
    });
    const outcome = placeGang(placement, needs, demand.minMembers);
    if (outcome.kind === 'placed') return this.#accept(demand, needs, outcome.placed);
    const blocked = {
      index: needs.indexOf(outcome.blocked),
      beside: outcome.beside.length,
      decline: explainMember(placement, demand.app, outcome.blocked),
    };
    this.#run.scratch.rollback(mark);
    if (key !== undefined) this.#refusals.set(key, { ...blocked, version: this.#run.scratch.version });
    return declineOf(demand, needs, blocked);
  }

  #accept(demand: Demand, needs: readonly MemberNeed[], placed: readonly PlacedMember[]): Decision {
    const taken = new Set(placed.map(({ need }) => need));
    for (const { need, row } of placed) this.#run.scratch.settle(need, row);
    for (const need of needs) if (!taken.has(need)) this.#run.scratch.unlift(need.id, need.claims);
    for (const { need } of placed) {
      this.#charges.charge(demand.framework, memberCharge(this.#view, demand.app, need.demand));
    }
    const slots = placed
      .toSorted((a, b) => a.need.demand.ordinal - b.need.demand.ordinal)
      .map((member) => acceptedSlot(this.#view, member));
    return { kind: 'accept', app: demand.app, slots };
  }

  #refusedOutright(demand: Demand): Decline | undefined {
    if (this.#charges.tenant(demand.framework) === undefined) {
      return declined(demand, 'FrameworkNotFound', `there is no framework ${demand.framework}`);
    }
    const { members, minMembers } = demand;
    if (members.length === 0) return declined(demand, 'GangIncomplete', 'no member asks for a place');
    if (members.length >= minMembers) return undefined;
    const message = `${members.length} members ask for places, ${minMembers} must get them together`;
    return declined(demand, 'GangIncomplete', message);
  }

  /** The lowest ordinals that the tenant's limits leave room for. */
  #withinLimit(demand: Demand): Demand['members'] {
    let total = {};
    let count = 0;
    const byOrdinal = demand.members.toSorted((a, b) => a.ordinal - b.ordinal);
    for (const member of byOrdinal) {
      total = add(total, memberCharge(this.#view, demand.app, member));
      if (this.#charges.overLimit(demand.framework, total) !== undefined) break;
      count += 1;
    }
    return byOrdinal.slice(0, count);
  }

  #overLimit(demand: Demand, allowed: number): Decline {
    let total = {};
    const least = Math.max(1, demand.minMembers);
    for (const member of demand.members.toSorted((a, b) => a.ordinal - b.ordinal).slice(0, least)) {
      total = add(total, memberCharge(this.#view, demand.app, member));
    }
    const why = this.#charges.overLimit(demand.framework, total) ?? `framework ${demand.framework} is at its limit`;
    const room = allowed > 0 ? ` (${allowed} of the ${least} members that must start together would be within it)` : '';
    return declined(demand, 'FrameworkLimit', `${why}${room}`);
  }
}

function declined({ app }: Demand, reason: Reason, message: string): Decline {
  return { kind: 'decline', app, reason, message, nodesByReason: {}, refusals: [] };
}

function declineOf({ app, minMembers }: Demand, needs: readonly MemberNeed[], blocked: Blocked): Decline {
  const member = needs[blocked.index]?.demand.member ?? '';
  const refusals = blocked.decline.refusals.map((refusal) => ({ ...refusal, member }));
  const decline = { ...blocked.decline, app, refusals };
  if (blocked.beside === 0) return decline;
  const together = `${blocked.beside} of the ${Math.max(1, minMembers)} members that must start together fit`;
  return { ...decline, reason: 'GangIncomplete', message: `${together}; then ${member}: ${decline.message}` };
}

/**
 * Equal for demands that find the same answer on the same scratch. Undefined for one that is like no other: its members have
 * something already, or want what does not exist.
 */
function likeness({ rules, placed, minMembers }: Demand, needs: readonly MemberNeed[]): string | undefined {
  if (placed.length > 0 || needs.some((need) => !need.isFresh || need.impossible.length > 0)) return undefined;
  return JSON.stringify([rules, minMembers, needs.map(({ shape }) => shape)]);
}
