import type { Action, KubeObject } from '../core/app/plan.ts';
import { controllerOf, readList, readString } from '../core/app/read-field.ts';
import { PERSISTENT_VOLUME_CLAIM, POD } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import { NotOursError } from './not-ours-error.ts';

type Adopts = NonNullable<Extract<Action, { kind: 'orphanPods' }>['adopts']>;
type Reader = Pick<Writer, 'get'>;

/**
 * Live reads before a StatefulSet of somebody's is removed without its pods: it has no owner, controls exactly the pods whose slots were
 * written down, and no claim is tied to it. Throws NotOursError for anything else; the plan looks again then.
 */
export async function checkAdoptable(reader: Reader, live: KubeObject, { pods, claims }: Adopts): Promise<void> {
  const problem =
    ofStatefulSet(live) ??
    (await ofPods(reader, live, pods)) ??
    (await ofClaims(reader, live.metadata.namespace, claims));
  if (problem === undefined) return;
  const { namespace = '', name } = live.metadata;
  throw new NotOursError(`StatefulSet ${namespace}/${name} is not adopted now: ${problem}`);
}

function ofStatefulSet(live: KubeObject): string | undefined {
  if (readList(live, 'metadata', 'ownerReferences').length > 0) return 'it belongs to somebody else';
  const deletes = ['whenDeleted', 'whenScaled'].find(
    (when) => readString(live, 'spec', 'persistentVolumeClaimRetentionPolicy', when) === 'Delete',
  );
  return deletes === undefined ? undefined : `its persistentVolumeClaimRetentionPolicy deletes claims (${deletes})`;
}

async function ofPods(reader: Reader, { metadata }: KubeObject, pods: Adopts['pods']): Promise<string | undefined> {
  for (const { name, uid } of pods) {
    const found = (await reader.get(POD, metadata.namespace, name)) as KubeObject | undefined;
    if (found?.metadata.uid !== uid) return `pod ${name} was made again`;
    if (controllerOf(found)?.uid !== metadata.uid) return `it does not control pod ${name}`;
  }
  return undefined;
}

async function ofClaims(
  reader: Reader,
  namespace: string | undefined,
  claims: Adopts['claims'],
): Promise<string | undefined> {
  for (const name of claims) {
    const found = await reader.get(PERSISTENT_VOLUME_CLAIM, namespace, name);
    if (found === undefined) return `claim ${name} is gone`;
    if (readList(found, 'metadata', 'ownerReferences').length > 0) return `claim ${name} would go with its owner`;
  }
  return undefined;
}
