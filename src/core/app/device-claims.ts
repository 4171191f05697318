import { objectOf, textOf } from '../facts/json.ts';
import type { Situation } from './situation.ts';
import type { Finding } from './steps/step.ts';

/**
 * Devices of ResourceClaims (dynamic resource allocation) are in no stage of the allocator: which node has them is worked out by
 * kube-scheduler alone, from ResourceSlices and what other claims have. Members start where they happen to be; nothing is held back.
 */
export function deviceClaimFindings({ app }: Situation): readonly Finding[] {
  const claims: unknown = objectOf(app.spec.template.spec)['resourceClaims'];
  if (!Array.isArray(claims) || claims.length === 0) return [];
  const names = claims.map((claim) => textOf(objectOf(claim)['name'])).join(', ');
  const message = `not supported yet: spec.template.spec.resourceClaims (${names}): devices are not looked at when a node is chosen, so a slot may be on a node whose devices kube-scheduler refuses, and its pod then waits there; name the nodes that have them by a nodeSelector, or ask for an extended resource in place of the claim`;
  return [{ reason: 'NotSupportedYet', message, stalls: false, holds: [] }];
}
