import { canonicalJson } from '../../../src/core/app/intent-hash.ts';
import type { Action, KubeObject } from '../../../src/core/app/plan.ts';
import { readField, readList, readMap } from '../../../src/core/app/read-field.ts';
import type { ClaimFacts } from '../../../src/core/facts/storage-facts.ts';
import type { PodFacts } from '../../../src/core/facts/pod-facts.ts';
import type { ChildKind, WorldState } from './world-state.ts';

/** Makes the object, or replaces it; a changed spec is a new generation. */
export function apply(world: WorldState, object: KubeObject): void {
  const kind = object.kind as ChildKind;
  const live = world.children.get(kind);
  const stored = asStored(object);
  const isSame = canonicalJson(readField(stored, 'spec')) === canonicalJson(readField(live, 'spec'));
  const generation = (live?.metadata.generation ?? 0) + (isSame ? 0 : 1);
  const uid = live?.metadata.uid ?? world.newUid(kind);
  const status = readMap(live, 'status');
  world.children.set(kind, { ...stored, metadata: { ...stored.metadata, uid, generation }, status });
}

/** Patches the labels and annotations of the pod or claim that has this UID. */
export function mark(world: WorldState, { target, labels, annotations }: Extract<Action, { kind: 'mark' }>): void {
  const marked = <Object extends PodFacts | ClaimFacts>(object: Object): Object => ({
    ...object,
    labels: patched(object.labels, labels),
    annotations: patched(object.annotations, annotations),
  });
  const pod = world.pods.get(target.name);
  const claim = world.claims.get(target.name);
  if (target.kind === 'Pod' && pod?.uid === target.uid) world.pods.set(pod.name, marked(pod));
  if (target.kind !== 'Pod' && claim?.uid === target.uid) world.claims.set(claim.name, marked(claim));
}

/** An object as the API server gives it back: with defaults, and quantities in their canonical form. */
function asStored(object: KubeObject): KubeObject {
  if (object.kind !== 'StatefulSet') return object;
  const volumeClaimTemplates = readList(object, 'spec', 'volumeClaimTemplates').map((template) => ({
    ...readMap(template),
    spec: { volumeMode: 'Filesystem', ...readMap(template, 'spec') },
    status: { phase: 'Pending' },
  }));
  const spec = { minReadySeconds: 0, ...readMap(object, 'spec') };
  return { ...object, spec: volumeClaimTemplates.length === 0 ? spec : { ...spec, volumeClaimTemplates } };
}

function patched(
  marks: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>> | undefined,
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...marks, ...patch });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}
