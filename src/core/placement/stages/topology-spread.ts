import type { NodeRequirement } from '../../allocator/demand.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import { selects } from '../../facts/label-selector.ts';
import type { SpreadRule } from '../../facts/member-pods.ts';
import { compiledRequirements } from '../../app/build/compile-affinity.ts';
import type { Newcomer } from '../pod-surroundings.ts';
import { nodeMatches } from './node-affinity.ts';
import type { PodSite, PodStage } from './pod-stage.ts';
import { podTolerates } from './taints.ts';

/** The pods that a rule counts, by value of its node label; values with none are in it, too. */
interface Domains {
  readonly rule: SpreadRule;
  readonly counts: ReadonlyMap<string, number>;
  readonly fewest: number;
  /** The pod that comes, if it counts itself. */
  readonly self: 0 | 1;
}

/**
 * topologySpreadConstraints with DoNotSchedule, as kube-scheduler keeps them: pods of the value + the newcomer itself − the fewest of
 * any value must not exceed maxSkew. Counted are pods of the namespace that are not terminating, on nodes that have the labels of all
 * rules and, as each rule says, match the pod's affinity and have no taint that it does not tolerate.
 */
export const topologySpread: PodStage = {
  dependsOnPods: true,
  against: (site, newcomer) => {
    const { spread } = site.around.pods;
    if (spread.length === 0) return undefined;
    const all = spread.map((rule) => domainsOf(site, rule, newcomer));
    const problem = (row: number): string | undefined => {
      for (const domains of all) {
        const found = problemAt(domains, site.values.of(domains.rule.topologyKey)[row]);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return {
      admits: (row) => problem(row) === undefined,
      tell: (row, tell) => {
        const found = problem(row);
        if (found !== undefined) tell('TopologySpreadMismatch', () => found);
      },
    };
  },
};

function problemAt({ rule, counts, fewest, self }: Domains, value: string | undefined): string | undefined {
  const { topologyKey, maxSkew, minDomains } = rule;
  if (value === undefined) return `has no label ${topologyKey}, over which topologySpreadConstraints spread`;
  const skew = (counts.get(value) ?? 0) + self - fewest;
  if (skew <= maxSkew) return undefined;
  const least =
    counts.size < minDomains
      ? `there are ${counts.size} of at least ${minDomains} values, so that the fewest count as 0`
      : `the fewest in any value are ${fewest}`;
  return `${topologyKey} ${value} would have ${(counts.get(value) ?? 0) + self} pods, ${least}, and maxSkew is ${maxSkew}`;
}

function domainsOf(site: PodSite, rule: SpreadRule, newcomer: Newcomer): Domains {
  const counts = countPods(site, rule, newcomer);
  let fewest = counts.size < rule.minDomains ? 0 : Number.POSITIVE_INFINITY;
  for (const count of counts.values()) fewest = Math.min(fewest, count);
  return { rule, counts, fewest, self: selects(rule.selector, newcomer.labels) ? 1 : 0 };
}

function countPods(site: PodSite, rule: SpreadRule, newcomer: Newcomer): ReadonlyMap<string, number> {
  const { values, view, around } = site;
  const ofRow = values.of(rule.topologyKey);
  const counted = countedRows(site, rule);
  const counts = new Map<string, number>();
  for (const row of counted) counts.set(ofRow[row] ?? '', 0);
  // Kubernetes counts nobody for a selector that selects everybody.
  const selector = rule.selector?.length === 0 ? undefined : rule.selector;
  for (const pod of around.matching(selector, newcomer)) {
    const row = view.nodeTable.rowOf(pod.nodeName);
    if (pod.deleting || pod.namespace !== newcomer.namespace || row === undefined || !counted.has(row)) continue;
    const value = ofRow[row] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function countedRows({ around, view, values, rules }: PodSite, rule: SpreadRule): ReadonlySet<number> {
  const keys = around.pods.spread.map(({ topologyKey }) => values.of(topologyKey));
  const required = { ...rules, nodeAffinityTerms: withConstraints(rules) };
  const rows = new Set<number>();
  for (const [row, node] of view.nodeTable.facts.entries()) {
    if (node === undefined || keys.some((ofRow) => ofRow[row] === undefined)) continue;
    if (rule.honorsAffinity && !nodeMatches(node, required)) continue;
    if (rule.honorsTaints && !isTolerated(node, rules.tolerations)) continue;
    rows.add(row);
  }
  return rows;
}

/** Node affinity as it will stand in the pod: with the constraints that are compiled into it. */
function withConstraints({ constraints, nodeAffinityTerms }: PodSite['rules']): PodSite['rules']['nodeAffinityTerms'] {
  const added: readonly NodeRequirement[] = compiledRequirements(constraints);
  if (added.length === 0) return nodeAffinityTerms;
  return (nodeAffinityTerms ?? [[]]).map((term) =>
    term.length === 0 && nodeAffinityTerms ? term : [...term, ...added],
  );
}

function isTolerated({ taints }: NodeFacts, tolerations: PodSite['rules']['tolerations']): boolean {
  return taints.every((taint) => podTolerates(tolerations, taint));
}
