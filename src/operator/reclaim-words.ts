import { showAmount } from '../core/resources/show-amount.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { EventText } from '../kube/events.ts';
import type { ReclaimClaim } from './reclaim-claims.ts';
import type { Leaving } from './reclaim-live-check.ts';

/** For whom somebody goes, and by what right. */
export function forWhom(claim: ReclaimClaim): string {
  const { app, framework } = claim;
  const { resource, guaranteed, used } = claim.guarantee;
  const has = `${showAmount(resource, guaranteed)} of ${resource} and uses ${showAmount(resource, used)}`;
  return `for ${objectKey(app.namespace, app.name)} of framework ${framework}${besideWhom(claim)}, which is guaranteed ${has}`;
}

function besideWhom({ app, parts }: ReclaimClaim): string {
  const others = parts.flatMap((part) => (part.app.uid === app.uid ? [] : [part.app.name]));
  return others.length === 0 ? '' : ` (it starts together with ${others.join(', ')})`;
}

/** To the app that loses a member. */
export function reclaimed(claim: ReclaimClaim, { app, member, node }: Leaving): EventText {
  const message = `${member} on ${node} is evicted ${forWhom(claim)}; framework ${app.framework} had borrowed that, and ${member} waits until there is room`;
  return { type: 'Warning', reason: 'Reclaimed', message };
}

/** To each app that gets room. */
export function reclaiming(claim: ReclaimClaim): EventText {
  return { type: 'Normal', reason: 'Reclaiming', message: `${whoGoes(claim)}: they go ${forWhom(claim)}` };
}

/** To each app that would get room, when somebody cannot go now. */
export function heldUp({ member, app }: Leaving, message: string, retrySeconds: number): EventText {
  const who = `${objectKey(app.namespace, member)} of framework ${app.framework}`;
  const text = `room that is guaranteed is lent to ${who}, which cannot go now: ${message}; it is asked again in ${retrySeconds} s, and others before`;
  return { type: 'Warning', reason: 'ReclaimHeldUp', message: text };
}

/** What the claimants wait for. */
export function waitsFor(claim: ReclaimClaim): string {
  const held = claim.heldUpBy === undefined ? '' : ` (${claim.heldUpBy})`;
  return `room that it is guaranteed comes back when these are gone: ${whoGoes(claim)}${held}`;
}

/** Members that one message names. */
const NAMED = 4;

function whoGoes({ members }: ReclaimClaim): string {
  const named = members
    .slice(0, NAMED)
    .map(({ app, member, node }) => `${objectKey(app.namespace, member)} on ${node}`);
  return members.length > NAMED ? `${named.join(', ')} and ${members.length - NAMED} more` : named.join(', ');
}
