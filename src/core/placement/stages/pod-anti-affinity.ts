import { isMeant } from '../../facts/pod-term.ts';
import type { SeenPod } from '../../view/pod-index.ts';
import type { Newcomer } from '../pod-surroundings.ts';
import { type PodSite, type PodStage, valueAt } from './pod-stage.ts';

/** By node label: by its value, the pods that keep others out of it. */
type Closed = Map<string, Map<string, SeenPod[]>>;

/**
 * Required podAntiAffinity, of both sides: the member's own against the pods that are there, and theirs against the member. A node
 * without the term's label is open.
 */
export const podAntiAffinity: PodStage = {
  dependsOnPods: true,
  against: (site, newcomer) => {
    const own = closedByOwn(site, newcomer);
    const others = closedByOthers(site, newcomer);
    if (own.size + others.size === 0) return undefined;
    return {
      admits: (row) => closedAt(site, own, row) === undefined && closedAt(site, others, row) === undefined,
      tell: (row, tell) => {
        const hated = closedAt(site, own, row);
        if (hated !== undefined) {
          const { key, value, pods } = hated;
          tell(
            'PodAntiAffinityMismatch',
            () => `${key} ${value} has ${pods.length} pods that its podAntiAffinity avoids, as ${nameOf(pods[0])}`,
          );
        }
        const hating = closedAt(site, others, row);
        if (hating === undefined) return;
        const { key, value, pods } = hating;
        tell(
          'PodAntiAffinityMismatch',
          () => `${pods.length} pods keep it out of ${key} ${value} by their podAntiAffinity, as ${nameOf(pods[0])}`,
        );
      },
    };
  },
};

function closedByOwn(site: PodSite, newcomer: Newcomer): Closed {
  const closed: Closed = new Map();
  for (const term of site.around.pods.antiAffinity) {
    for (const pod of site.around.matching(term.selector, newcomer)) {
      if (isMeant(term, pod, site.around.namespaceLabels)) close(site, closed, term.topologyKey, pod);
    }
  }
  return closed;
}

function closedByOthers(site: PodSite, newcomer: Newcomer): Closed {
  const closed: Closed = new Map();
  for (const { pod, term } of site.around.exclusions(newcomer)) close(site, closed, term.topologyKey, pod);
  return closed;
}

function close(site: PodSite, closed: Closed, key: string, pod: SeenPod): void {
  const value = valueAt(site, key, pod.nodeName);
  if (value === undefined) return;
  const byValue = closed.get(key) ?? new Map<string, SeenPod[]>();
  closed.set(key, byValue);
  const pods = byValue.get(value);
  if (pods === undefined) byValue.set(value, [pod]);
  else pods.push(pod);
}

interface Found {
  readonly key: string;
  readonly value: string;
  readonly pods: readonly SeenPod[];
}

function closedAt({ values }: PodSite, closed: Closed, row: number): Found | undefined {
  for (const [key, byValue] of closed) {
    const value = values.of(key)[row];
    const pods = value === undefined ? undefined : byValue.get(value);
    if (value !== undefined && pods !== undefined) return { key, value, pods };
  }
  return undefined;
}

function nameOf(pod: SeenPod | undefined): string {
  return pod === undefined ? '' : `${pod.namespace}/${pod.name}`;
}
