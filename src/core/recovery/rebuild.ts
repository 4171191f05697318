import type { Slot } from '../../api/reservation.ts';
import type { AppFacts } from '../app/facts.ts';
import type { ClaimFacts, RetiringVolume, VolumeFacts } from '../facts/storage-facts.ts';
import type { RunningOperation } from '../operations/running-operation.ts';

/**
 * How far a marked volume is: `marked` its member's claim still has it; `freed` that claim is gone; `renamed` it refers to the claim that
 * will keep it, which is not made; `kept` that claim has it.
 */
export type RetireStage = 'marked' | 'freed' | 'renamed' | 'claimed' | 'kept';

export interface RetiringNow {
  readonly volume: VolumeFacts;
  readonly mark: RetiringVolume;
  readonly stage: RetireStage;
  /** The member's claim, while it is there. */
  readonly claim: ClaimFacts | undefined;
}

/** A member that loses its volumes for new, empty ones. */
export interface MemberRebuild {
  readonly member: string;
  readonly volumes: readonly RetiringNow[];
  /** `undo` nobody wants it any more, and nothing was taken yet. `release` the member must let go. `kept` all of its old volumes are safe. */
  readonly stage: 'undo' | 'release' | 'kept';
}

/** The members whose volumes carry marks, by name. Everything follows from the volumes; an AppOperation only makes the marks. */
export function memberRebuilds(
  facts: AppFacts,
  running: RunningOperation | undefined,
): ReadonlyMap<string, MemberRebuild> {
  const marked = (facts.persistentVolumes ?? []).flatMap((volume) => retiringNow(volume, facts));
  const names = [...new Set(marked.map(({ mark }) => mark.member))];
  return new Map(
    names.map((member) => {
      const volumes = marked.filter(({ mark }) => mark.member === member);
      return [member, { member, volumes, stage: stageOf(volumes, isAskedFor(member, running)) }];
    }),
  );
}

function retiringNow(volume: VolumeFacts, { app, claims }: AppFacts): readonly RetiringNow[] {
  const mark = volume.retiring;
  if (mark === undefined || mark.appUid !== app.metadata.uid) return [];
  const claim = claims.find(({ name, uid }) => name === mark.claim && uid === mark.claimUid);
  const keeper = claims.find(({ name }) => name === mark.as);
  return [{ volume, mark, claim, stage: volumeStage(volume, mark, claim, keeper) }];
}

function volumeStage(
  volume: VolumeFacts,
  mark: RetiringVolume,
  claim: ClaimFacts | undefined,
  keeper: ClaimFacts | undefined,
): RetireStage {
  if (claim !== undefined) return 'marked';
  if (volume.claim?.name !== mark.as) return 'freed';
  if (keeper === undefined) return 'renamed';
  return keeper.phase === 'Bound' && keeper.volumeName === volume.name ? 'kept' : 'claimed';
}

function stageOf(volumes: readonly RetiringNow[], isWanted: boolean): MemberRebuild['stage'] {
  if (volumes.every(({ stage }) => stage === 'kept')) return 'kept';
  // From the first claim that goes there is no way back, and all that is marked is kept in the same way.
  const isBegun = volumes.some(({ stage, claim }) => stage !== 'marked' || claim?.deleting === true);
  return isBegun || isWanted ? 'release' : 'undo';
}

function isAskedFor(member: string, running: RunningOperation | undefined): boolean {
  return running?.operation.spec.type === 'Rebuild' && running.step?.member === member;
}

/** Whether the member must not start anywhere, and no place is looked for: its old volumes are not safe yet. */
export function isLettingGo(rebuild: MemberRebuild | undefined): boolean {
  return rebuild?.stage === 'release';
}

/**
 * What becomes of the slot of a member that is rebuilt: it lets nobody in while the old volumes are taken aside, and then it ends: the new
 * volumes may have their place elsewhere. `own`: nothing else than for others.
 */
export function slotOfRebuilt(slot: Slot | undefined, rebuild: MemberRebuild | undefined): 'closed' | 'ends' | 'own' {
  if (rebuild === undefined || rebuild.stage === 'undo' || slot === undefined) return 'own';
  if (rebuild.stage === 'release') return 'closed';
  return slot.state === 'Moving' ? 'ends' : 'own';
}
