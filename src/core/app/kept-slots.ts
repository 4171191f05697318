import type { Slot } from '../../api/reservation.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { localityOf } from '../pools/locality.ts';
import { markFor } from '../drain/drain-mark.ts';
import { isSoughtByMove, slotOnTheMove } from '../operations/slot-on-the-move.ts';
import { type MemberMove, isMoving } from '../recovery/decide-moves.ts';
import { isRecoveryOpen } from '../recovery/record-recovery.ts';
import { slotOfRebuilt } from '../recovery/rebuild.ts';
import { TAINT_OUT_OF_SERVICE } from '../recovery/node-trouble.ts';
import { formatResourceList, parseResourceList } from '../resources/resource-list.ts';
import type { Resources } from '../resources/resources.ts';
import { fits, maxOf, sameResources } from '../resources/vector.ts';
import { claimName } from './claim-name.ts';
import { givenUpFate, isGivenUp } from './given-up-slot.ts';
import { formatTime, parseTime } from './rfc3339.ts';
import type { Member, Situation } from './situation.ts';
import { isBlockedByStaleVolume } from './stale-volume.ts';
import { isUnmakeable } from './unmakeable-slot.ts';

const ZONE = 'topology.kubernetes.io/zone';

/**
 * What the app's Reservation should hold of what it holds: slots follow their pods. Released ones are left out; the reserve step asks for
 * new ones. By ordinal.
 */
export function keptSlots(situation: Situation): readonly Slot[] {
  return situation.members.flatMap((member) => keptSlot(member, situation) ?? []);
}

function keptSlot(member: Member, situation: Situation): Slot | undefined {
  const fate = fateOf(member, situation);
  if (fate !== 'claimed') return fate === 'stays' ? member.slot : undefined;
  // Without a pod it waits for its new volumes, and its slot for them alone.
  const isRebuilt = situation.rebuilds.has(member.name) && !member.bound;
  return (isRebuilt ? undefined : movingSlot(member, situation)) ?? operatedSlot(member, situation);
}

/** The slot of a member that an operation moves or rebuilds; of any other, one that nobody moves. */
function operatedSlot(member: Member, situation: Situation): Slot | undefined {
  const { slot } = member;
  const fate = slotOfRebuilt(slot, situation.rebuilds.get(member.name));
  if (fate === 'ends' && !member.bound) return undefined;
  if (fate === 'closed' && slot !== undefined) return withoutHold({ ...slot, state: 'Moving' });
  const { pod } = member;
  const moved = pod && slotOnTheMove(member, situation, () => claimedSlot(member, pod, situation));
  return moved ?? restingSlot(member, situation);
}

/** What becomes of the slot if it was given up; one that was not, or that is moved off a lost node, is its member's. */
function fateOf({ name, pod, slot }: Member, { moves, now }: Situation): ReturnType<typeof givenUpFate> {
  const isMoved = isMoving(moves.get(name)?.move ?? { step: 'none' });
  return slot === undefined || isMoved || !isGivenUp(slot) ? 'claimed' : givenUpFate(slot, pod, now);
}

/** The slot of a member that nobody moves. */
function restingSlot(member: Member, situation: Situation): Slot | undefined {
  const { pod, slot } = member;
  if (pod !== undefined && member.bound) return claimedSlot(member, pod, situation);
  if (slot === undefined || slot.state === 'Conflicted') return undefined;
  // Part of a decision over several apps: whoever made it, or leads next, completes or withdraws it as a whole.
  if (slot.state === 'Proposed') return slot;
  if (situation.app.spec.suspend) return suspendedSlot(unclaimed(slot, situation), member, situation);
  // A pod that is not bound may be on its way through the scheduler: its slot goes when it is gone.
  if (!member.wanted) return pod === undefined ? undefined : slot;
  return waitingSlot(slot, member, situation);
}

/**
 * The slot of a member that is moved off a lost node. It stays where it is while another one is looked for; the other one lets nobody in
 * before nothing ties the volumes to the old node. Undefined: nothing is moved, or not any more.
 */
