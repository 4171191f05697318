import { alsoLacking } from '../explain/also-lacking.ts';
import { explainMember } from '../explain/explain-member.ts';
import { AppPlacement } from '../placement/app-placement.ts';
import { placeGang } from '../placement/place-gang.ts';
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
    const also = alsoLacking(pending.needs, outcome, pending.minMembers).map((need) => ({ placement, need }));
    const decline = withSearch(explainMember(placement, pending.demand.app, blocked, also), outcome);
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
    const also = apps.flatMap((one, i) =>
      alsoLacking(one.needs, { blocked, beside: beside[i] ?? [] }, one.minMembers).map((need) => ({
        placement: one.placement,
        need,
      })),
    );
    const decline = withSearch(explainMember(placement, asked.demand.app, blocked, also), outcome);
    return { kind: 'decline', app, member: blocked.demand.member, beside: beside.flat().length, decline };
  }
}

/** Says so when there may be an arrangement that was not tried. */
function withSearch(decline: Decline, { isWhole }: { readonly isWhole: boolean }): Decline {
  return isWhole ? decline : { ...decline, message: `${decline.message}; ${NOT_ALL_TRIED}` };
}

/** Of a refusal: the members differ, and there are more arrangements of them than are tried. */
export const NOT_ALL_TRIED = 'not every arrangement of the members was tried';

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
