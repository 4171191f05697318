import { TAINT_RESERVED } from '../../../api/labels.ts';
import type { Toleration } from '../../allocator/demand.ts';
import type { NodeFacts, Taint } from '../../facts/node-facts.ts';
import type { Tell } from '../tell.ts';

/** Taints that say again what the usable stage said, and the one that is there to let members in. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  'node.kubernetes.io/unschedulable',
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  TAINT_RESERVED,
]);

/** Every taint that keeps pods away is tolerated. PreferNoSchedule keeps nobody away. */
export function taintsTolerated(node: NodeFacts, tolerations: readonly Toleration[], tell?: Tell): boolean {
  for (const taint of node.taints) {
    if (taint.effect === 'PreferNoSchedule' || TOLD_ELSEWHERE.has(taint.key)) continue;
    if (tolerations.some((toleration) => tolerates(toleration, taint))) continue;
    tell?.('NodeTainted', () => `its taint ${showTaint(taint)} is not tolerated`);
    return false;
  }
  return true;
}

/** As Kubernetes matches them: no key tolerates every key, no effect every effect, Equal is the default. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  const exists = toleration.operator === 'Exists';
  if (toleration.key === undefined || toleration.key === '') return exists;
  return toleration.key === taint.key && (exists || (toleration.value ?? '') === taint.value);
}

function showTaint({ key, value, effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`;
}
