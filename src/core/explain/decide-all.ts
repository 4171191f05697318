import { allocate } from '../allocator/allocate.ts';
import type { Decision } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import { plan } from '../app/make-plan.ts';
import type { Plan } from '../app/plan.ts';
import { type QueuePlace, queuePosition } from '../fairness/queue-position.ts';
import { type FrameworkAccount, frameworkAccounts } from '../offers/framework-account.ts';
import { tenantsOf } from '../offers/tenants-of.ts';
import type { LoadedCluster } from '../view/load-objects.ts';
import { LoadedApps } from './app-facts-of.ts';
import { servableDemands } from './servable-demands.ts';

/** What the operator would find now, if the cluster were as it was loaded. Keys are `namespace/name`. */
export interface Decided {
  readonly plans: ReadonlyMap<string, Plan>;
  /** Those that can be decided about: of gangs those of whom all apps ask. */
  readonly demands: readonly Demand[];
  /** In the order in which they are served; last those that wait for other apps of their gangs. */
  readonly decisions: readonly Decision[];
  readonly accounts: readonly FrameworkAccount[];
  /** Who stands where in the queue, by UID of the app. */
  readonly places: ReadonlyMap<string, QueuePlace>;
}

/** Plans every app and serves every demand, by the very functions that the operator runs. `now` is epoch seconds. */
export function decideAll(cluster: LoadedCluster, now: number): Decided {
  const loaded = new LoadedApps(cluster);
  const plans = new Map([...cluster.apps].map(([key, app]) => [key, plan(loaded.factsOf(app), now)] as const));
  const all = [...plans.values()].flatMap((one) => one.demand ?? []);
  const tenants = tenantsOf(cluster.frameworks.values());
  const { demands, waiting } = servableDemands(cluster, all);
  return {
    plans,
    demands,
    decisions: [...allocate(cluster.view, tenants, demands, now), ...waiting],
    accounts: frameworkAccounts(cluster.view, tenants, all),
    places: queuePosition(cluster.view, tenants, all, now),
  };
}

/** The key of an app or of what is about one. */
export function appKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
