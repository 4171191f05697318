import { parseBytes } from '../resources/quantity.ts';
import { type Json, listOf, objectOf, textOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { ClaimFacts } from './storage-facts.ts';

/** A PersistentVolumeClaim as JSON. */
export function readClaim(raw: unknown): ClaimFacts {
  const claim = objectOf(raw);
  const { uid, namespace, name, labels, annotations, deleting } = readMeta(claim);
  const spec = objectOf(claim['spec']);
  const status = objectOf(claim['status']);
  return {
    uid,
    namespace,
    name,
    labels,
    annotations,
    phase: phaseOf(textOf(status['phase'])),
    deleting,
    storageClassName: textOf(spec['storageClassName']),
    volumeName: textOf(spec['volumeName']),
    bytes: storageOf(objectOf(objectOf(spec['resources'])['requests'])),
    actualBytes: storageOf(objectOf(status['capacity'])),
    selectedNode: annotations['volume.kubernetes.io/selected-node'] ?? '',
    conditions: listOf(status['conditions'])
      .map(objectOf)
      .map((condition) => ({ type: textOf(condition['type']), message: textOf(condition['message']) })),
    ...changesOf(spec, status),
  };
}

/** What is being changed about the volume; each field only where there is something to say. */
function changesOf(
  spec: Json,
  status: Json,
): Pick<ClaimFacts, 'resizeStatus' | 'attributesClass' | 'currentAttributesClass' | 'modifyStatus'> {
  const found = {
    resizeStatus: textOf(objectOf(status['allocatedResourceStatuses'])['storage']),
    attributesClass: textOf(spec['volumeAttributesClassName']),
    currentAttributesClass: textOf(status['currentVolumeAttributesClassName']),
    modifyStatus: textOf(objectOf(status['modifyVolumeStatus'])['status']),
  };
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text !== ''));
}

function phaseOf(phase: string): ClaimFacts['phase'] {
  return phase === 'Bound' || phase === 'Lost' ? phase : 'Pending';
}

function storageOf(list: Json): number {
  const amount = list['storage'];
  return typeof amount === 'string' || typeof amount === 'number' ? parseBytes(amount) : 0;
}
