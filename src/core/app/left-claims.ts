import { LABEL_APP, LABEL_APP_UID } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { ordinalOfClaim } from './claim-name.ts';
import { readList, readString } from './read-field.ts';
import type { Situation } from './situation.ts';

/** Claims that no member is to have any more: of ordinals that are not wanted, and of volumes that the app has no more. */
export function leftClaims(situation: Situation): readonly ClaimFacts[] {
  return [...ofGoneMembers(situation), ...ofRemovedVolumes(situation)];
}

function ofGoneMembers({ facts, app }: Situation): readonly ClaimFacts[] {
  return facts.claims.filter((claim) => {
    const ordinals = app.spec.volumeClaims.map((volume) => ordinalOfClaim(volume.name, app.metadata.name, claim.name));
    return ordinals.some((ordinal) => ordinal !== undefined && ordinal >= app.spec.replicas);
  });
}

/** Not before the StatefulSet has forgotten the volume, and the last pod that mounts it is gone. */
function ofRemovedVolumes({ facts, app, statefulSet }: Situation): readonly ClaimFacts[] {
  const known = new Set(
    readList(statefulSet, 'spec', 'volumeClaimTemplates').map((item) => readString(item, 'metadata', 'name')),
  );
  const mounted = new Set(facts.pods.flatMap((pod) => pod.claims));
  return facts.claims.filter((claim) => {
    const of = removedVolumeOf(app, claim);
    return of !== undefined && statefulSet !== undefined && !known.has(of.volume) && !mounted.has(claim.name);
  });
}

/** Which volume and member a claim of this app was for, when the app has no volume of that name any more. */
export function removedVolumeOf(
  app: PersistentApp,
  claim: ClaimFacts,
): { readonly volume: string; readonly ordinal: number } | undefined {
  const { name, uid } = app.metadata;
  if (claim.labels[LABEL_APP] !== name || claim.labels[LABEL_APP_UID] !== uid) return undefined;
  const [, volume = '', digits = ''] = new RegExp(`^(.+)-${name}-(\\d+)$`).exec(claim.name) ?? [];
  if (volume === '' || app.spec.volumeClaims.some((wanted) => wanted.name === volume)) return undefined;
  return { volume, ordinal: Number(digits) };
}
