import type { ClaimFacts } from '../../facts/storage-facts.ts';
import type { Situation } from '../situation.ts';
import { type FoundCondition, wasTrue } from './conditions.ts';

/**
 * Volumes whose data goes with their claim, of an app that wants to keep its volumes: whoever deletes the claim, or the namespace, deletes
 * the data. Only where that is or was so.
 */
export function volumesAtRiskCondition({ app, members, facts }: Situation): readonly FoundCondition[] {
  const { whenScaled, whenDeleted } = app.spec.retention;
  const isKeeper = whenScaled === 'Retain' || whenDeleted === 'Retain';
  const policies = new Map((facts.persistentVolumes ?? []).map(({ name, reclaimPolicy }) => [name, reclaimPolicy]));
  const policyOf = ({ volumeName, storageClassName }: ClaimFacts) =>
    policies.get(volumeName) ?? facts.storageClasses.get(storageClassName)?.reclaimPolicy;
  const claims = members.flatMap((member) => member.claims).filter(({ phase }) => phase === 'Bound');
  const atRisk = isKeeper ? claims.filter((claim) => policyOf(claim) === 'Delete') : [];
  const [first] = atRisk;
  if (first !== undefined) {
    const more = atRisk.length === 1 ? '' : ` and ${atRisk.length - 1} more`;
    const message = `${atRisk.length} of ${claims.length} volumes have reclaim policy Delete (${first.volumeName} of ${first.name}${more}): their data goes when the claim or the namespace is deleted; to keep it: kubectl patch pv ${first.volumeName} -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`;
    return [{ type: 'VolumesAtRisk', status: 'True', reason: 'ReclaimPolicyDelete', message }];
  }
  return wasTrue(app, 'VolumesAtRisk')
    ? [{ type: 'VolumesAtRisk', status: 'False', reason: 'VolumesRetained', message: '' }]
    : [];
}
