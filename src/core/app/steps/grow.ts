import { ANNOTATION_VOLUMES_GREW } from '../../../api/labels.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import type { ClaimFacts } from '../../facts/storage-facts.ts';
import { showBytes } from '../../resources/show-amount.ts';
import { type ClaimGrowth, claimGrowth } from '../../volumes/claim-growth.ts';
import { isGrowing, volumeState, waitsForNode } from '../../volumes/volume-state.ts';
import { claimName } from '../claim-name.ts';
import type { Action } from '../plan.ts';
import { formatTime } from '../rfc3339.ts';
import { type Member, type Situation, isStale } from '../situation.ts';
import type { WantedVolume } from '../wanted-volume.ts';
import type { Finding, Operation } from './step.ts';

/** What is to be done about the size and the attributes of claims, and how far that is. */
export interface Growing {
  readonly actions: readonly Action[];
  readonly findings: readonly Finding[];
  /** Undefined: nothing is going on. */
  readonly operation: Operation | undefined;
  readonly wakeAtSeconds: readonly number[];
}

/** A claim that a wanted member has, with what is asked for it. */
interface Held {
  readonly member: Member;
  readonly volume: WantedVolume;
  readonly claim: ClaimFacts;
  readonly growth: ClaimGrowth;
}

/** What is free is published now and then: a growth that it forbids is looked at again after so long. */
const LOOK_AGAIN_SECONDS = 60;

/** Claims are asked to be as large as their app says, or larger where they fill up and may grow by themselves. */
export function growing(situation: Situation): Growing {
  const held = heldClaims(situation);
  const changes = held.flatMap((item) => change(item, situation.now) ?? []);
  const refusals = held.flatMap(({ growth }) => (growth.kind === 'refused' ? [growth] : []));
  const later = held.flatMap(({ growth }) => (growth.kind === 'later' ? [growth.atSeconds] : []));
  const isTooLarge = refusals.some(({ reason }) => reason === 'NoRoomToGrow');
  return {
    actions: [...changes, ...hurried(held)],
    findings: [...firstOfEach(refusals), ...shrinking(held), ...otherClasses(held)],
    operation: operation(held, changes, situation),
    wakeAtSeconds: [...later, ...(isTooLarge ? [situation.now + LOOK_AGAIN_SECONDS] : [])],
  };
}

function heldClaims({ app, members, volumes, facts, now }: Situation): readonly Held[] {
  const wanted = members.filter((member) => member.wanted);
  return volumes.flatMap((volume) =>
    wanted.flatMap((member) => {
      const name = claimName(volume.claim.name, app.metadata.name, member.ordinal);
      const claim = member.claims.find((candidate) => candidate.name === name);
      // Old data that nobody has said may be used stays as it is.
      if (claim === undefined || isStale(claim, app)) return [];
      const growth = claimGrowth({
        claim,
        volume: volume.claim,
        bytes: volume.bytes,
        storageClass: facts.storageClasses.get(claim.storageClassName),
        freeBytes: facts.freeBytes?.get(claim.storageClassName),
        usage: facts.volumeUsage?.byClaim.get(name),
        now,
      });
      return [{ member, volume, claim, growth }];
    }),
  );
}

function change({ claim, volume, growth }: Held, now: number): Action | undefined {
  const attributes = volume.claim.volumeAttributesClassName;
  const isOther = attributes !== undefined && attributes !== claim.attributesClass && claim.phase === 'Bound';
  if (growth.kind !== 'grow' && !isOther) return undefined;
  const { namespace, name, uid } = claim;
  const whys = [
    ...(growth.kind === 'grow' ? [growth.why] : []),
    ...(isOther ? [`volume ${volume.claim.name} asks for VolumeAttributesClass ${attributes}`] : []),
  ];
  return {
    kind: 'changeClaim',
    namespace,
    name,
    uid,
    ...(growth.kind === 'grow' ? { size: growth.size } : {}),
    ...(growth.kind === 'grow' && growth.byItself ? { grownAt: formatTime(now) } : {}),
    ...(isOther ? { attributesClass: attributes } : {}),
    why: whys.join(', '),
  };
}

/**
 * A kubelet grows the file systems of a pod when it looks at the pod, which it does once a minute or so, or when the pod is changed: so
 * each running pod is touched, once for each size.
 */
