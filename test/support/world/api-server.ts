import { canonicalJson } from '../../../src/core/app/intent-hash.ts';
import type { Action, KubeObject } from '../../../src/core/app/plan.ts';
import { readField, readList, readMap } from '../../../src/core/app/read-field.ts';
import { ANNOTATION_GROWN } from '../../../src/api/labels.ts';
import { parseBytes } from '../../../src/core/resources/quantity.ts';
import type { ClaimFacts } from '../../../src/core/facts/storage-facts.ts';
import type { PodFacts } from '../../../src/core/facts/pod-facts.ts';
import type { ChildKind, WorldState } from './world-state.ts';

/** Makes the object, or replaces it; a changed spec is a new generation. */
export function apply(world: WorldState, object: KubeObject): void {
  const kind = object.kind as ChildKind;
  const live = world.children.get(kind);
  if (live?.metadata['deletionTimestamp'] !== undefined) {
    world.violations.push(`${kind} was written while it is on its way out`);
    return;
  }
  const stored = asStored(object);
  const isSame = canonicalJson(readField(stored, 'spec')) === canonicalJson(readField(live, 'spec'));
  const generation = (live?.metadata.generation ?? 0) + (isSame ? 0 : 1);
  const uid = live?.metadata.uid ?? world.newUid(kind);
  const status = readMap(live, 'status');
  world.children.set(kind, { ...stored, metadata: { ...stored.metadata, uid, generation }, status });
}

/** Patches the labels and annotations of the pod or claim that has this UID. */
export function mark(
  world: WorldState,
  { target, labels, annotations, unlessAnnotated = '' }: Extract<Action, { kind: 'mark' }>,
): void {
  const marked = <Object extends PodFacts | ClaimFacts>(object: Object): Object =>
    object.annotations[unlessAnnotated] === undefined
      ? {
          ...object,
          labels: patched(object.labels, labels),
          annotations: patched(object.annotations, annotations),
        }
      : object;
  const pod = world.pods.get(target.name);
  const claim = world.claims.get(target.name);
  if (target.kind === 'Pod' && pod?.uid === target.uid) world.pods.set(pod.name, marked(pod));
  if (target.kind !== 'Pod' && claim?.uid === target.uid) world.claims.set(claim.name, marked(claim));
}

/** Raises what a claim asks for; less than it asks for already is a mistake. */
export function changeClaim(
  world: WorldState,
  { name, uid, ...asked }: Extract<Action, { kind: 'changeClaim' }>,
): void {
  const claim = world.claims.get(name);
  if (claim === undefined || claim.uid !== uid) return;
  const bytes = asked.size === undefined ? claim.bytes : parseBytes(asked.size);
  if (bytes < claim.bytes) world.violations.push(`${name} was asked to shrink from ${claim.bytes} to ${bytes}`);
  if (claim.phase !== 'Bound') world.violations.push(`${name} was changed and is ${claim.phase}`);
  const annotations = asked.grownAt === undefined ? {} : { [ANNOTATION_GROWN]: asked.grownAt };
  world.claims.set(name, {
    ...claim,
    bytes: Math.max(bytes, claim.bytes),
    annotations: { ...claim.annotations, ...annotations },
    ...(asked.attributesClass === undefined ? {} : { attributesClass: asked.attributesClass }),
  });
}

/** The StatefulSet is on its way out; garbage collection lets its pods go first. It must be written down what comes next. */
export function orphanPods(world: WorldState, { uid }: Extract<Action, { kind: 'orphanPods' }>): void {
  const live = world.children.get('StatefulSet');
  if (live?.metadata.uid !== uid) return;
  if (world.app.status?.replacement?.uid !== uid)
    world.violations.push(`${uid} is removed, and nothing says what comes next`);
  world.children.set('StatefulSet', { ...live, metadata: { ...live.metadata, deletionTimestamp: 'now' } });
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
