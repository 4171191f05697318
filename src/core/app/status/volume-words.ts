import type { VolumeStatus } from '../../../api/member-status.ts';
import type { VolumeEventFacts } from '../../facts/read-volume-event.ts';
import type { ClaimFacts } from '../../facts/storage-facts.ts';
import { isReady } from '../readiness.ts';
import type { Member, Situation } from '../situation.ts';

/** The provisioner tries again after five minutes at most, the attach-detach controller and the kubelet after two. */
const SAID_AGAIN_SECONDS = 360;

/**
 * What a volume waits for in the words of who makes it or attaches it, such as a driver that refuses its parameters, or an attach that never
 * ends. Nothing is wrong with it yet, so that its state stays what it is.
 */
export function withWords(status: VolumeStatus, claim: ClaimFacts, member: Member, situation: Situation): VolumeStatus {
  if ((status.message ?? '') !== '') return status;
  const said = (situation.facts.volumeEvents ?? [])
    .filter(({ lastSeconds }) => lastSeconds + SAID_AGAIN_SECONDS > situation.now)
    .filter((event) => isAbout(event, claim, member))
    .toSorted((a, b) => b.lastSeconds - a.lastSeconds)[0];
  return said === undefined ? status : { ...status, message: said.message };
}

function isAbout({ reason, uid, message }: VolumeEventFacts, claim: ClaimFacts, member: Member): boolean {
  if (claim.phase === 'Pending') return reason === 'ProvisioningFailed' && uid === claim.uid;
  if (reason !== 'FailedAttachVolume' || member.pod === undefined || isReady(member)) return false;
  return uid === member.pod.uid && message.includes(`"${claim.volumeName}"`);
}
