import { KINDS } from '../api/kind.ts';
import type { LoadedCluster } from '../core/view/load-objects.ts';
import { isRecord } from '../kube/kube-object.ts';

type Raw = Readonly<Record<string, unknown>>;

/**
 * An object of a file as it would be once applied: in a namespace, with the UID and status of the object that it is applied to, or, as
 * a new one, with a UID that nobody has. Answers its key in the cluster too.
 */
export function withClusterIdentity(
  object: Raw,
  cluster: LoadedCluster,
  namespace: string,
): { readonly object: Raw; readonly key: string } {
  const kind = KINDS.find((one) => one.kind === object['kind']);
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const name = String(metadata['name']);
  if (kind === undefined) return { object, key: name };
  const place = kind.scope === 'Cluster' ? {} : { namespace: textOr(metadata['namespace'], namespace) };
  const key = place.namespace === undefined ? name : `${place.namespace}/${name}`;
  const live = existing(object['kind'], cluster, key);
  const uid = live?.metadata.uid ?? `simulated ${kind.kind} ${key}`;
  const generation = (live?.metadata.generation ?? 0) + 1;
  return { key, object: { ...object, metadata: { ...metadata, ...place, uid, generation }, status: live?.status } };
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

function existing(kind: unknown, { apps, frameworks, pools }: LoadedCluster, key: string) {
  if (kind === 'PersistentApp') return apps.get(key);
  if (kind === 'Framework') return frameworks.get(key);
  return kind === 'StoragePool' ? pools.get(key) : undefined;
}
