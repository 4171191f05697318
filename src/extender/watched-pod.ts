import { listOf, objectOf, textOf } from '../core/facts/json.ts';
import type { PodFacts } from '../core/facts/pod-facts.ts';
import { readPod } from '../core/facts/read-pod.ts';

/** What the extender keeps of each pod of the cluster: there may be 150,000, so no labels, annotations or lists of conditions. */
export interface WatchedPod extends PodFacts {
  /** Where kube-scheduler is binding it to, or wants it once victims are gone; empty otherwise. */
  readonly nominatedNode: string;
  /** Whether somebody asked for it to go by the eviction API. */
  readonly evicted: boolean;
}

const NOTHING: Readonly<Record<string, string>> = {};

export function readWatchedPod(raw: unknown): WatchedPod {
  const status = objectOf(objectOf(raw)['status']);
  const nominatedNode = textOf(status['nominatedNodeName']);
  // The resource view does not look at these, and what is left out here cannot count as a change either.
  const unused = {
    labels: NOTHING,
    annotations: NOTHING,
    problem: undefined,
    ready: false,
    readySinceSeconds: undefined,
    excludes: undefined,
  };
  return { ...readPod(raw), ...unused, nominatedNode, evicted: listOf(status['conditions']).some(tellsOfEviction) };
}

/** The API server notes an eviction in the pod before it deletes it (`EvictionByEvictionAPI`, since Kubernetes 1.26). */
function tellsOfEviction(condition: unknown): boolean {
  const { type, status, reason } = objectOf(condition);
  return type === 'DisruptionTarget' && status === 'True' && reason === 'EvictionByEvictionAPI';
}

/** Whether the pod has a node or never will: nothing that was promised to it is outstanding. */
export function isSettled(pod: PodFacts): boolean {
  return pod.nodeName !== '' || isFinished(pod);
}

export function isFinished(pod: PodFacts): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}
