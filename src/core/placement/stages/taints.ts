import { TAINT_RESERVED } from '../../../api/labels.ts';
import type { Toleration } from '../../allocator/demand.ts';
import type { NodeFacts, Taint } from '../../facts/node-facts.ts';
import type { Tell } from '../tell.ts';

const NOT_READY: ReadonlySet<string> = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);
const CORDON = 'node.kubernetes.io/unschedulable';

/** Taints that say again what the usable stage said. They stay a while after the node is ready, and keep pods away until they go. */
function isToldElsewhere({ key }: Taint, { ready, unschedulable }: NodeFacts): boolean {
  return (NOT_READY.has(key) && !ready) || (key === CORDON && unschedulable);
}

/**
 * Whether the member's pod tolerates the taint: by its template, by what we add (the taint that is there to let members in), or by what
 * the API server adds (a few minutes on a node that is not ready).
 */
export function podTolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  if (taint.effect === 'PreferNoSchedule' || taint.key === TAINT_RESERVED) return true;
  if (taint.effect === 'NoExecute' && NOT_READY.has(taint.key)) return true;
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** Every taint that keeps pods away is tolerated. PreferNoSchedule keeps nobody away. */
export function taintsTolerated(node: NodeFacts, tolerations: readonly Toleration[], tell?: Tell): boolean {
  for (const taint of node.taints) {
    if (isToldElsewhere(taint, node) || podTolerates(tolerations, taint)) continue;
    tell?.('NodeTainted', () => `its taint ${showTaint(taint)} is not tolerated`);
    return false;
  }
  return true;
}

/** As Kubernetes matches them: no key tolerates every key, no effect every effect, Equal is the default. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key === '') return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || (operator === 'Equal' && value === taint.value));
}

function showTaint({ key, value, effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`;
}
