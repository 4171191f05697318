import { QUIET_SECONDS } from './node-trouble.ts';

/**
 * How long a node that came back must be well before it is used again. Its kubelet finds out that the pods are gone, kills what still
 * runs and unmounts, which it cannot while the API server is away; a mount that was cut off is used again within about 20 s where a pod
 * comes back too soon.
 */
export const UNSTAGE_SECONDS = 40;

const LOOK_AGAIN_SECONDS = 5;

/** A node that we declared out of service. */
export interface FencedNode {
  readonly ready: boolean;
  readonly silentSeconds: number;
  /** Pods of members that are still bound there. */
  readonly memberPods: number;
  /** For how long all of this has been well, in time in which nodes can be heard; undefined: not before now. */
  readonly wellSeconds: number | undefined;
}

/** Seconds until it is looked at again; 0: the taint may go. `isWell` says whether the time of being well runs. */
export function returnAfter(node: FencedNode): { readonly isWell: boolean; readonly seconds: number } {
  const isWell = node.ready && node.silentSeconds < QUIET_SECONDS && node.memberPods === 0;
  if (!isWell) return { isWell, seconds: LOOK_AGAIN_SECONDS };
  return { isWell, seconds: Math.max(0, UNSTAGE_SECONDS - (node.wellSeconds ?? 0)) };
}
