import { LABEL_APP_UID } from '../../api/labels.ts';
import type { Member, Situation } from './situation.ts';

/** Members that may get no slot because their old volume is there and nobody said that its data may be used. */
export function blockedByStaleVolume({ app, members }: Situation): readonly Member[] {
  if (app.spec.retention.reuse === 'Adopt') return [];
  return members.filter((member) => member.wanted && member.staleClaims.length > 0);
}

/** Which claims, whose they were, and the ways out. */
export function staleVolumeMessage(blocked: readonly Member[], { app }: Situation): string {
  const claims = blocked.flatMap((member) => member.staleClaims);
  const [first] = claims;
  const former = claims.some((claim) => claim.labels[LABEL_APP_UID] !== app.metadata.uid);
  const names = claims.map((claim) => claim.name);
  const shown = names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
  const whose = former ? 'an earlier app or somebody else' : 'a member that was scaled in';
  return `${members(blocked)} would get data that ${whose} left in ${shown}: set spec.retention.reuse to Adopt to use it, or delete it for an empty volume (kubectl delete pvc ${first?.name ?? ''} -n ${app.metadata.namespace}), or ask for fewer replicas`;
}

function members(blocked: readonly Member[]): string {
  const [first] = blocked;
  return blocked.length === 1
    ? `member ${first?.name ?? ''}`
    : `${blocked.length} members from ${first?.name ?? ''} on`;
}
