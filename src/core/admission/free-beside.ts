import type { AskingPod, NodeRoom } from './admission-world.ts';
import type { Promised } from './ledger.ts';

/** How much of a resource the pod can have beside slots and what others were promised; below zero where the node is overbooked. */
export function freeBeside(room: NodeRoom, resource: string, pod: AskingPod, ledger: Promised): number {
  return (room.free[resource] ?? 0) - ledger.promised(room.name, resource, pod.uid);
}

/** Whether all that the pod asks for is free there. Where nothing is held, kube-scheduler's own count decides, which is ahead of ours. */
export function fitsBeside(room: NodeRoom | undefined, pod: AskingPod, ledger: Promised): boolean {
  if (room === undefined || !room.reserves) return true;
  return Object.entries(pod.requests).every(([resource, asked]) => asked <= freeBeside(room, resource, pod, ledger));
}
