import { claimName } from '../../../src/core/app/claim-name.ts';
import { intentHash } from '../../../src/core/app/intent-hash.ts';
import { ordinalOf } from '../../../src/core/app/member-name.ts';
import type { KubeObject } from '../../../src/core/app/plan.ts';
import { readField, readList, readMap, readNumber, readString } from '../../../src/core/app/read-field.ts';
import { podRequests } from '../../../src/core/resources/pod-requests.ts';
import { parseBytes } from '../../../src/core/resources/quantity.ts';
import type { WorldState } from './world-state.ts';

/** One turn of the StatefulSet controller, which makes all pods at once. */
export function controlStatefulSet(world: WorldState): void {
  const live = world.children.get('StatefulSet');
  if (live === undefined || live.metadata['deletionTimestamp'] !== undefined) return;
  adopt(world, live);
  const revision = `${live.metadata.name}-${intentHash(readField(live, 'spec', 'template')).slice(0, 8)}`;
  const status = { observedGeneration: live.metadata.generation, updateRevision: revision };
  world.children.set('StatefulSet', { ...live, status });
  const replicas = readNumber(live, 'spec', 'replicas') ?? 1;
  for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
    // It cannot give a running pod another volume, and goes no further.
    if (!ensurePod(world, live, ordinal, revision)) break;
  }
  for (const pod of world.pods.values()) {
    const ordinal = ordinalOf(live.metadata.name, pod.name) ?? 0;
    if (pod.owner?.uid === live.metadata.uid && ordinal >= replicas) world.deletePod(pod.name, pod.uid);
  }
}

/** Pods that nobody owns and that its selector matches. */
function adopt(world: WorldState, live: KubeObject): void {
  const { metadata } = live;
  const selector = Object.entries(readMap(live, 'spec', 'selector', 'matchLabels'));
  for (const pod of world.pods.values()) {
    if (pod.owner !== undefined || pod.deleting || selector.some(([key, value]) => pod.labels[key] !== value)) continue;
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: metadata.name, uid: metadata.uid ?? '' };
    world.pods.set(pod.name, { ...pod, owner });
  }
}

/** Answers whether the pod is as the StatefulSet says, or is made so. */
function ensurePod(world: WorldState, live: KubeObject, ordinal: number, revision: string): boolean {
  const name = `${live.metadata.name}-${ordinal}`;
  const templates = readList(live, 'spec', 'volumeClaimTemplates');
  for (const template of templates) ensureClaim(world, template, live.metadata.name, ordinal);
  const claims = templates.map((template) =>
    claimName(readString(template, 'metadata', 'name'), live.metadata.name, ordinal),
  );
  const there = world.pods.get(name);
  if (there !== undefined) return there.deleting || claims.every((claim) => there.claims.includes(claim));
  const labels = readMap(live, 'spec', 'template', 'metadata', 'labels') as Readonly<Record<string, string>>;
  const marks = readMap(live, 'spec', 'template', 'metadata', 'annotations') as Readonly<Record<string, string>>;
  world.pods.set(name, {
    uid: world.newUid('pod'),
    namespace: 'prod',
    name,
    owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: live.metadata.name, uid: live.metadata.uid ?? '' },
    labels: { ...labels, 'controller-revision-hash': revision },
    annotations: marks,
    schedulerName: 'proffer-scheduler',
    nodeName: '',
    phase: 'Pending',
    ready: false,
    readySinceSeconds: undefined,
    deleting: false,
    createdAtSeconds: world.now,
    requests: podRequests(readField(live, 'spec', 'template', 'spec')),
    claims,
    problem: undefined,
    priority: 0,
  });
  return true;
}

function ensureClaim(world: WorldState, template: unknown, app: string, ordinal: number): void {
  const name = claimName(readString(template, 'metadata', 'name'), app, ordinal);
  if (world.claims.has(name)) return;
  const bytes = parseBytes(readString(template, 'spec', 'resources', 'requests', 'storage'));
  world.claims.set(name, {
    uid: world.newUid('claim'),
    namespace: 'prod',
    name,
    labels: readMap(template, 'metadata', 'labels') as Readonly<Record<string, string>>,
    annotations: {},
    phase: 'Pending',
    deleting: false,
    storageClassName: readString(template, 'spec', 'storageClassName'),
    volumeName: '',
    bytes,
    actualBytes: 0,
    selectedNode: '',
    conditions: [],
  });
}
