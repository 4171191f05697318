import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { VolumeEventFacts } from '../facts/read-volume-event.ts';
import type { ProvisioningFailure } from '../view/provisioning-failures.ts';

/**
 * For so long a node is left out after the first failure. What a driver has left is asked every minute (external-provisioner,
 * `--capacity-poll-interval=1m`): by then its own numbers say whether there is room.
 */
export const FIRST_WAIT_SECONDS = 60;

/** And at most for so long after many in a row: a driver that was mended is used again within ten minutes. */
export const LONGEST_WAIT_SECONDS = 600;

/** An event is recorded before the claim is changed, by another request, and says whole seconds of a clock that may differ. */
const SAID_BEFORE_SECONDS = 10;

/** Of a claim that has no volume: where one could not be made for it. */
export interface FailedMaking {
  readonly claimUid: string;
  readonly node: string;
  /** Epoch seconds. */
  readonly atSeconds: number;
  /** Until when it is not tried there again, epoch seconds. */
  readonly untilSeconds: number;
}

/** What is known of a class and a node: the failure that keeps members away, or did last, and how long it does. */
export interface MakingTrouble extends Required<ProvisioningFailure> {
  readonly waitSeconds: number;
}

/**
 * The node for which the provisioner gave up to make the claim's volume, so that the scheduler finds another one; undefined: it did not. It
 * says so by taking the annotation `volume.kubernetes.io/selected-node` off the claim (sig-storage-lib-external-provisioner,
 * `rescheduleProvisioning`), and that only when it knows that nothing was made: the driver answered ResourceExhausted, or the node or its
 * CSINode is gone. After any other error the annotation stays, the provisioner goes on for the same node, and kube-scheduler sends the
 * pod nowhere else, so that another slot would be of no use; words of the event ProvisioningFailed are the same for both.
 */
export function givenUpNode(before: ClaimFacts | undefined, now: ClaimFacts | undefined): string | undefined {
  if (before === undefined || now === undefined || before.uid !== now.uid) return undefined;
  if (now.selectedNode !== '' || !isUnmade(now) || now.deleting) return undefined;
  return before.selectedNode === '' ? undefined : before.selectedNode;
}

/** The node for which the claim's volume was just made; undefined: it was not. */
export function madeForNode(before: ClaimFacts | undefined, now: ClaimFacts | undefined): string | undefined {
  if (now?.phase !== 'Bound' || now.selectedNode === '' || before?.phase === 'Bound') return undefined;
  return now.selectedNode;
}

/** Nothing was made for the claim, so it holds no data. */
export function isUnmade({ phase, volumeName }: Pick<ClaimFacts, 'phase' | 'volumeName'>): boolean {
  return phase === 'Pending' && volumeName === '';
}

/**
 * The trouble after a failure at `atSeconds`. One that comes while the node is left out anyway, of a member that was on its way, says nothing
 * new unless its volume is smaller; one that comes when it is tried again doubles the time.
 */
export function troubleAfter(
  before: MakingTrouble | undefined,
  { bytes, atSeconds }: { readonly bytes: number; readonly atSeconds: number },
): MakingTrouble {
  if (before !== undefined && atSeconds < before.untilSeconds)
    return bytes < before.leastBytes ? { ...before, leastBytes: bytes } : before;
  const isAgain = before !== undefined && !isForgotten(before, atSeconds);
  const waitSeconds = isAgain ? Math.min(LONGEST_WAIT_SECONDS, before.waitSeconds * 2) : FIRST_WAIT_SECONDS;
  return { atSeconds, untilSeconds: atSeconds + waitSeconds, waitSeconds, leastBytes: bytes, message: '' };
}

/** Whether it ended so long ago that the next failure is a first one. */
export function isForgotten({ untilSeconds }: MakingTrouble, now: number): boolean {
  return now >= untilSeconds + LONGEST_WAIT_SECONDS;
}

/** What the provisioner said of the claim when it failed then; empty: nothing yet. */
export function saidOf(
  events: readonly (VolumeEventFacts | null)[],
  { claimUid, atSeconds }: Pick<FailedMaking, 'claimUid' | 'atSeconds'>,
): string {
  const said = events
    .filter((event) => event !== null)
    .filter(({ reason, uid }) => reason === 'ProvisioningFailed' && uid === claimUid)
    .filter(({ lastSeconds }) => lastSeconds + SAID_BEFORE_SECONDS >= atSeconds)
    .toSorted((a, b) => b.lastSeconds - a.lastSeconds)[0];
  return said?.message ?? '';
}
