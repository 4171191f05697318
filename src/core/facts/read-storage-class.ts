import { listOf, objectOf, textOf, textsOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { StorageClassFacts, TopologyTerm } from './storage-facts.ts';

/** A StorageClass as JSON, with Kubernetes' defaults (Immediate, Delete). */
export function readStorageClass(raw: unknown): StorageClassFacts {
  const storageClass = objectOf(raw);
  const { name, annotations } = readMeta(storageClass);
  const topologies = listOf(storageClass['allowedTopologies']);
  return {
    name,
    provisioner: textOf(storageClass['provisioner']),
    bindingMode: storageClass['volumeBindingMode'] === 'WaitForFirstConsumer' ? 'WaitForFirstConsumer' : 'Immediate',
    allowExpansion: storageClass['allowVolumeExpansion'] === true,
    reclaimPolicy: textOf(storageClass['reclaimPolicy'], 'Delete'),
    allowedTopologies: topologies.length === 0 ? undefined : topologies.map(readTopology),
    isDefault: annotations['storageclass.kubernetes.io/is-default-class'] === 'true',
  };
}

function readTopology(raw: unknown): TopologyTerm {
  const expressions = listOf(objectOf(raw)['matchLabelExpressions']).map(objectOf);
  return Object.fromEntries(expressions.map((item) => [textOf(item['key']), textsOf(item['values'])]));
}
