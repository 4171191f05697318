import { ANNOTATION_RETIRES } from '../../api/labels.ts';
import { parseBytes } from '../resources/quantity.ts';
import { type Json, listOf, objectOf, textOf, textsOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { TopologyTerm, VolumeFacts } from './storage-facts.ts';

/** The key under which a term names nodes themselves (`matchFields` of a node selector term). */
export const NODE_NAME_FIELD = 'metadata.name';

/** A PersistentVolume as JSON. */
export function readVolume(raw: unknown): VolumeFacts {
  const volume = objectOf(raw);
  const { uid, name, annotations, createdAtSeconds } = readMeta(volume);
  const spec = objectOf(volume['spec']);
  const csi = objectOf(spec['csi']);
  const claim = objectOf(spec['claimRef']);
  const required = objectOf(objectOf(spec['nodeAffinity'])['required']);
  return {
    uid,
    name,
    storageClassName: textOf(spec['storageClassName']),
    driver: textOf(csi['driver']),
    volumeHandle: textOf(csi['volumeHandle']),
    bytes: parseBytes(textOf(objectOf(spec['capacity'])['storage'], '0')),
    claim:
      spec['claimRef'] === undefined || spec['claimRef'] === null
        ? undefined
        : { namespace: textOf(claim['namespace']), name: textOf(claim['name']), uid: textOf(claim['uid']) },
    reclaimPolicy: textOf(spec['persistentVolumeReclaimPolicy'], 'Retain'),
    nodeTerms: Array.isArray(required['nodeSelectorTerms'])
      ? required['nodeSelectorTerms'].map((term: unknown) => readTerm(objectOf(term)))
      : undefined,
    phase: textOf(objectOf(volume['status'])['phase'], 'Pending'),
    ...(createdAtSeconds === 0 ? {} : { createdAtSeconds }),
    ...(textsOf(spec['accessModes']).some((mode) => mode.endsWith('Many')) ? { isShared: true } : {}),
    ...retiringOf(annotations[ANNOTATION_RETIRES], spec),
  };
}

/** A mark that nobody can read is none: then nothing is done to the volume. */
function retiringOf(mark: string | undefined, spec: Json): Pick<VolumeFacts, 'retiring'> {
  if (mark === undefined) return {};
  const said = objectOf(parsed(mark));
  const [appUid, member, claim, claimUid, as] = ['appUid', 'member', 'claim', 'claimUid', 'as'].map((field) =>
    textOf(said[field]),
  );
  if (!appUid || !member || !claim || !claimUid || !as) return {};
  const accessModes = textsOf(spec['accessModes']);
  return {
    retiring: {
      appUid,
      member,
      claim,
      claimUid,
      as,
      accessModes,
      volumeMode: textOf(spec['volumeMode'], 'Filesystem'),
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * CSI drivers write `In` only. Of hand-written terms the other operators are left out: kube-scheduler still checks them. A term
 * that says nothing matches nothing, as in Kubernetes, and is kept as one that no node can satisfy.
 */
function readTerm(term: Json): TopologyTerm {
  const result: Record<string, readonly string[]> = {};
  const expressions = [...listOf(term['matchExpressions']), ...listOf(term['matchFields'])].map(objectOf);
  if (expressions.length === 0) return { [NODE_NAME_FIELD]: [] };
  for (const expression of expressions) {
    if (expression['operator'] !== 'In') continue;
    const key = textOf(expression['key']);
    const values = textsOf(expression['values']);
    const already = result[key];
    result[key] = already === undefined ? values : already.filter((value) => values.includes(value));
  }
  return result;
}
