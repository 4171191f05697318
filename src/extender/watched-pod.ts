import { objectOf, textOf } from '../core/facts/json.ts';
import type { PodFacts } from '../core/facts/pod-facts.ts';
import { readPod } from '../core/facts/read-pod.ts';

/** What the extender keeps of each pod of the cluster: there may be 150,000, so no labels, annotations or conditions. */
export interface WatchedPod extends PodFacts {
  /** Where kube-scheduler is binding it to, or wants it once victims are gone; empty otherwise. */
  readonly nominatedNode: string;
}

const NOTHING: Readonly<Record<string, string>> = {};

export function readWatchedPod(raw: unknown): WatchedPod {
  const nominatedNode = textOf(objectOf(objectOf(raw)['status'])['nominatedNodeName']);
  // The resource view does not look at these, and what is left out here cannot count as a change either.
  const unused = {
    labels: NOTHING,
    annotations: NOTHING,
    problem: undefined,
    ready: false,
    readySinceSeconds: undefined,
    excludes: undefined,
  };
  return { ...readPod(raw), ...unused, nominatedNode };
}

/** Whether the pod has a node or never will: nothing that was promised to it is outstanding. */
export function isSettled(pod: PodFacts): boolean {
  return pod.nodeName !== '' || isFinished(pod);
}

export function isFinished(pod: PodFacts): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}
