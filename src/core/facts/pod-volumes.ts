import type { PodFacts } from './pod-facts.ts';
import { type Json, listOf, objectOf, textOf } from './json.ts';

/** Names of claims that the pod mounts; a generic ephemeral volume's claim is `<pod>-<volume>`. Each name once. */
export function claimsOf(podName: string, spec: Json): readonly string[] {
  const names = new Set<string>();
  for (const item of listOf(spec['volumes'])) {
    const volume = objectOf(item);
    const claim = textOf(objectOf(volume['persistentVolumeClaim'])['claimName']);
    if (claim !== '') names.add(claim);
    else if (volume['ephemeral'] !== undefined) names.add(`${podName}-${textOf(volume['name'])}`);
  }
  return [...names];
}

/**
 * Sources that end with their node or their pod, or are claims. All others of the API (nfs, iscsi, rbd, cephfs, fc, …) and those that are
 * new to us may be on the network, and written to by a machine that nobody hears.
 */
const OWN_SOURCES: ReadonlySet<string> = new Set([
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'gitRepo',
  'hostPath',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** Volumes of a pod spec that have no claim and may be written to from elsewhere at the same time. Inline CSI secrets are read-only. */
export function sharedVolumesOf(spec: Json): Pick<PodFacts, 'sharedVolumes'> {
  const names = listOf(spec['volumes'])
    .map(objectOf)
    .filter((volume) => Object.entries(volume).some(([source, given]) => isShared(source, given)))
    .map((volume) => textOf(volume['name']));
  return names.length === 0 ? {} : { sharedVolumes: names };
}

function isShared(source: string, given: unknown): boolean {
  if (source === 'name' || OWN_SOURCES.has(source)) return false;
  return given !== undefined && given !== null && objectOf(given)['readOnly'] !== true;
}
