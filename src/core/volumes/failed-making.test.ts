import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { GI, NOW, claimFacts } from '../../../test/support/core-builders.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { VolumeEventFacts } from '../facts/read-volume-event.ts';
import {
  FIRST_WAIT_SECONDS,
  LONGEST_WAIT_SECONDS,
  type MakingTrouble,
  givenUpNode,
  madeForNode,
  saidOf,
  troubleAfter,
} from './failed-making.ts';
import { runs } from '../../../test/support/law-runs.ts';

const WAITING = claimFacts('data', { selectedNode: 'n1' });

describe('a claim whose node is taken back', () => {
  test('tells that no volume could be made for that node', () => {
    expect(givenUpNode(WAITING, { ...WAITING, selectedNode: '' })).toBe('n1');
  });

  test.each<[string, ClaimFacts | undefined, ClaimFacts | undefined]>([
    ['it has a volume', WAITING, { ...WAITING, selectedNode: '', volumeName: 'pv', phase: 'Bound' }],
    ['it is being bound', WAITING, { ...WAITING, selectedNode: '', volumeName: 'pv' }],
    ['its volume is lost', WAITING, { ...WAITING, selectedNode: '', phase: 'Lost' }],
    ['it is being deleted', WAITING, { ...WAITING, selectedNode: '', deleting: true }],
    ['it is another one of that name', WAITING, { ...WAITING, selectedNode: '', uid: 'other' }],
    ['it never had a node', { ...WAITING, selectedNode: '' }, { ...WAITING, selectedNode: '' }],
    ['it goes to another node', WAITING, { ...WAITING, selectedNode: 'n2' }],
    ['it is gone', WAITING, undefined],
    ['it is new', undefined, { ...WAITING, selectedNode: '' }],
  ])('tells nothing when %s', (_what, before, now) => {
    expect(givenUpNode(before, now)).toBeUndefined();
  });
});

test('a volume is made when its claim gets bound, and not again', () => {
  const bound: ClaimFacts = { ...WAITING, phase: 'Bound', volumeName: 'pv' };
  expect([madeForNode(WAITING, bound), madeForNode(bound, bound), madeForNode(WAITING, WAITING)]).toEqual([
    'n1',
    undefined,
    undefined,
  ]);
});

/** What is known of a node after failures so many seconds after NOW. */
const failing = (times: readonly number[], bytes = GI) =>
  times.reduce<MakingTrouble | undefined>(
    (before, at) => troubleAfter(before, { bytes, atSeconds: NOW + at }),
    undefined,
  );

describe('a node for which no volume could be made', () => {
  test('is left out for a minute, then for twice as long after each try, and ten minutes at most', () => {
    const waits: number[] = [];
    let trouble: MakingTrouble | undefined;
    for (let at = NOW; waits.length < 6; at = trouble.untilSeconds + 5) {
      trouble = troubleAfter(trouble, { bytes: GI, atSeconds: at });
      waits.push(trouble.untilSeconds - at);
    }
    expect(waits).toEqual([60, 120, 240, 480, 600, 600]);
  });

  test('is left out no longer when others fail that were on their way', () => {
    expect(failing([0, 5, 59])).toMatchObject({ untilSeconds: NOW + FIRST_WAIT_SECONDS, waitSeconds: 60 });
  });

  test('begins anew when it was well for ten minutes', () => {
    const long = FIRST_WAIT_SECONDS + LONGEST_WAIT_SECONDS;
    expect(failing([0, long])).toMatchObject({ waitSeconds: FIRST_WAIT_SECONDS, atSeconds: NOW + long });
  });

  test('is left out for smaller volumes from the smallest on that failed', () => {
    const large = failing([0], 10 * GI);
    expect(troubleAfter(large, { bytes: 20 * GI, atSeconds: NOW + 1 })).toBe(large);
    expect(troubleAfter(large, { bytes: GI, atSeconds: NOW + 1 })).toEqual({ ...large, leastBytes: GI });
  });

  test('whatever fails when: every wait is of a minute to ten, and ends', () => {
    const failures = fc.array(fc.record({ after: fc.integer({ min: 0, max: 2000 }), bytes: fc.integer({ min: 1 }) }));
    fc.assert(
      fc.property(failures, (list) => {
        let [at, trouble]: [number, MakingTrouble | undefined] = [NOW, undefined];
        for (const { after, bytes } of list) {
          at += after;
          trouble = troubleAfter(trouble, { bytes, atSeconds: at });
          expect(trouble.untilSeconds).toBeGreaterThan(at);
          expect(trouble.untilSeconds - trouble.atSeconds).toBe(trouble.waitSeconds);
          expect(trouble.waitSeconds).toBeGreaterThanOrEqual(FIRST_WAIT_SECONDS);
          expect(trouble.waitSeconds).toBeLessThanOrEqual(LONGEST_WAIT_SECONDS);
          expect(trouble.leastBytes).toBeLessThanOrEqual(bytes);
        }
      }),
      runs(100),
    );
  });
});

const event = (parts: Partial<VolumeEventFacts>): VolumeEventFacts => ({
  namespace: 'shop',
  kind: 'PersistentVolumeClaim',
  name: 'data',
  uid: 'uid-data',
  reason: 'ProvisioningFailed',
  message: 'no space',
  lastSeconds: NOW - 1,
  ...parts,
});

describe('what the provisioner said', () => {
  test.each<[string, readonly (VolumeEventFacts | null)[], string]>([
    ['is the newest of what it said then', [event({}), event({ message: 'full', lastSeconds: NOW })], 'full'],
    ['is not what it said of an earlier node', [event({ lastSeconds: NOW - 30 })], ''],
    ['is not what it said of others', [null, event({ uid: 'other' }), event({ reason: 'FailedMount' })], ''],
  ])('%s', (_what, events, said) => {
    expect(saidOf(events, { claimUid: 'uid-data', atSeconds: NOW })).toBe(said);
  });
});
