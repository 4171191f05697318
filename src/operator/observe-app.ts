import type { PersistentApp } from '../api/persistent-app.ts';
import type { Reservation } from '../api/reservation.ts';
import type { AppFacts } from '../core/app/facts.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { withDefaultFramework } from '../core/fairness/default-framework.ts';
import { frameworksBelow } from '../core/fairness/frameworks-below.ts';
import type { FailedMaking } from '../core/volumes/failed-making.ts';
import { isRevocable } from '../core/fairness/revocable.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Store } from '../kube/store.ts';
import type { LiveAdoptee } from './adoptee-reader.ts';
import { observeVolumeHealth } from './observe-volume-health.ts';
import { backupsInUse } from './backup-sources.ts';
import { BY_APP, type Stores } from './caches.ts';
import { freeBytes } from './free-bytes.ts';

/** What an app's facts need that no store holds. */
export interface Known {
  /** The newest Reservation under the app's name, our own last write included; an earlier app's too. */
  readonly reservation: Reservation | undefined;
  readonly decline: AppFacts['decline'];
  readonly declines?: AppFacts['declines'];
  readonly templateProblem: string | undefined;
  readonly podAnswer?: AppFacts['podAnswer'];
  /** What it is to be made of, read live; absent: it has its own. */
  readonly adoptee?: LiveAdoptee | undefined;
  /** The app's AppOperations, with what we wrote last. */
  readonly operations?: AppFacts['operations'];
  /** How full its volumes are; absent: nobody asks. */
  readonly volumeUsage?: AppFacts['volumeUsage'];
  readonly memberPriorityClass: string;
  readonly schedulerName: string;
  /** What its volumes may be filled from; absent: nobody asks. */
  readonly dataSources?: AppFacts['dataSources'];
  /** Where volumes of these claims could not be made; absent: nobody asks. */
  readonly failedMakings?: (claims: AppFacts['claims']) => readonly FailedMaking[];
  /** What is wrong with the app's nodes; absent: nobody asks. */
  readonly recovery?: (parts: Pick<AppFacts, 'reservation' | 'pods' | 'claims'>) => AppFacts['recovery'];
}

/** Reads all that a plan for this app looks at, at one moment, from memory. */
export function observeApp(app: PersistentApp, stores: Stores, known: Known): AppFacts {
  const { namespace, name } = app.metadata;
  const key = objectKey(namespace, name);
  const pods = stores.pods.byIndex(BY_APP, key);
  const child = (store: Store<KubeObject>) => store.get(key);
  const nodeNames = [
    ...(known.reservation?.spec.slots ?? []).map((slot) => slot.node),
    ...pods.map((pod) => pod.nodeName),
  ];
  const claims = stores.claims.byIndex(BY_APP, key);
  const frameworks = withDefaultFramework(stores.frameworks.list());
  const frameworkOf = (named: string) => frameworks.find((framework) => framework.metadata.name === named);
  return {
    app,
    framework: frameworkOf(app.spec.framework),
    isRevocable: isRevocable(app.spec.framework, (named) => frameworkOf(named)?.spec),
    frameworkChildren: frameworksBelow(app.spec.framework, frameworks),
    namespaceLabels: stores.namespaces.get(namespace)?.labels ?? {},
    pools: byName(stores.pools.list(), (pool) => pool.metadata.name),
    storageClasses: byName(stores.storageClasses.list(), (storageClass) => storageClass.name),
    reservation: known.reservation,
    service: child(stores.services),
    statefulSet: known.adoptee === undefined ? child(stores.statefulSets) : known.adoptee.statefulSet,
    podDisruptionBudget: child(stores.budgets),
    pods,
    claims,
    nodes: byName(
      [...new Set(nodeNames)].flatMap((node) => stores.nodes.get(node) ?? []),
      (node) => node.name,
    ),
    decline: known.decline,
    declines: known.declines,
    ...observeVolumeHealth(key, stores),
    operations: known.operations ?? [],
    dataSources: known.dataSources,
    backups: stores.appBackups.byIndex(BY_APP, key),
    ...backupsInUse(app, stores),
    freeBytes: freeBytes(app, claims, stores),
    volumeUsage: known.volumeUsage,
    failedMakings: known.failedMakings?.(claims) ?? [],
    templateProblem: known.templateProblem,
    podAnswer: known.podAnswer,
    memberPriorityClass: known.memberPriorityClass,
    schedulerName: known.schedulerName,
    recovery: known.recovery?.({ reservation: known.reservation, pods, claims }),
  };
}

function byName<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [nameOf(item), item]));
}
