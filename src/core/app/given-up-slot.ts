import type { Slot } from '../../api/reservation.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { formatTime, parseTime } from './rfc3339.ts';

/** Within which the pod of a slot that was given up must be on its way out; else the slot is its member's again. */
export const GIVEN_UP_SECONDS = 60;

/**
 * The slot of a member that is to go so that somebody's guarantee comes back: it ends with its pod, and lets no other pod in. `now` is
 * epoch seconds. A slot that is Moving off a lost node has no `holdUntil`.
 */
export function giveUp(slot: Slot, now: number): Slot {
  return { ...slot, state: 'Moving', holdUntil: formatTime(now + GIVEN_UP_SECONDS) };
}

export function isGivenUp(slot: Slot): boolean {
  return slot.state === 'Moving' && slot.holdUntil !== undefined;
}

/**
 * What becomes of a slot that was given up: it `stays` while its pod is there and may still be evicted, or is on its way out; it `ends`
 * with the pod, whatever comes after it; it is `claimed` again when nobody evicted the pod in time, as after a crash.
 */
export function givenUpFate(slot: Slot, pod: PodFacts | undefined, now: number): 'stays' | 'ends' | 'claimed' {
  const isBound = pod !== undefined && pod.nodeName !== '' && pod.phase !== 'Succeeded' && pod.phase !== 'Failed';
  if (!isBound) return 'ends';
  if (pod.uid !== slot.podUID || pod.nodeName !== slot.node) return 'claimed';
  return pod.deleting || now < (parseTime(slot.holdUntil) ?? 0) ? 'stays' : 'claimed';
}