function movingSlot(member: Member, situation: Situation): Slot | undefined {
  const { pod, slot } = member;
  const step = situation.moves.get(member.name)?.move.step ?? 'none';
  if (step === 'seek' && pod !== undefined && member.bound)
    return { ...claimedSlot(member, pod, situation), state: 'Moving' };
  if (slot === undefined) return undefined;
  const isMoved = isMoving({ step }) || (step === 'none' && waitsForNobody(member, slot, situation));
  return isMoved ? withoutHold({ ...slot, state: 'Moving', podUID: '' }) : undefined;
}

/** What it waits for is not known at the moment (the node came back half, or the policy was changed): nobody is let in. */
function waitsForNobody({ wanted, bound }: Member, slot: Slot, { app }: Situation): boolean {
  return slot.state === 'Moving' && wanted && !bound && !app.spec.suspend;
}

function withoutHold({ holdUntil: _holdUntil, ...slot }: Slot): Slot {
  return slot;
}

/** Whether another slot is looked for while this one stays; for a lost member not before the status tells of its recovery. */
export function isSought({ member: name }: Slot, situation: Situation): boolean {
  if (situation.moves.get(name)?.move.step === 'seek') return isRecoveryOpen(situation.app.status);
  const member = situation.members.find((candidate) => candidate.name === name);
  return member !== undefined && isSoughtByMove(member, situation);
}

/** The slot of a wanted member that has no bound pod: kept as long as its next pod may and can go there. */
function waitingSlot(slot: Slot, member: Member, situation: Situation): Slot | undefined {
  if (isUnproven(slot, member, situation)) return slot;
  if (isBlockedByStaleVolume(member, situation.app) || !isLargeEnough(slot, member, situation)) return undefined;
  if (cannotReturn(slot, situation) || isUnmakeable(slot, member, situation)) return undefined;
  const held = unclaimed(slot, situation);
  const isLeft = member.pod === undefined || !isNodeReady(held, situation);
  return isLeft && isOver(held, situation.now) ? undefined : held;
}

/**
 * Its pod was never seen to end and is gone from the API, as after a deletion of its node or by force, and nothing proves that it stopped
 * writing: the slot is all that tells where it may still be.
 */
function isUnproven({ state, node }: Slot, { name }: Member, { moves, app, facts }: Situation): boolean {
  if (state !== 'Claimed' || app.spec.recovery.nodeFailure.policy === 'Disabled') return false;
  const trouble = facts.recovery?.trouble.get(node);
  // A kubelet that answers lets go of a pod only when it has ended.
  if (trouble === undefined || (trouble.uid !== '' && trouble.silentSeconds === 0)) return false;
  return lacksProof(moves.get(name)?.judgement);
}

function lacksProof(judgement: MemberMove['judgement'] | undefined): boolean {
  if (judgement?.kind === 'lost') return judgement.awaits !== undefined;
  return judgement?.kind === 'suspected' || judgement?.kind === 'needsFencing';
}

/** The pod is the truth: its slot is where it runs, and as large as what it asks. */
function claimedSlot(member: Member, pod: PodFacts, situation: Situation): Slot {
  const { slot } = member;
  const node = situation.facts.nodes.get(pod.nodeName);
  const base: Slot =
    slot !== undefined && slot.node === pod.nodeName && slot.state !== 'Conflicted'
      ? slot
      : {
          member: member.name,
          node: pod.nodeName,
          zone: node?.labels[ZONE] ?? '',
          resources: {},
          volumes: volumesOf(member, situation),
          state: 'Claimed',
          decision: '',
          podUID: pod.uid,
          epoch: slot?.epoch ?? 0,
          acceptedAt: formatTime(situation.now),
        };
  const { holdUntil: _holdUntil, ...claimed } = base;
  const resources = sameResources(parseResourceList(base.resources), pod.requests)
    ? base.resources
    : formatResourceList(pod.requests);
  return {
    ...claimed,
    volumes: mountedVolumes(claimed.volumes, member, situation),
    state: 'Claimed',
    podUID: pod.uid,
    resources,
  };
}

