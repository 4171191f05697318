import type { Toleration } from '../../allocator/demand.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import type { Tell } from '../tell.ts';
import { tolerates } from './taints.ts';

const CORDON = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' } as const;

/** Ready, and not cordoned (who tolerates the cordon's taint may go there, as with kube-scheduler). */
export function nodeUsable(node: NodeFacts, tolerations: readonly Toleration[], tell?: Tell): boolean {
  const cordoned = node.unschedulable && !tolerations.some((toleration) => tolerates(toleration, CORDON));
  if (node.ready && !cordoned) return true;
  if (!node.ready) tell?.('NodeNotReady', () => 'it is not ready');
  if (cordoned) tell?.('NodeCordoned', () => 'it is cordoned');
  return false;
}
