import { type PodTerm, isMeant } from '../../facts/pod-term.ts';
import type { Newcomer } from '../pod-surroundings.ts';
import { type PodSite, type PodStage, valueAt } from './pod-stage.ts';

/** By value of the term's node label: how many pods are there that all terms are about. */
type Counts = ReadonlyMap<string, number>;

/**
 * Required podAffinity, as kube-scheduler keeps it: one pod that all terms are about must be in the node's value of every term's label.
 * Where there is no such pod in the whole cluster, the first of a group that is meant by its own terms may go to any node that has the
 * labels.
 */
export const podAffinity: PodStage = {
  dependsOnPods: true,
  against: (site, newcomer) => {
    const terms = site.around.pods.affinity;
    if (terms.length === 0) return undefined;
    const near = countNear(site, newcomer);
    const isFirst = near.every((counts) => counts.size === 0) && terms.every((term) => means(site, term, newcomer));
    const problem = (row: number): string | undefined => {
      for (const [i, { topologyKey }] of terms.entries()) {
        const value = site.values.of(topologyKey)[row];
        if (value === undefined) return `has no label ${topologyKey}, which podAffinity goes by`;
        const counts = near[i] ?? NONE;
        if (!isFirst && (counts.get(value) ?? 0) === 0) return lonely(topologyKey, value, counts);
      }
      return undefined;
    };
    return {
      admits: (row) => problem(row) === undefined,
      tell: (row, tell) => {
        const found = problem(row);
        if (found !== undefined) tell('PodAffinityMismatch', () => found);
      },
    };
  },
};

const NONE: Counts = new Map();

function means({ around }: PodSite, term: PodTerm, pod: Newcomer): boolean {
  return isMeant(term, pod, around.namespaceLabels);
}

function countNear(site: PodSite, newcomer: Newcomer): readonly Counts[] {
  const terms = site.around.pods.affinity;
  const near = terms.map(() => new Map<string, number>());
  for (const pod of site.around.matching(terms[0]?.selector, newcomer)) {
    if (!terms.every((term) => means(site, term, pod))) continue;
    for (const [i, { topologyKey }] of terms.entries()) {
      const value = valueAt(site, topologyKey, pod.nodeName);
      if (value !== undefined) near[i]?.set(value, (near[i].get(value) ?? 0) + 1);
    }
  }
  return near;
}

function lonely(key: string, value: string, counts: Counts): string {
  let elsewhere = 0;
  for (const count of counts.values()) elsewhere += count;
  if (elsewhere === 0) return `no pod that podAffinity looks for is there or anywhere (${key} ${value})`;
  const [nearest] = [...counts.keys()].toSorted();
  return `no pod that podAffinity looks for is in ${key} ${value}: ${elsewhere} in ${counts.size} other values, as ${nearest}`;
}
