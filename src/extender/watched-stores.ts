import { API_VERSION } from '../api/group.ts';
import { parseReservation } from '../api/parse.ts';
import { isReason } from '../api/reasons.ts';
import type { Reservation } from '../api/reservation.ts';
import type { WaitingApp } from '../core/admission/admission-world.ts';
import { ANNOTATION_LAUNCHED } from '../core/app/build/annotations.ts';
import { listOf, objectOf, textOf } from '../core/facts/json.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import { readMeta } from '../core/facts/read-meta.ts';
import { readNode } from '../core/facts/read-node.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Log } from '../kube/log.ts';
import { Reflector } from '../kube/reflector.ts';
import { NODE, POD, STATEFUL_SET, type ResourceType } from '../kube/resource-type.ts';
import { Store } from '../kube/store.ts';
import { readWatchedPod, type WatchedPod } from './watched-pod.ts';

/** A StatefulSet; `appUid` and `appName` are empty when no PersistentApp controls it. */
export interface WatchedWorkload {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly appUid: string;
  readonly appName: string;
  /** How many members have had a slot together, as the operator noted. */
  readonly launched: number;
}

/** What the extender watches, one store per kind. */
export interface WatchedStores {
  readonly nodes: Store<NodeFacts>;
  readonly pods: Store<WatchedPod>;
  readonly workloads: Store<WatchedWorkload>;
  readonly apps: Store<WaitingApp>;
  readonly reservations: Store<Reservation>;
}

const PERSISTENT_APP: ResourceType = {
  apiVersion: API_VERSION,
  kind: 'PersistentApp',
  plural: 'persistentapps',
  namespaced: true,
};
const RESERVATION: ResourceType = {
  apiVersion: API_VERSION,
  kind: 'Reservation',
  plural: 'reservations',
  namespaced: true,
};

export function emptyStores(log?: Log): WatchedStores {
  return {
    nodes: new Store<NodeFacts>(log),
    pods: new Store<WatchedPod>(log),
    workloads: new Store<WatchedWorkload>(log),
    apps: new Store<WaitingApp>(log),
    reservations: new Store<Reservation>(log),
  };
}

/** The part of a reflector that does not depend on its kind. */
export type Watch = Pick<Reflector<unknown>, 'plural' | 'synced' | 'run' | 'whenSynced' | 'lastEventAgeSeconds'>;

/** One watch per store. Nothing is read before they run. */
export function watchesOf(stores: WatchedStores, client: KubeClient, log: Log): readonly Watch[] {
  return [
    new Reflector({ client, log, type: NODE, project: readNode, store: stores.nodes }),
    new Reflector({ client, log, type: POD, project: readWatchedPod, store: stores.pods }),
    new Reflector({ client, log, type: STATEFUL_SET, project: readWorkload, store: stores.workloads }),
    new Reflector({ client, log, type: PERSISTENT_APP, project: readWaitingApp, store: stores.apps }),
    new Reflector({ client, log, type: RESERVATION, project: parseReservation, store: stores.reservations }),
  ];
}

export function readWorkload(raw: unknown): WatchedWorkload {
  const { uid, namespace, name, owner, annotations } = readMeta(objectOf(raw));
  const launched = Number(annotations[ANNOTATION_LAUNCHED] ?? 0) || 0;
  const isOurs = owner?.kind === 'PersistentApp' && owner.apiVersion.split('/')[0] === API_VERSION.split('/')[0];
  return { uid, namespace, name, appUid: isOurs ? owner.uid : '', appName: isOurs ? owner.name : '', launched };
}

/** An app, and what its Reserved condition says while that is not True. */
export function readWaitingApp(raw: unknown): WaitingApp {
  const app = objectOf(raw);
  const { uid, namespace, name } = readMeta(app);
  const conditions = listOf(objectOf(app['status'])['conditions']).map(objectOf);
  const reserved = conditions.find((condition) => condition['type'] === 'Reserved' && condition['status'] !== 'True');
  const reason = textOf(reserved?.['reason']);
  return {
    ref: { uid, namespace, name },
    reason: isReason(reason) ? reason : undefined,
    message: textOf(reserved?.['message']),
  };
}
