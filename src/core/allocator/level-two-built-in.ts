import { alsoLacking } from '../explain/also-lacking.ts';
import { explainMember } from '../explain/explain-member.ts';
import { AppPlacement } from '../placement/app-placement.ts';
import { type PlacedMember, placeGang } from '../placement/place-gang.ts';
import type { PlacementEngine } from '../placement/placement-engine.ts';
import type { Decline } from './decision.ts';
import type { Demand } from './demand.ts';
import { placeApps } from './gang-placement.ts';
import type { Answer, LevelTwo, Pending } from './level-two.ts';

/** Accepts by the stages and policies of core/placement. It reads the scratch itself, so that no offer of its is ever stale. */
export class BuiltInLevelTwo implements LevelTwo {
  readonly #engine: PlacementEngine;

  constructor(engine: PlacementEngine) {
    this.#engine = engine;
  }

  answer(pending: readonly Pending[]): Answer {
    const [only] = pending;
    return pending.length === 1 && only !== undefined ? this.#one(only) : this.#together(pending);
  }

  #one(pending: Pending): Answer {
    const placement = placementOf(this.#engine, pending);
    const outcome = placeGang(placement, pending.needs, pending.minMembers);
    if (outcome.kind === 'placed') return { kind: 'accept', placed: [outcome.placed] };
    const { blocked, beside } = outcome;
    const also = alsoLacking(pending.needs, outcome, pending.minMembers);
    const decline = explainMember(placement, pending.demand.app, blocked, also);
    return { kind: 'decline', app: 0, member: blocked.demand.member, beside: beside.length, decline };
  }

  #together(pending: readonly Pending[]): Answer {
    const apps = pending.map((item) => ({
      placement: placementOf(this.#engine, item, pending),
      needs: item.needs,
      minMembers: item.minMembers,
    }));
    const outcome = placeApps(apps);
    if (outcome.kind === 'placed') return { kind: 'accept', placed: outcome.placed };
    const { app, blocked, beside } = outcome;
    const [asked, placement] = [pending[app], apps[app]?.placement];
    if (asked === undefined || placement === undefined) throw new Error(`no app ${app} was asked`);
    const also = alsoLacking(asked.needs, { blocked, beside: beside[app] ?? [] }, asked.minMembers);
    const explained = explainMember(placement, asked.demand.app, blocked, also);
    const decline = isAlone(app, pending, beside) ? explained : withoutChange(explained);
    return { kind: 'decline', app, member: blocked.demand.member, beside: beside.flat().length, decline };
  }
}

/** Whether no other app of the gang lacks a member too. */
function isAlone(blocked: number, pending: readonly Pending[], beside: readonly (readonly PlacedMember[])[]): boolean {
  return pending.every(
    ({ minMembers }, app) => app === blocked || (beside[app]?.length ?? 0) >= Math.max(1, minMembers),
  );
}

/** What would make room for one app would not do for the gang. */
function withoutChange({ smallestChange: _smallest, changes: _changes, ...decline }: Decline): Decline {
  return decline;
}

/** The app on the engine's scratch; `gang` are all apps that are placed together with it. */
export function placementOf(
  { run, rules, suitability }: PlacementEngine,
  { demand }: Pending,
  gang: readonly Pending[] = [],
): AppPlacement {
  const beside = gang.length === 0 ? NOBODY : gang.map((item) => item.demand);
  const pods = run.pods.of(demand, beside);
  return new AppPlacement(run, suitability, { rules: rules.of(demand.rules), placed: demand.placed, demand, pods });
}

const NOBODY: readonly Demand[] = [];
