import { ANNOTATION_RETIRED, LABEL_APP_UID } from '../../../src/api/labels.ts';
import { ordinalOf } from '../../../src/core/app/member-name.ts';
import type { PodFacts } from '../../../src/core/facts/pod-facts.ts';
import type { ClaimFacts } from '../../../src/core/facts/storage-facts.ts';
import { parseResourceList } from '../../../src/core/resources/resource-list.ts';
import { fits } from '../../../src/core/resources/vector.ts';
import type { WorldState } from './world-state.ts';

/** kube-scheduler with our extender: a member goes to its slot and nowhere else. */
export function schedule(world: WorldState): void {
  for (const pod of world.pods.values()) {
    if (pod.nodeName !== '' || pod.deleting) continue;
    const home = homeOf(world, pod);
    if (home !== undefined) judgeStart(world, pod);
    const problem = home === undefined ? 'Unschedulable: 0 of the nodes are available' : 'ContainerCreating';
    world.pods.set(pod.name, { ...pod, nodeName: home ?? '', problem });
  }
}

function homeOf(world: WorldState, pod: PodFacts): string | undefined {
  if (world.reservation?.spec.app.uid !== pod.labels[LABEL_APP_UID]) return undefined;
  const slot = world.reservation?.spec.slots.find((candidate) => candidate.member === pod.name);
  // One that is Moving lets nobody in.
  if (slot === undefined || slot.state === 'Moving' || slot.state === 'Conflicted') return undefined;
  if (fits(pod.requests, parseResourceList(slot.resources)).length > 0) return undefined;
  return world.nodes.get(slot.node)?.unschedulable === false ? slot.node : undefined;
}

/** Nobody starts on data that was left behind, unless the app says so. */
function judgeStart(world: WorldState, pod: PodFacts): void {
  const isWanted = (ordinalOf(world.app.metadata.name, pod.name) ?? Infinity) < world.app.spec.replicas;
  if (!isWanted || world.app.spec.retention.reuse === 'Adopt' || world.app.spec.paused) return;
  for (const name of pod.claims) {
    const claim = world.claims.get(name);
    if (claim !== undefined && isLeftBehind(claim, pod)) world.violations.push(`${pod.name} started on ${name}`);
  }
}

/** A last pod of a deleted app, on that app's own volume, is no news: garbage collection is on its way to it. */
function isLeftBehind({ annotations, labels }: ClaimFacts, pod: PodFacts): boolean {
  return annotations[ANNOTATION_RETIRED] !== undefined || labels[LABEL_APP_UID] !== pod.labels[LABEL_APP_UID];
}
