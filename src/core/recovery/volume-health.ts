import type { Slot } from '../../api/reservation.ts';
import type { AppFacts } from '../app/facts.ts';
import { claimName } from '../app/claim-name.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { VolumeEventFacts } from '../facts/read-volume-event.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { pathOfDiskError } from './disk-errors.ts';

/**
 * What is wrong with a volume. `Lost` its PersistentVolume is gone. `Unreachable` no node is left that it can be reached from. `Unmountable`
 * the storage refuses to attach or mount it, and not because it is slow. `DiskError` a program that uses it met an I/O error there.
 * `Abnormal` its storage says so: it may be rebuilding, slow or full, and is no reason to do anything while its member works.
 */
export type VolumeSign = 'Lost' | 'Unreachable' | 'Unmountable' | 'DiskError' | 'Abnormal';

export interface VolumeHealth {
  readonly claim: ClaimFacts;
  readonly sign: VolumeSign;
  /** In the words of whoever said it. */
  readonly message: string;
}

/** Of a member (situation.ts), what the health of its volumes depends on. */
interface Member {
  readonly name: string;
  readonly ordinal: number;
  readonly pod: PodFacts | undefined;
  readonly slot: Slot | undefined;
  readonly claims: readonly ClaimFacts[];
}

/**
 * A kubelet repeats what it says of a pod's volume every minute, and what a probe said once in five minutes at least (client-go lets through
 * 25 events about one object, and then one in 300 s). It never says that a volume is well again.
 */
const SAID_BY_KUBELET_SECONDS = 330;

/** What is wrong with the member's volumes, the worst of each; empty when nothing is. `now` in epoch seconds. */
export function volumesHealth(member: Member, facts: AppFacts, now: number): readonly VolumeHealth[] {
  return member.claims.flatMap((claim) => {
    const found = signOf(claim, member, facts, now);
    return found === undefined ? [] : [{ claim, ...found }];
  });
}

type Found = Omit<VolumeHealth, 'claim'>;

function signOf(claim: ClaimFacts, member: Member, facts: AppFacts, now: number): Found | undefined {
  if (claim.phase === 'Lost')
    return { sign: 'Lost', message: `PersistentVolume ${claim.volumeName} is gone from the cluster` };
  if (facts.unreachableVolumes?.has(claim.volumeName) === true) {
    const message = `no node is left from which ${claim.volumeName} can be reached`;
    // Only what was on a node goes with it: a zone comes back.
    const isLocal = member.slot?.volumes.some((volume) => volume.claim === claim.name && volume.pinned) ?? false;
    return { sign: isLocal ? 'Unreachable' : 'Abnormal', message };
  }
  const events = facts.volumeEvents ?? [];
  return (
    unmountable(claim, member, events, now) ??
    diskError(claim, member, facts, now) ??
    abnormal(claim, member, facts, now)
  );
}

/**
 * Codes with which a driver says that it will not get better by waiting (CSI specification, "Error Scheme"). What was slow or busy has
 * others: DEADLINE_EXCEEDED, UNAVAILABLE, ABORTED, RESOURCE_EXHAUSTED.
 */
const FINAL_CODE = /code = (NotFound|Internal|DataLoss|InvalidArgument|FailedPrecondition)\b/;

/** The kubelet tries again after two minutes at most. */
const TRIED_AGAIN_SECONDS = 180;

/** What the kubelet says of containers that wait for their volumes, among other things. */
const WAITS_FOR_VOLUMES = /^(ContainerCreating|PodInitializing)/;

function unmountable(
  { volumeName }: ClaimFacts,
  { pod }: Member,
  events: readonly VolumeEventFacts[],
  now: number,
): Found | undefined {
  if (pod === undefined || volumeName === '' || !WAITS_FOR_VOLUMES.test(pod.problem ?? '')) return undefined;
  const said = newest(
    events.filter(
      ({ uid, reason, message, lastSeconds }) =>
        uid === pod.uid &&
        lastSeconds + TRIED_AGAIN_SECONDS > now &&
        (reason === 'FailedMount' || reason === 'FailedAttachVolume') &&
        message.includes(`"${volumeName}"`),
    ),
  );
  if (said === undefined || !FINAL_CODE.test(said.message)) return undefined;
  return { sign: 'Unmountable', message: said.message };
}

/** Only a text that names the volume's own mount path: any other may be about any disk. */
function diskError(
  claim: ClaimFacts,
  { pod, ordinal }: Member,
  { app, volumeEvents = [] }: AppFacts,
  now: number,
): Found | undefined {
  if (pod === undefined || isWell(pod, now)) return undefined;
  const probes = volumeEvents.filter(
    ({ uid, reason, lastSeconds }) =>
      uid === pod.uid && reason === 'Unhealthy' && lastSeconds + SAID_BY_KUBELET_SECONDS > now,
  );
  const texts = [endedWith(pod, now), newest(probes)?.message ?? ''];
  const paths = app.spec.volumeClaims.map(({ mountPath }) => mountPath);
  for (const message of texts) {
    const path = pathOfDiskError(message, paths);
    const volume = app.spec.volumeClaims.find(({ mountPath }) => mountPath === path);
    if (volume !== undefined && claimName(volume.name, app.metadata.name, ordinal) === claim.name)
      return { sign: 'DiskError', message: oneLine(message) };
  }
  return undefined;
}

/** The end of a log is several lines, and a condition's message is one. */
function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' / ');
}

/** A container that starts again and again is ready for a moment each time. */
const WELL_AFTER_SECONDS = 30;

/** A container that runs again for so long did not meet the error this time. */
function endedWith({ diskError }: PodFacts, now: number): string {
  const since = diskError?.runningSinceSeconds;
  return diskError !== undefined && (since === undefined || since + WELL_AFTER_SECONDS > now) ? diskError.message : '';
}

function isWell({ ready, readySinceSeconds = 0 }: PodFacts, now: number): boolean {
  return ready && readySinceSeconds + WELL_AFTER_SECONDS <= now;
}

function abnormal(claim: ClaimFacts, { pod, ordinal }: Member, facts: AppFacts, now: number): Found | undefined {
  const { app, volumeEvents = [] } = facts;
  const ofClaim = newest(
    volumeEvents.filter(({ uid, reason }) => uid === claim.uid && reason.startsWith('VolumeCondition')),
  );
  if (ofClaim?.reason === 'VolumeConditionAbnormal') return { sign: 'Abnormal', message: ofClaim.message };
  const volume = app.spec.volumeClaims.find(({ name }) => claimName(name, app.metadata.name, ordinal) === claim.name);
  const ofPod = newest(
    volumeEvents.filter(
      ({ uid, reason, message, lastSeconds }) =>
        uid === pod?.uid &&
        reason === 'VolumeConditionAbnormal' &&
        message.startsWith(`Volume ${volume?.name}: `) &&
        lastSeconds + SAID_BY_KUBELET_SECONDS > now,
    ),
  );
  return ofPod === undefined ? undefined : { sign: 'Abnormal', message: ofPod.message };
}

function newest(events: readonly VolumeEventFacts[]): VolumeEventFacts | undefined {
  return events.toSorted((a, b) => b.lastSeconds - a.lastSeconds)[0];
}