/** The slot's volumes as the pod has them: those that grew count as what they are, and what is mounted is what the member holds. */
function mountedVolumes(held: Slot['volumes'], member: Member, situation: Situation): Slot['volumes'] {
  const mounted = new Set(member.pod?.claims);
  const wanted = volumesOf(member, situation);
  const known = held.filter(({ claim }) => mounted.has(claim) || wanted.some((volume) => volume.claim === claim));
  const names = new Set(known.map(({ claim }) => claim));
  const added = wanted.filter(({ claim }) => mounted.has(claim) && !names.has(claim));
  const volumes = [...known, ...added].map((volume) => {
    const bytes = member.claims.find(({ name }) => name === volume.claim)?.bytes ?? 0;
    return bytes > volume.bytes ? { ...volume, bytes } : volume;
  });
  const isSame = volumes.length === held.length && volumes.every((volume, at) => volume === held[at]);
  return isSame ? held : volumes;
}

function isLocal(pool: StoragePool | undefined): boolean {
  return pool !== undefined && localityOf(pool) === 'Node';
}

function volumesOf(member: Member, situation: Situation): Slot['volumes'] {
  const { app, facts } = situation;
  return situation.volumes.map(({ claim, bytes, storageClassName }) => ({
    claim: claimName(claim.name, app.metadata.name, member.ordinal),
    pool: claim.pool ?? '',
    storageClassName,
    bytes,
    pinned: isLocal(facts.pools.get(claim.pool ?? '')),
  }));
}

/** A slot whose pod is gone waits for the next one: for `holdSeconds`, or for as long as a volume ties the member to the node. */
function unclaimed(slot: Slot, situation: Situation): Slot {
  const { holdUntil, ...rest } = slot;
  if (slot.state === 'Moving') return { ...slot, state: 'Held', podUID: '' };
  if (slot.state !== 'Claimed') return isPinned(slot) && !situation.app.spec.suspend ? rest : slot;
  const held: Slot = { ...rest, state: 'Held', podUID: '' };
  return isPinned(slot) && !situation.app.spec.suspend ? held : { ...held, holdUntil: holdUntil ?? holdEnd(situation) };
}

/** Stopped: after `holdSeconds` the slot is free, but for the place of a volume that cannot go elsewhere. */
function suspendedSlot(slot: Slot, member: Member, situation: Situation): Slot | undefined {
  if (member.pod !== undefined) return slot;
  if (Object.keys(slot.resources).length === 0) return isPinned(slot) && member.wanted ? slot : undefined;
  if (!isOver(slot, situation.now))
    return slot.holdUntil === undefined ? { ...slot, holdUntil: holdEnd(situation) } : slot;
  const { holdUntil: _holdUntil, ...rest } = slot;
  return isPinned(slot) && member.wanted ? { ...rest, resources: {} } : undefined;
}

function holdEnd({ app, now }: Situation): string {
  return formatTime(now + app.spec.placement.holdSeconds);
}

export function isPinned(slot: Slot): boolean {
  return slot.volumes.some((volume) => volume.pinned);
}

/** Whether the time is up until which the slot is kept without a pod. */
function isOver(slot: Slot, now: number): boolean {
  const until = parseTime(slot.holdUntil);
  return until !== undefined && until <= now;
}

/**
 * Whether the slot covers the pod that will come. One that does not is given back and asked for anew where it was: whether there is more
 * room is for the allocator to say.
 */
function isLargeEnough(slot: Slot, member: Member, situation: Situation): boolean {
  const wanted = wantedRequests(member, situation);
  return wanted === undefined || fits(wanted, parseResourceList(slot.resources)).length === 0;
}

/** What the member's next pod asks: as its template says, or more where the cluster added to it (a LimitRange, a RuntimeClass). */
export function wantedRequests(member: Member, situation: Situation): Resources | undefined {
  const { requests } = situation;
  const { pod } = member;
  if (requests === undefined || pod === undefined || member.bound || pod.deleting) return requests;
  return maxOf(requests, pod.requests);
}

/** The node is gone, is to be emptied or is declared out of service, and nothing ties the member to it. */
function cannotReturn(slot: Slot, situation: Situation): boolean {
  const node = situation.facts.nodes.get(slot.node);
  if (isPinned(slot)) return false;
  if (node === undefined || node.unschedulable || markFor(node, situation) !== undefined) return true;
  return node.taints.some((taint) => taint.key === TAINT_OUT_OF_SERVICE);
}

function isNodeReady(slot: Slot, situation: Situation): boolean {
  return situation.facts.nodes.get(slot.node)?.ready ?? false;
}
