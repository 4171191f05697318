import type { Decision, Decline } from '../allocator/decision.ts';
import type { AppRef, Demand } from '../allocator/demand.ts';
import type { DemandUnit } from '../allocator/gang-units.ts';
import { AppPlacement } from '../placement/app-placement.ts';
import { type MemberNeed, memberNeed } from '../placement/member-need.ts';
import type { PlacementEngine } from '../placement/placement-engine.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Amount } from '../view/columns.ts';
import { isLackOfRoom, nearestRow } from './nearest-row.ts';
import type { TenantCharges } from './tenant-charges.ts';

/** A node whose free room is kept for a member that has waited too long. */
export interface Earmark {
  readonly app: AppRef;
  readonly framework: string;
  readonly member: string;
  readonly row: number;
  readonly amount: Amount;
  readonly sinceSeconds: number;
}

/** So many apps of those that have waited longest have nodes set aside at once; each costs a look at every node per member. */
const MOST_APPS = 8;
const MOST_MEMBERS = 64;

/**
 * Sets nodes aside for those that starve, so that smaller ones behind them do not take what they wait for. An app starves when it found
 * no room at its turn for longer than its framework's starvationSeconds. It is put where least has to be freed, of what members of
 * apps hold (others may never go), though it does not fit there yet: so the room counts as taken for all later turns of the run. When
 * it fits nowhere even then, nothing is set aside.
 */
export class Earmarks {
  readonly #view: ClusterView;
  readonly #engine: PlacementEngine;
  readonly #now: number;
  /** UIDs of the lead apps that may have nodes set aside. */
  readonly #starving: ReadonlySet<string>;
  readonly all: Earmark[] = [];

  /** `now` is epoch seconds; `starving` are all that starve. */
  constructor(
    engine: PlacementEngine,
    { starving, now }: { readonly starving: readonly DemandUnit[]; readonly now: number },
  ) {
    this.#view = engine.run.view;
    this.#engine = engine;
    this.#now = now;
    const longest = starving.toSorted((a, b) => startOf(a.lead) - startOf(b.lead) || byUid(a.lead, b.lead));
    this.#starving = new Set(longest.slice(0, MOST_APPS).map(({ lead }) => lead.app.uid));
  }

  /** To be called with each answer: sets aside for who starves, and says of others what they would have without that. */
  heard(unit: DemandUnit, decisions: readonly Decision[]): readonly Decision[] {
    // The frequent case: nobody starves.
    if (this.#starving.size === 0) return decisions;
    const declines = decisions.filter((decision) => decision.kind === 'decline');
    if (declines.length === 0 || declines.length < decisions.length) return decisions;
    const said = this.all.length === 0 ? decisions : declines.map((decline) => this.#sayOf(decline, unit));
    if (this.#starving.has(unit.lead.app.uid) && declines.some(lacksRoom)) this.#setAside(unit);
    return said;
  }

  #setAside({ demands }: DemandUnit): void {
    const mark = this.#engine.run.scratch.mark();
    const marks: Earmark[] = [];
    for (const demand of demands) {
      const found = this.#placesOf(demand);
      if (found === undefined) {
        this.#engine.run.scratch.rollback(mark);
        return;
      }
      marks.push(...found);
    }
    this.all.push(...marks);
  }

  #placesOf(demand: Demand): readonly Earmark[] | undefined {
    const { run, rules, suitability } = this.#engine;
    const placement = new AppPlacement(run, suitability, {
      rules: rules.of(demand.rules),
      placed: demand.placed,
      demand,
      pods: run.pods.of(demand),
    });
    const least = demand.members.toSorted((a, b) => a.ordinal - b.ordinal).slice(0, Math.max(1, demand.minMembers));
    if (least.length > MOST_MEMBERS) return undefined;
    const marks: Earmark[] = [];
    for (const member of least) {
      const need = memberNeed(this.#view, demand, member);
      const row = placement.best(need) ?? nearestRow(placement, need);
      if (row === undefined) return undefined;
      placement.put(need, row);
      marks.push(this.#markOf(demand, need, row));
    }
    return marks;
  }

  #markOf({ app, framework, pendingSinceSeconds }: Demand, need: MemberNeed, row: number): Earmark {
    const { amount, demand } = need;
    return { app, framework, member: demand.member, row, amount, sinceSeconds: pendingSinceSeconds };
  }

  /** Whether what is set aside is what it lacks: then that is the reason, and whose it is comes first. */
  #sayOf(decline: Decline, { demands }: DemandUnit): Decision {
    const asked = demands.find(({ app }) => app.uid === decline.app.uid);
    const [member] = asked?.members ?? [];
    if (asked === undefined || member === undefined || !lacksRoom(decline)) return decline;
    const need = memberNeed(this.#view, asked, member);
    const marks = this.all.filter(
      (mark) => this.#wouldFit(need, mark.row) && onlyLacksRoom(decline, this.#nodeOf(mark)),
    );
    const [first] = marks;
    if (first === undefined) return decline;
    const nodes = new Set(marks.map((mark) => this.#nodeOf(mark)));
    const waited = Math.round(this.#now - first.sinceSeconds);
    const whose = `${first.app.namespace}/${first.app.name} of framework ${first.framework}, which has waited ${waited} s`;
    const where = nodes.size === 1 ? this.#nodeOf(first) : `${this.#nodeOf(first)} and ${nodes.size - 1} more nodes`;
    const message = `${where} would have room, and is set aside for ${whose}; else ${decline.message}`;
    const nodesByReason = { ...decline.nodesByReason, Earmarked: nodes.size };
    return { ...decline, reason: 'Earmarked', message, nodesByReason };
  }

  #nodeOf({ row }: Earmark): string {
    return this.#view.nodeTable.names[row] ?? '';
  }

  #wouldFit({ amount }: MemberNeed, row: number): boolean {
    const { scratch } = this.#engine.run;
    return amount.columns.every((column, i) => {
      let free = scratch.freeAt(row, column);
      for (const mark of this.all) {
        if (mark.row === row) free += mark.amount.values[mark.amount.columns.indexOf(column)] ?? 0;
      }
      return free >= (amount.values[i] ?? 0);
    });
  }
}

/** Whether it has waited for longer than its framework lets its apps wait. `now` is epoch seconds. */
export function isStarving(charges: TenantCharges, { framework, pendingSinceSeconds }: Demand, now: number): boolean {
  const after = charges.tenant(framework)?.starvationSeconds ?? Number.POSITIVE_INFINITY;
  return now - pendingSinceSeconds >= after;
}

function lacksRoom({ nodesByReason }: Decline): boolean {
  return Object.keys(nodesByReason).some((reason) => isLackOfRoom(reason));
}

function onlyLacksRoom({ refusals }: Decline, node: string): boolean {
  const there = refusals.filter((refusal) => refusal.node === node);
  return there.length > 0 && there.every(({ reason }) => isLackOfRoom(reason));
}

function startOf({ pendingSinceSeconds }: Demand): number {
  return pendingSinceSeconds;
}

function byUid(a: Demand, b: Demand): number {
  return a.app.uid < b.app.uid ? -1 : 1;
}
