import type { AdmissionWorld, AskingPod } from './admission-world.ts';
import { whichMember } from './which-member.ts';

/**
 * Whether what we know of the pod may be behind: it was just created by a StatefulSet that we have not heard of, or is a member whose slot
 * we have not heard of though nobody says why it has none. An app that waits says why.
 */
export function isHeardOfTooLittle(pod: AskingPod, world: AdmissionWorld): boolean {
  const whose = whichMember(pod, world);
  if (whose.kind === 'unresolved') return pod.owner?.kind === 'StatefulSet';
  if (whose.kind === 'other') return false;
  const { app, member } = whose.member;
  return world.slot(app.uid, member) === undefined && world.app(app.uid)?.reason === undefined;
}
