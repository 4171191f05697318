import type { MemberStatus, VolumeStatus } from '../../../api/member-status.ts';
import type { Slot } from '../../../api/reservation.ts';
import type { ClaimFacts } from '../../facts/storage-facts.ts';
import { formatBytes } from '../../resources/quantity.ts';
import { volumeState } from '../../volumes/volume-state.ts';
import { claimName } from '../claim-name.ts';
import { isReady, revisionOf } from '../readiness.ts';
import type { Member, Situation } from '../situation.ts';
import { withHealth } from './volume-health-status.ts';
import { withWords } from './volume-words.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Status of the members that are wanted, or still have a pod or a slot, by ordinal. */
export function memberStatuses(situation: Situation, slots: readonly Slot[]): readonly MemberStatus[] {
  const slotOf = new Map(slots.map((slot) => [slot.member, slot]));
  return situation.members
    .filter((member) => member.wanted || member.pod !== undefined || slotOf.has(member.name))
    .map((member) => memberStatus(member, slotOf.get(member.name), situation));
}

function memberStatus(member: Member, slot: Slot | undefined, situation: Situation): MemberStatus {
  const { facts } = situation;
  const node = member.bound ? (member.pod?.nodeName ?? '') : (slot?.node ?? '');
  const state = stateOf(member, slot, node, situation);
  const message = messageOf(member, state, node, situation);
  return {
    name: member.name,
    node,
    zone: facts.nodes.get(node)?.labels[ZONE] ?? (slot?.node === node ? slot.zone : ''),
    state,
    revision: member.pod === undefined ? '' : revisionOf(member.pod),
    ...(message === '' ? {} : { message: message.slice(0, 1024) }),
    volumes: volumeStatuses(member, situation),
  };
}

function stateOf(member: Member, slot: Slot | undefined, node: string, situation: Situation): MemberStatus['state'] {
  return isOnLostNode(member, situation) ? 'Lost' : ownStateOf(member, slot, node, situation);
}

function ownStateOf(member: Member, slot: Slot | undefined, node: string, situation: Situation): MemberStatus['state'] {
  const { pod } = member;
  if (pod?.deleting === true) return 'Stopping';
  if (pod === undefined) {
    if (situation.app.spec.suspend) return 'Suspended';
    return slot === undefined ? 'Waiting' : 'Reserved';
  }
  if (isReady(member)) return 'Ready';
  if (!member.bound) return slot === undefined ? 'Waiting' : 'Starting';
  if (situation.facts.nodes.get(node)?.ready !== true) return 'Lost';
  return wasReady(member, situation) ? 'NotReady' : 'Starting';
}

/** A pod on a node that is silent says what it was before. */
function isOnLostNode({ bound, name }: Member, { moves }: Situation): boolean {
  return bound && (moves.get(name)?.judgement.kind ?? 'well') !== 'well';
}

/** What only our last status remembers: whether this member has been ready since it was started. */
function wasReady({ name }: Member, { app }: Situation): boolean {
  const before = app.status?.members.find((member) => member.name === name)?.state;
  return before === 'Ready' || before === 'NotReady' || before === 'Lost';
}

function messageOf(member: Member, state: MemberStatus['state'], node: string, situation: Situation): string {
  if (state === 'Lost') {
    const judgement = situation.moves.get(member.name)?.judgement;
    if (judgement !== undefined && judgement.kind !== 'well') return judgement.cause;
    return situation.facts.nodes.has(node) ? `node ${node} is not ready` : `node ${node} is gone`;
  }
  if (state === 'Ready' || state === 'Suspended') return '';
  if (member.staleClaims.length > 0 && state === 'Waiting') {
    return `old volume: ${member.staleClaims.map((claim) => claim.name).join(', ')}`;
  }
  return member.pod?.problem ?? '';
}

function volumeStatuses(member: Member, situation: Situation): readonly VolumeStatus[] {
  const { app } = situation;
  return app.spec.volumeClaims.map((volume) => {
    const name = claimName(volume.name, app.metadata.name, member.ordinal);
    const claim = member.claims.find((candidate) => candidate.name === name);
    return claim === undefined
      ? { claim: name, size: '', state: 'Missing' }
      : withWords(withHealth(volumeStatus(claim), member, situation), claim, member, situation);
  });
}

function volumeStatus(claim: ClaimFacts): VolumeStatus {
  const { state, message } = volumeState(claim);
  return {
    claim: claim.name,
    size: formatBytes(claim.actualBytes === 0 ? claim.bytes : claim.actualBytes),
    state,
    ...(message === '' ? {} : { message: message.slice(0, 1024) }),
  };
}
