import { describe, expect, test } from '@jest/globals';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { VolumeEventFacts } from '../facts/read-volume-event.ts';
import type { AppFacts } from '../app/facts.ts';
import { DATA, NOW, app, claim, facts, pod, slot } from '../../../test/support/app-builders.ts';
import { volumesHealth } from './volume-health.ts';

const event = (parts: Partial<VolumeEventFacts>): VolumeEventFacts => ({
  namespace: 'prod',
  kind: 'Pod',
  name: 'db-0',
  uid: 'uid-db-0',
  reason: 'FailedMount',
  message: '',
  lastSeconds: NOW - 5,
  ...parts,
});

const LOCAL = { claim: 'data-db-0', pool: '', storageClassName: 'fast', bytes: 1, pinned: true };

const mountFailed = (code: string, volume = 'pv-data-db-0') =>
  event({ message: `MountVolume.MountDevice failed for volume "${volume}" : rpc error: code = ${code} desc = broken` });
const ofClaim = (reason: VolumeEventFacts['reason'], lastSeconds: number) =>
  event({
    kind: 'PersistentVolumeClaim',
    name: 'data-db-0',
    uid: 'uid-data-db-0',
    reason,
    message: 'told',
    lastSeconds,
  });

interface Parts {
  pod?: Partial<PodFacts>;
  facts?: Partial<AppFacts>;
  claim?: object;
}

const signs = (parts: Parts): readonly string[] => healthOf(parts).map(({ sign }) => sign);

function healthOf(parts: Parts) {
  const known = facts({ app: app({ spec: { volumeClaims: [DATA] } }), ...parts.facts });
  const member = {
    name: 'db-0',
    ordinal: 0,
    pod: pod({ ready: false, problem: 'ContainerCreating', ...parts.pod }),
    slot: slot({ volumes: [LOCAL] }),
    claims: [claim(parts.claim)],
  };
  return volumesHealth(member, known, NOW);
}

const ended = (message: string, runningSinceSeconds?: number) =>
  signs({ pod: { diskError: { message, runningSinceSeconds } } });

describe('the health of a volume', () => {
  test('of a well member is nobody’s news', () => {
    expect(signs({ pod: { ready: true } })).toEqual([]);
  });

  test('is Lost with its PersistentVolume', () => {
    expect(signs({ claim: { phase: 'Lost' } })).toEqual(['Lost']);
  });

  test('is Unreachable when no node is left for it', () => {
    expect(signs({ facts: { unreachableVolumes: new Set(['pv-data-db-0']) } })).toEqual(['Unreachable']);
  });

  test.each(['NotFound', 'Internal', 'DataLoss'])('is Unmountable when the driver answers %s', (code) => {
    expect(signs({ facts: { volumeEvents: [mountFailed(code)] } })).toEqual(['Unmountable']);
  });

  test.each(['DeadlineExceeded', 'Unavailable', 'Aborted', 'ResourceExhausted'])(
    'is as it was when the driver is slow or busy: %s',
    (code) => {
      expect(signs({ facts: { volumeEvents: [mountFailed(code)] } })).toEqual([]);
    },
  );

  test('is as it was once the containers have started, or when the kubelet has said it long ago', () => {
    expect(signs({ facts: { volumeEvents: [mountFailed('Internal')] }, pod: { problem: 'ErrImagePull' } })).toEqual([]);
    expect(signs({ facts: { volumeEvents: [{ ...mountFailed('Internal'), lastSeconds: NOW - 200 }] } })).toEqual([]);
  });

  test.each([
    ['another volume', [mountFailed('Internal', 'pv-other')]],
    ['an earlier pod', [{ ...mountFailed('Internal'), uid: 'before' }]],
    [
      'a wait for another node',
      [event({ reason: 'FailedAttachVolume', message: 'Multi-Attach error for volume "pv-data-db-0"' })],
    ],
    ['a missing secret', [event({ message: 'MountVolume.SetUp failed for volume "secret" : secret "x" not found' })]],
  ])('says nothing for what is said of %s', (_, volumeEvents) => {
    expect(signs({ facts: { volumeEvents } })).toEqual([]);
  });

  test('is a DiskError when the container ended with one on its path', () => {
    expect(ended("can't create /data/log: Input/output error")).toEqual(['DiskError']);
    expect(ended('/data/log: Input/output error', NOW - 5)).toEqual(['DiskError']);
    expect(ended('/data/log: Input/output error', NOW - 60)).toEqual([]);
    expect(ended('/tmp/log: Read-only file system')).toEqual([]);
  });

  test('is told in one line, whatever the container said last', () => {
    const diskError = {
      message: 'sync: /data/log: I/O error\nrecord 8 could not be written\n',
      runningSinceSeconds: undefined,
    };
    const [found] = healthOf({ pod: { diskError } });
    expect(found?.message).toBe('sync: /data/log: I/O error / record 8 could not be written');
  });

  test('is a DiskError when a probe met one on its path, and none once the member is ready', () => {
    const message = 'Readiness probe failed: touch: /data/probe: Read-only file system';
    const volumeEvents = [event({ reason: 'Unhealthy', message })];
    expect(signs({ facts: { volumeEvents } })).toEqual(['DiskError']);
    expect(signs({ facts: { volumeEvents }, pod: { ready: true } })).toEqual([]);
  });

  test('is Abnormal from what the health monitor said last of the claim, ready or not', () => {
    const abnormal = ofClaim('VolumeConditionAbnormal', NOW - 60);
    expect(signs({ facts: { volumeEvents: [abnormal] }, pod: { ready: true } })).toEqual(['Abnormal']);
    expect(signs({ facts: { volumeEvents: [abnormal, ofClaim('VolumeConditionNormal', NOW - 10)] } })).toEqual([]);
    expect(signs({ facts: { volumeEvents: [{ ...abnormal, uid: 'before' }] } })).toEqual([]);
  });

  test('is Abnormal from the kubelet for as long as it repeats it', () => {
    const said = event({ reason: 'VolumeConditionAbnormal', message: 'Volume data: rebuilding' });
    expect(signs({ facts: { volumeEvents: [said] }, pod: { ready: true } })).toEqual(['Abnormal']);
    expect(signs({ facts: { volumeEvents: [{ ...said, lastSeconds: NOW - 400 }] } })).toEqual([]);
  });
});
