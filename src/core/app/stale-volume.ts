import { LABEL_APP, LABEL_APP_UID } from '../../api/labels.ts';
import { type Member, type Situation, isOfOtherName } from './situation.ts';

/** Members that may get no slot because their old volume is there and nobody said that its data may be used. */
export function blockedByStaleVolume({ app, members }: Situation): readonly Member[] {
  return members.filter((member) => member.wanted && isBlockedByStaleVolume(member, app));
}

/** `Adopt` is this app's word: it says nothing of volumes of an app that has another name. */
export function isBlockedByStaleVolume({ staleClaims }: Member, app: Situation['app']): boolean {
  return app.spec.retention.reuse === 'Adopt'
    ? staleClaims.some((claim) => isOfOtherName(claim, app))
    : staleClaims.length > 0;
}

/** Which claims, whose they were, and the ways out. */
export function staleVolumeMessage(blocked: readonly Member[], { app }: Situation): string {
  const claims = blocked.flatMap((member) => member.staleClaims);
  const others = claims.filter((claim) => isOfOtherName(claim, app));
  if (others.length > 0) return otherNameMessage(blocked, others);
  const [first] = claims;
  const former = claims.some((claim) => claim.labels[LABEL_APP_UID] !== app.metadata.uid);
  const whose = former ? 'an earlier app or somebody else' : 'a member that was scaled in';
  return `${members(blocked)} would get data that ${whose} left in ${named(claims)}: set spec.retention.reuse to Adopt to use it, or delete it for an empty volume (kubectl delete pvc ${first?.name ?? ''} -n ${app.metadata.namespace}), or ask for fewer replicas`;
}

function otherNameMessage(blocked: readonly Member[], claims: Member['staleClaims']): string {
  const owner = claims[0]?.labels[LABEL_APP] ?? '';
  return `${members(blocked)} would get data of app ${owner}, in ${named(claims)}: claims of both have the same names; call the volume something else in spec.volumeClaims`;
}

function named(claims: Member['staleClaims']): string {
  const names = claims.map((claim) => claim.name);
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}

function members(blocked: readonly Member[]): string {
  const [first] = blocked;
  return blocked.length === 1
    ? `member ${first?.name ?? ''}`
    : `${blocked.length} members from ${first?.name ?? ''} on`;
}
