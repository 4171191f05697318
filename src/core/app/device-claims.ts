import { objectOf, textOf } from '../facts/json.ts';
import type { Situation } from './situation.ts';
import type { Finding } from './steps/step.ts';

/**
 * Devices of ResourceClaims (dynamic resource allocation) are in no stage of the allocator: which node has them is worked out by
 * kube-scheduler alone, from ResourceSlices and what other claims have. A slot would be a promise that kube-scheduler may break, so none
 * is given; what runs keeps running, on the slots that it has.
 */
export function deviceClaimFindings({ app }: Situation): readonly Finding[] {
  const claims: unknown = objectOf(app.spec.template.spec)['resourceClaims'];
  if (!Array.isArray(claims) || claims.length === 0) return [];
  const names = claims.map((claim) => textOf(objectOf(claim)['name'])).join(', ');
  const message = `not supported yet: spec.template.spec.resourceClaims (${names}): which node has these devices is not known when slots are given, so members get no new ones; ask for an extended resource (as nvidia.com/gpu) in place of the claim`;
  return [{ reason: 'NotSupportedYet', message, stalls: true, holds: ['reserve', 'update'] }];
}
