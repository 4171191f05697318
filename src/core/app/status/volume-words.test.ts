import { describe, expect, test } from '@jest/globals';
import { DATA, LAUNCHED_ALONE, NOW, app, claim, facts, pod } from '../../../../test/support/app-builders.ts';
import type { VolumeEventFacts } from '../../facts/read-volume-event.ts';
import { understand } from '../understand.ts';
import { memberStatuses } from './member-status.ts';

const REFUSED = 'failed to provision volume with StorageClass "fast": rpc error: code = InvalidArgument desc = tier';
const HANGS = 'AttachVolume.Attach failed for volume "pv-data-db-0" : rpc error: code = DeadlineExceeded';
const PENDING = claim({ phase: 'Pending', volumeName: '' });

const event = (parts: Partial<VolumeEventFacts>): VolumeEventFacts => ({
  namespace: 'prod',
  kind: 'Pod',
  name: 'db-0',
  uid: pod().uid,
  reason: 'FailedAttachVolume',
  message: HANGS,
  lastSeconds: NOW - 5,
  ...parts,
});

const refused = (parts: Partial<VolumeEventFacts> = {}) =>
  event({
    kind: 'PersistentVolumeClaim',
    name: PENDING.name,
    uid: PENDING.uid,
    reason: 'ProvisioningFailed',
    message: REFUSED,
    ...parts,
  });

function volumeOf(parts: Parameters<typeof facts>[0]) {
  const known = facts({ app: app({ spec: { volumeClaims: [DATA] } }), statefulSet: LAUNCHED_ALONE, ...parts });
  return memberStatuses(understand(known, NOW), [])[0]?.volumes[0];
}

const waiting = [pod({ ready: false, problem: 'ContainerCreating' })];

describe('a volume that is waited for is told in the words', () => {
  test('of the driver that does not make it', () => {
    const found = volumeOf({
      claims: [PENDING],
      volumeEvents: [refused({ message: 'older', lastSeconds: NOW - 60 }), refused()],
    });
    expect(found).toMatchObject({ state: 'Pending', message: REFUSED });
  });

  test('of whoever attaches it and does not come to an end', () => {
    const found = volumeOf({ claims: [claim()], pods: waiting, volumeEvents: [event({})] });
    expect(found).toMatchObject({ state: 'Bound', message: HANGS });
  });

  test.each<readonly [string, Parameters<typeof facts>[0]]>([
    ['of an earlier claim', { claims: [PENDING], volumeEvents: [refused({ uid: 'before' })] }],
    ['of long ago', { claims: [PENDING], volumeEvents: [refused({ lastSeconds: NOW - 1000 })] }],
    ['of a claim that is bound by now', { claims: [claim()], volumeEvents: [refused({ uid: claim().uid })] }],
    ['of an earlier pod', { claims: [claim()], pods: waiting, volumeEvents: [event({ uid: 'before' })] }],
    [
      'of another volume',
      { claims: [claim()], pods: waiting, volumeEvents: [event({ message: 'volume "pv-other"' })] },
    ],
    ['of a member that is ready', { claims: [claim()], pods: [pod()], volumeEvents: [event({})] }],
  ])('but not %s', (_, parts) => {
    expect(volumeOf(parts)).not.toHaveProperty('message');
  });
});
