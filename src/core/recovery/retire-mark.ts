import { ANNOTATION_RETIRES } from '../../api/labels.ts';
import { intentHash } from '../app/intent-hash.ts';
import type { ClaimFacts, RetiringVolume } from '../facts/storage-facts.ts';

/**
 * What is written on a PersistentVolume before its member loses it, together with the reclaim policy Retain: as which claim it is kept.
 * All that follows is read off this mark, so that whoever comes after a crash goes on, whatever became of the AppOperation.
 */
export type RetireMark = Pick<RetiringVolume, 'appUid' | 'member' | 'claim' | 'claimUid' | 'as'>;

/** Name of the claim under which a member's old volume is kept: no other claim's volume was ever kept under it. */
export function retiredClaimName(claim: string, claimUid: string): string {
  return `${claim}-retired-x${intentHash(claimUid).slice(0, 8)}`;
}

export function markFor(appUid: string, member: string, claim: ClaimFacts): RetireMark {
  return { appUid, member, claim: claim.name, claimUid: claim.uid, as: retiredClaimName(claim.name, claim.uid) };
}

/** The annotation that says it; null takes it off. */
export function markAnnotation(mark: RetireMark | undefined): Readonly<Record<string, string | null>> {
  return { [ANNOTATION_RETIRES]: mark === undefined ? null : JSON.stringify(mark) };
}
