import type { Slot } from '../../api/reservation.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { objectOf } from '../facts/json.ts';
import { claimsOf, sharedVolumesOf } from '../facts/pod-volumes.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { type MemberMove, decideMoves } from '../recovery/decide-moves.ts';
import type { MemberVolume } from '../recovery/evidence.ts';
import { isRecoveryOpen } from '../recovery/record-recovery.ts';
import { claimName } from './claim-name.ts';
import type { AppFacts } from './facts.ts';
import { isGivenUp } from './given-up-slot.ts';

/** Of a member (situation.ts), what its recovery depends on. */
interface Member {
  readonly name: string;
  readonly ordinal: number;
  readonly wanted: boolean;
  readonly bound: boolean;
  readonly pod: PodFacts | undefined;
  readonly slot: Slot | undefined;
  readonly claims: readonly ClaimFacts[];
}

/** What recovery decides for each wanted member, by name. Empty while nothing is wrong with any node of theirs. */
export function memberMoves(
  facts: AppFacts,
  members: readonly Member[],
  rebuilds: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, MemberMove> {
  const { app, recovery } = facts;
  if (recovery === undefined || app.spec.suspend) return new Map();
  const moves = decideMoves({
    members: members
      .filter((member) => member.wanted)
      // Without a pod it waits for its own new volume, and not for what ties the old one to some node.
      .filter((member) => member.bound || !rebuilds.has(member.name))
      .map((member) => ({
        name: member.name,
        podNode: member.bound ? (member.pod?.nodeName ?? '') : '',
        slot: slotOf(member, recovery.trouble),
        isPinned: member.slot?.volumes.some((volume) => volume.pinned) ?? false,
        volumes: volumesOf(member, facts),
        ...lockedOf(member, recovery.lockedVolumes),
        attachments: recovery.attachments.filter(({ volumeName }) =>
          member.claims.some((claim) => claim.volumeName === volumeName),
        ),
      })),
    trouble: recovery.trouble,
    policy: app.spec.recovery.nodeFailure,
    isRecorded: isRecoveryOpen(app.status),
    breakerProblem: recovery.breakerProblem,
  });
  return new Map(moves.map((move) => [move.member, move]));
}

/**
 * A slot that is given up for somebody's guarantee is no recovery: its pod is there. Nor is one on the move from a node with which nothing
 * is wrong: an operation or a drain moves it, and takes no turn from those that are lost.
 */
function slotOf({ slot, pod, bound }: Member, trouble: ReadonlyMap<string, unknown>): Member['slot'] {
  if (slot === undefined) return undefined;
  if (pod !== undefined && bound && !trouble.has(pod.nodeName))
    return { ...slot, node: pod.nodeName, state: 'Claimed' };
  return isGivenUp(slot) ? { ...slot, state: 'Claimed' } : slot;
}

function lockedOf(
  { claims }: Member,
  locked: ReadonlyMap<string, string> = new Map(),
): { readonly locked?: { readonly claim: string; readonly zone: string } } {
  for (const { name, volumeName } of claims) {
    const zone = locked.get(volumeName);
    if (zone !== undefined) return { locked: { claim: name, zone } };
  }
  return {};
}

/**
 * What the member can write to: its claims, and whatever else its pod mounts, of which nothing is known. A pod that is gone from the API
 * may still run, and mounts what the template says.
 */
function volumesOf(member: Member, { app, recovery }: AppFacts): readonly MemberVolume[] {
  const shared = new Set(
    app.spec.volumeClaims
      .filter((volume) => volume.accessMode === 'ReadWriteMany')
      .map((volume) => claimName(volume.name, app.metadata.name, member.ordinal)),
  );
  const template = objectOf(app.spec.template['spec']);
  const names = new Set([
    ...member.claims.map((claim) => claim.name),
    ...(member.pod?.claims ?? []),
    ...claimsOf(member.name, template),
  ]);
  const claimed = [...names].map((claim) => {
    const volume = member.claims.find((candidate) => candidate.name === claim)?.volumeName ?? '';
    return { claim, isExclusive: !shared.has(claim) && recovery?.exclusiveVolumes.has(volume) === true };
  });
  const unclaimed = new Set([...(member.pod?.sharedVolumes ?? []), ...(sharedVolumesOf(template).sharedVolumes ?? [])]);
  return [...claimed, ...[...unclaimed].map((volume) => ({ claim: volume, isExclusive: false, isUnclaimed: true }))];
}
