import { ANNOTATION_ADOPT } from '../api/labels.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { objectKey } from '../kube/kube-object.ts';
import { STATEFUL_SET } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { Stores } from './caches.ts';

/** What is under the app's name now; undefined: nothing. */
export interface LiveAdoptee {
  readonly statefulSet: KubeObject | undefined;
}

/**
 * The StatefulSet that the app is to be made of, past the cache, which keeps no more than the names of those that are not ours. Undefined: the
 * app adopts nothing (any more), or not what is there. Throws what the API server answered.
 */
export async function readAdoptee(
  { metadata, status }: PersistentApp,
  stores: Pick<Stores, 'statefulSets'>,
  reader: Pick<Writer, 'get'>,
): Promise<LiveAdoptee | undefined> {
  const uid = metadata.annotations[ANNOTATION_ADOPT];
  if (uid === undefined || status?.adopted === uid) return undefined;
  const { namespace, name } = metadata;
  if (stores.statefulSets.get(objectKey(namespace, name))?.metadata.uid !== uid) return undefined;
  return { statefulSet: (await reader.get(STATEFUL_SET, namespace, name)) as KubeObject | undefined };
}
