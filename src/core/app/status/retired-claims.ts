import { ANNOTATION_RETIRED, ANNOTATION_RETIRED_MEMBER } from '../../../api/labels.ts';
import type { RetiredClaim } from '../../../api/member-status.ts';
import type { Removal } from '../../backup/remove-claims.ts';
import { formatBytes } from '../../resources/quantity.ts';
import { ordinalOfClaim } from '../claim-name.ts';
import { removedVolumeOf } from '../left-claims.ts';
import { memberName } from '../member-name.ts';
import { parseTime } from '../rfc3339.ts';
import { type Situation, isStale } from '../situation.ts';
import { claimRemovals } from '../steps/retention.ts';

/** Claims with old data that no member uses, by name. They are kept until a person deletes or adopts them. */
export function retiredClaims(situation: Situation): readonly RetiredClaim[] {
  const { facts, app, members } = situation;
  const removals = claimRemovals(situation);
  const used = new Set(members.filter((member) => member.bound && member.wanted).map((member) => member.name));
  return facts.claims
    .filter((claim) => isStale(claim, app))
    .flatMap((claim) => {
      const known = app.spec.volumeClaims
        .map((volume) => ordinalOfClaim(volume.name, app.metadata.name, claim.name))
        .find((found) => found !== undefined);
      const ordinal = known ?? removedVolumeOf(app, claim)?.ordinal;
      const lostTo = claim.annotations[ANNOTATION_RETIRED_MEMBER];
      const member = ordinal === undefined ? lostTo : memberName(app.metadata.name, ordinal);
      if (member === undefined) return [];
      if (known !== undefined && used.has(member)) return [];
      const retiredAt = claim.annotations[ANNOTATION_RETIRED];
      return [
        {
          claim: claim.name,
          member,
          ...(retiredAt === undefined || parseTime(retiredAt) === undefined ? {} : { retiredAt }),
          size: formatBytes(claim.actualBytes === 0 ? claim.bytes : claim.actualBytes),
          ...fateOf(removals.find(({ of }) => of.claim.uid === claim.uid)),
        },
      ];
    })
    .toSorted((a, b) => (a.claim < b.claim ? -1 : 1));
}

function fateOf(removal: Removal | undefined): Pick<RetiredClaim, 'state' | 'message'> {
  if (removal === undefined) return { state: 'Kept' };
  const { stage, message } = removal;
  const isGoing = stage === 'going' || stage === 'removing';
  return { state: isGoing ? 'Deleting' : 'Waiting', message: message.slice(0, 1024) };
}
