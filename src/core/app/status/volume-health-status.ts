import type { VolumeStatus } from '../../../api/member-status.ts';
import { isFailed } from '../../recovery/rebuild-policy.ts';
import { formatTime } from '../rfc3339.ts';
import type { Member, Situation } from '../situation.ts';

/**
 * The status of a volume with what its storage, its kubelet or its program said of it. Since when it fails without a break is kept from the
 * last status: nothing else remembers it.
 */
export function withHealth(status: VolumeStatus, { name }: Member, { health, app, now }: Situation): VolumeStatus {
  const found = health.get(name)?.find(({ claim }) => claim.name === status.claim);
  if (found === undefined) return status;
  const message = `${found.sign}: ${found.message}`.slice(0, 1024);
  if (!isFailed(found)) return { ...status, state: status.state === 'Bound' ? 'Abnormal' : status.state, message };
  const before = app.status?.members.find((member) => member.name === name)?.volumes;
  const since = before?.find(({ claim }) => claim === status.claim)?.failingSince;
  const state = found.sign === 'Lost' ? 'Lost' : 'Failed';
  return { ...status, state, message, failingSince: since ?? formatTime(now) };
}
