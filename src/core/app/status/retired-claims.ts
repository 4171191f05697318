import { ANNOTATION_RETIRED } from '../../../api/labels.ts';
import type { RetiredClaim } from '../../../api/member-status.ts';
import { formatBytes } from '../../resources/quantity.ts';
import { ordinalOfClaim } from '../claim-name.ts';
import { memberName } from '../member-name.ts';
import { parseTime } from '../rfc3339.ts';
import { type Situation, isStale } from '../situation.ts';

/** Claims with old data that no member uses, by name. They are kept until a person deletes or adopts them. */
export function retiredClaims({ facts, app, members }: Situation): readonly RetiredClaim[] {
  const used = new Set(members.filter((member) => member.bound && member.wanted).map((member) => member.name));
  return facts.claims
    .filter((claim) => isStale(claim, app))
    .flatMap((claim) => {
      const ordinal = app.spec.volumeClaims
        .map((volume) => ordinalOfClaim(volume.name, app.metadata.name, claim.name))
        .find((found) => found !== undefined);
      if (ordinal === undefined) return [];
      const member = memberName(app.metadata.name, ordinal);
      if (used.has(member)) return [];
      const retiredAt = claim.annotations[ANNOTATION_RETIRED];
      return [
        {
          claim: claim.name,
          member,
          ...(retiredAt === undefined || parseTime(retiredAt) === undefined ? {} : { retiredAt }),
          size: formatBytes(claim.actualBytes === 0 ? claim.bytes : claim.actualBytes),
        },
      ];
    })
    .toSorted((a, b) => (a.claim < b.claim ? -1 : 1));
}
