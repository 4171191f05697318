import type { PersistentApp } from '../api/persistent-app.ts';
import { gangOf } from '../core/app/gang.ts';
import type { PodFacts } from '../core/facts/pod-facts.ts';
import { objectKey } from '../kube/kube-object.ts';
import { appOfSpec, appsOfClaim, appsOfEvent, appsOfObject, appsOfPod, appsOfVolume } from './app-keys.ts';
import { BY_APP, BY_NODE, type Stores } from './caches.ts';

export interface Sleepers {
  /** An app must be looked at again, after so many seconds at most. */
  readonly wakeApp: (key: string, seconds: number) => void;
  /** Something changed that may free room for whoever waits. */
  readonly nudge: () => void;
}

const GATHER_SECONDS = 0.02;
const GATHER_REPLICAS = 20;

/** Says, from now on, which change concerns which app. Handlers only take notes. */
export function wakeApps(stores: Stores, { wakeApp, nudge }: Sleepers): void {
  const wakeNow = (key: string) => wakeApp(key, 0);
  const wake = (keys: readonly string[]) => keys.filter((key) => stores.apps.has(key)).forEach(wakeNow);
  /** What comes in bursts, one for each member, is gathered: the longer the more members there are to look at. */
  const wakeSoon = (keys: readonly string[]) => {
    for (const key of keys) {
      const app = stores.apps.get(key);
      if (app !== undefined) wakeApp(key, GATHER_SECONDS * (1 + app.spec.replicas / GATHER_REPLICAS));
    }
  };
  // Gone ones too: what was kept of them in memory goes.
  stores.apps.onChange((key, next, previous) => {
    wakeNow(key);
    // The others of its gang may wait for just that.
    if (gangNews(next) !== gangNews(previous)) nudge();
  });
  stores.reservations.onChange((key) => {
    // Without an app too: one that nobody owns is to be removed.
    wakeNow(key);
    nudge();
  });
  stores.pods.onChange((_key, next, previous) => {
    wakeSoon(both(next, previous, appsOfPod));
    if (takesRoom(previous) !== takesRoom(next)) nudge();
  });
  stores.claims.onChange((_key, next, previous) => {
    wakeSoon(both(next, previous, appsOfClaim));
    nudge();
  });
  for (const store of [stores.services, stores.statefulSets, stores.budgets]) {
    store.onChange((_key, next, previous) => wakeSoon(both(next, previous, appsOfObject)));
  }
  stores.nodes.onChange((name) => {
    wake(appsOnNode(stores, name));
    nudge();
  });
  stores.namespaces.onChange((name) => wakeWhere(stores, (app) => app.metadata.namespace === name, wakeNow));
  stores.frameworks.onChange((name, next, previous) => {
    // Its status is our own words.
    if (next?.metadata.generation === previous?.metadata.generation) return;
    // A child makes its parent one that takes no apps.
    const names = [...frameworksBelow(stores, [name]), next?.spec.parent, previous?.spec.parent];
    wakeWhere(stores, (app) => names.includes(app.spec.framework), wakeNow);
    nudge();
  });
  stores.pools.onChange((name, next, previous) => {
    const sameClass = next?.status?.storageClassName === previous?.status?.storageClassName;
    if (sameClass && next?.metadata.generation === previous?.metadata.generation) return;
    wakeWhere(stores, (app) => app.spec.volumeClaims.some((claim) => claim.pool === name), wakeNow);
    nudge();
  });
  stores.storageClasses.onChange(() => {
    wakeWhere(stores, (app) => app.spec.volumeClaims.length > 0, wakeNow);
    nudge();
  });
  stores.volumes.onChange((_key, next, previous) => {
    nudge();
    if (next?.retiring !== undefined || previous?.retiring !== undefined) wake(both(next, previous, appsOfVolume));
  });
  stores.volumeEvents.onChange((_key, next, previous) =>
    wake(both(next ?? undefined, previous ?? undefined, appsOfEvent)),
  );
  stores.appOperations.onChange((_key, next, previous) => wake(both(next, previous, (item) => [appOfSpec(item)])));
  stores.appBackups.onChange((_key, next, previous) => {
    wake(
      both(next, previous, (item) => [appOfSpec(item)]).filter(
        (key) => stores.appOperations.keysByIndex(BY_APP, key).length > 0,
      ),
    );
  });
  stores.capacities.onChange(nudge);
  stores.drivers.onChange(nudge);
  stores.csiNodes.onChange(nudge);
  stores.attachments.onChange((_key, next, previous) => {
    nudge();
    // A volume that nothing ties to its old node any more lets its member in.
    const claim = next === undefined ? stores.volumes.get(previous?.volumeName ?? '')?.claim : undefined;
    if (claim !== undefined) wake(appsOfClaim({ ...claim, labels: {} }));
  });
}

/** Those named and all below them, which are revocable when these are. */
function frameworksBelow(stores: Stores, names: readonly string[]): readonly string[] {
  const children = [...stores.frameworks.entries()].flatMap(([name, { spec }]) =>
    names.includes(spec.parent ?? '') && !names.includes(name) ? [name] : [],
  );
  return children.length === 0 ? names : frameworksBelow(stores, [...names, ...children]);
}

/** What the other apps of its gang look at. */
function gangNews(app: PersistentApp | undefined): string {
  if (app === undefined || gangOf(app) === undefined) return '';
  const { uid, generation, deletionTimestamp } = app.metadata;
  return [uid, generation, deletionTimestamp, app.status?.summary.reason].join(' ');
}

/** Where a pod takes room, empty when it takes none; with how much, since that can change in place. */
function takesRoom(pod: PodFacts | undefined): string {
  if (pod === undefined || pod.phase === 'Succeeded' || pod.phase === 'Failed') return '';
  return pod.nodeName === '' ? '' : `${pod.nodeName} ${JSON.stringify(pod.requests)}`;
}

function both<T>(
  next: T | undefined,
  previous: T | undefined,
  appsOf: (item: T) => readonly string[],
): readonly string[] {
  return [...new Set([next, previous].flatMap((item) => (item === undefined ? [] : appsOf(item))))];
}

/** Keys of apps with a pod or a slot on the node. */
export function appsOnNode(stores: Stores, node: string): readonly string[] {
  const reserved = stores.reservations
    .byIndex(BY_NODE, node)
    .map(({ metadata, spec }) => objectKey(metadata.namespace, spec.app.name));
  return [...new Set([...reserved, ...stores.pods.byIndex(BY_NODE, node).flatMap(appsOfPod)])];
}

function wakeWhere(
  stores: Stores,
  concerns: (app: ReturnType<Stores['apps']['list']>[number]) => boolean,
  wakeApp: (key: string) => void,
): void {
  for (const [key, app] of stores.apps.entries()) if (concerns(app)) wakeApp(key);
}
