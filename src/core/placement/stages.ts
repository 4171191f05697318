import type { NodeFacts } from '../facts/node-facts.ts';
import { explainValue } from './constraints/explain-value.ts';
import type { MemberNeed } from './member-need.ts';
import { tellResources } from './stages/resources-fit.ts';
import { volumesFit } from './stages/volumes-fit.ts';
import type { Surroundings } from './surroundings.ts';
import type { Tell } from './tell.ts';

/** One node offered to one member. */
export interface StageSite {
  readonly surroundings: Surroundings;
  readonly need: MemberNeed;
  readonly node: NodeFacts;
  readonly row: number;
}

/** One check of an offer: tells every reason against it, with numbers. Nothing told: it passes. */
export type Stage = (site: StageSite, tell: Tell) => void;

/**
 * What an offer must pass, in this order: node usable, selectors, affinity, taints and constraints on the node itself; resources;
 * volumes; constraints on where other members are; then what looks at other pods (pod-placement.ts), for demands that have to do with
 * them. Framework limits look at no node, so they come before (fairness/tenant-charges.ts);
 * a framework's policies only score. AppPlacement.best asks the same checks without telling.
 */
export const STAGES: readonly Stage[] = [
  ({ surroundings, node }, tell) => void surroundings.rules.allows(node, tell),
  ({ surroundings: { run }, need, row }, tell) => tellResources(run.view, run.scratch, row, need.amount, tell),
  tellVolumes,
  tellConstraints,
];

function tellVolumes({ surroundings: { run }, need, node, row }: StageSite, tell: Tell): void {
  if (need.volumes.length > 0) volumesFit({ ...run, node, row }, need, tell);
}

function tellConstraints({ surroundings, row }: StageSite, tell: Tell): void {
  for (const { key, reason, check } of surroundings.checks()) {
    const value = surroundings.run.values.of(key)[row];
    if (!check.admits(value)) tell(reason, () => explainValue(check, { key, value }, surroundings.run.values));
  }
}