function hurried(held: readonly Held[]): readonly Action[] {
  const pods = new Map<PodFacts, readonly string[]>();
  for (const { member, claim } of held) {
    const { pod, bound } = member;
    if (pod === undefined || !bound || pod.deleting || !pod.claims.includes(claim.name)) continue;
    if (waitsForNode(claim)) pods.set(pod, [...(pods.get(pod) ?? []), `${claim.name}=${claim.bytes}`]);
  }
  return [...pods].flatMap(([{ namespace, name, uid, annotations }, sizes]) => {
    const value = sizes.join(' ');
    if (annotations[ANNOTATION_VOLUMES_GREW] === value) return [];
    const target = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
    return [{ kind: 'mark', target, annotations: { [ANNOTATION_VOLUMES_GREW]: value } }];
  });
}

/** One sentence for each reason, with the first claim that it is about. */
function firstOfEach(refusals: readonly Extract<ClaimGrowth, { kind: 'refused' }>[]): readonly Finding[] {
  const reasons = [...new Set(refusals.map(({ reason }) => reason))];
  return reasons.flatMap((reason) => {
    const [first, ...others] = refusals.filter((refusal) => refusal.reason === reason);
    if (first === undefined) return [];
    const more = others.length === 0 ? '' : ` (and ${others.length} more claims)`;
    return [{ reason, message: `${first.message}${more}`, stalls: true, holds: [] }];
  });
}

/** A claim has more than its app asks for, and not because it grew by itself. */
function shrinking(held: readonly Held[]): readonly Finding[] {
  const larger = held.filter(
    ({ volume, claim }) =>
      claim.bytes > volume.bytes && !volume.claim.autoGrow.enabled && volume.newBytes < claim.bytes,
  );
  return firstOfVolume(larger).map(({ volume, claim }) => {
    const has = showBytes(claim.bytes);
    const message = `volume ${volume.claim.name} asks for ${showBytes(volume.bytes)}, and claim ${claim.name} has ${has}: no volume can shrink; ask for ${has} or more, the claim stays as it is`;
    return { reason: 'VolumeMayNotShrink', message, stalls: true, holds: [] };
  });
}

function otherClasses(held: readonly Held[]): readonly Finding[] {
  const others = held.filter(
    ({ volume, claim }) =>
      volume.storageClassName !== '' &&
      claim.storageClassName !== '' &&
      claim.storageClassName !== volume.storageClassName,
  );
  return firstOfVolume(others).map(({ volume, claim }) => {
    const message = `volume ${volume.claim.name} asks for StorageClass ${volume.storageClassName}, and claim ${claim.name} was made in ${claim.storageClassName}, which cannot change: ask for ${claim.storageClassName}, or add a volume of another name and move the data`;
    return { reason: 'VolumeClassMayNotChange', message, stalls: true, holds: [] };
  });
}

function firstOfVolume(held: readonly Held[]): readonly Held[] {
  return held.filter(({ volume }, at) => held.findIndex((other) => other.volume === volume) === at);
}

/** How many of the claims have what they ask for, and what the first of the others waits for. */
function operation(held: readonly Held[], changes: readonly Action[], situation: Situation): Operation | undefined {
  const busy = held.filter(({ claim }) => isGrowing(claim) || volumeState(claim).state === 'Resizing');
  const blind = unseen(held, situation);
  if (busy.length + changes.length === 0) return blind;
  const failed = busy.find(({ claim }) => volumeState(claim).state === 'Failed');
  const first = failed ?? busy[0];
  const message =
    first === undefined
      ? `${changes.length} ${changes.length === 1 ? 'claim is' : 'claims are'} asked to change`
      : `${first.claim.name}: ${volumeState(first.claim).message}`;
  const open = new Set([...busy.map(({ claim }) => claim.name), ...changes.map((item) => 'name' in item && item.name)]);
  const progress = `${held.length - open.size}/${held.length}`;
  return { type: 'Grow', progress, blockedBy: failed === undefined ? '' : 'VolumeFailed', message };
}

/** Volumes that may grow by themselves, and nobody can tell how full they are. */
function unseen(held: readonly Held[], { facts }: Situation): Operation | undefined {
  const usage = facts.volumeUsage;
  if (usage === undefined) return undefined;
  for (const { member, volume, claim } of held) {
    const problem = member.bound ? usage.problems.get(member.pod?.nodeName ?? '') : undefined;
    if (!volume.claim.autoGrow.enabled || problem === undefined) continue;
    const message = `how full ${claim.name} is cannot be read from node ${member.pod?.nodeName ?? ''}, so it does not grow by itself: ${problem}`;
    return { type: 'Grow', progress: '', blockedBy: 'VolumeUsageUnknown', message };
  }
  return undefined;
}
