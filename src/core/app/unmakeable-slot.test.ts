import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  DATA,
  LAUNCHED_ALONE,
  NOW,
  app,
  claim,
  facts,
  pendingPod,
  pod,
  reservation,
  slot,
} from '../../../test/support/app-builders.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { FailedMaking } from '../volumes/failed-making.ts';
import type { AppFacts } from './facts.ts';
import { plan } from './make-plan.ts';
import { formatTime } from './rfc3339.ts';
import { runs } from '../../../test/support/law-runs.ts';

const UNMADE = { phase: 'Pending', volumeName: '', actualBytes: 0 } as const;
const FAILED: FailedMaking = { claimUid: 'uid-data-db-0', node: 'n1', atSeconds: NOW - 1, untilSeconds: NOW + 59 };
const HELD = slot({
  acceptedAt: formatTime(NOW - 10),
  volumes: [{ claim: 'data-db-0', pool: '', storageClassName: 'fast', bytes: 2 ** 30, pinned: false }],
});
const LOG = { ...DATA, name: 'log', mountPath: '/log' };

/** db-0 has a slot on n1, and its pod waits for its volume. */
function planned(given: Partial<AppFacts> = {}, volumeClaims: readonly object[] = [DATA]) {
  return plan(
    facts({
      app: app({ spec: { replicas: 1, volumeClaims } }),
      statefulSet: LAUNCHED_ALONE,
      reservation: reservation([HELD]),
      pods: [pendingPod()],
      claims: [claim(UNMADE)],
      failedMakings: [FAILED],
      ...given,
    }),
    NOW,
  );
}

describe('a member whose volume cannot be made where its slot is', () => {
  test('gives the slot up and asks for another one', () => {
    const result = planned();
    expect(result.slots).toEqual([]);
    expect(result.demand?.members).toMatchObject([{ member: 'db-0' }]);
    expect(result.actions.filter(({ kind }) => kind !== 'apply')).toEqual([]);
  });

  test('also gives up one that is pinned to the node, since nothing was made there', () => {
    const [volume] = HELD.volumes;
    const pinned = { ...HELD, volumes: volume === undefined ? [] : [{ ...volume, pinned: true }] };
    expect(planned({ reservation: reservation([pinned]) }).slots).toEqual([]);
  });

  test.each<[string, Partial<AppFacts>]>([
    ['its volume is there', { claims: [claim()] }],
    ['its volume is being bound', { claims: [claim({ ...UNMADE, volumeName: 'pv' })] }],
    ['its volume is lost', { claims: [claim({ phase: 'Lost' })] }],
    ['a volume is being made for it', { claims: [claim({ ...UNMADE, selectedNode: 'n1' })] }],
    ['it failed for another node', { failedMakings: [{ ...FAILED, node: 'n2' }] }],
    ['it failed before the slot was accepted', { failedMakings: [{ ...FAILED, atSeconds: NOW - 60 }] }],
    ['the node may be tried again', { failedMakings: [{ ...FAILED, untilSeconds: NOW }] }],
    ["it was another member's", { failedMakings: [{ ...FAILED, claimUid: 'uid-data-db-1' }] }],
    ['nothing failed', { failedMakings: [] }],
  ])('keeps the slot when %s', (_what, given) => {
    expect(planned(given).slots).toMatchObject([{ member: 'db-0', node: 'n1' }]);
  });

  test('keeps the slot while another one of its volumes is there, or is being made', () => {
    for (const other of [claim({ name: 'log-db-0' }), claim({ ...UNMADE, name: 'log-db-0', selectedNode: 'n1' })])
      expect(planned({ claims: [claim(UNMADE), other] }, [DATA, LOG]).slots).toMatchObject([{ node: 'n1' }]);
  });

  test('keeps the slot of a pod that runs, whatever is said of its claims', () => {
    const running = { pods: [pod()], reservation: reservation([{ ...HELD, state: 'Claimed', podUID: 'uid-db-0' }]) };
    expect(planned(running).slots).toMatchObject([{ node: 'n1', state: 'Claimed' }]);
  });

  test('whatever its claims are: no slot is given up while one of them has a volume, and no claim is touched', () => {
    const state = fc.record({
      phase: fc.constantFrom<ClaimFacts['phase']>('Pending', 'Bound', 'Lost'),
      volumeName: fc.constantFrom('', 'pv'),
      selectedNode: fc.constantFrom('', 'n1', 'n2'),
    });
    fc.assert(
      fc.property(state, state, fc.integer({ min: -20, max: 20 }), (data, log, at) => {
        const claims = [claim(data), claim({ ...log, name: 'log-db-0' })];
        const failedMakings = [{ ...FAILED, atSeconds: NOW + at }];
        const result = planned({ claims, failedMakings }, [DATA, LOG]);
        const mayMove = claims.every((item) => item.phase === 'Pending' && item.volumeName + item.selectedNode === '');
        if (!mayMove) expect(result.slots).toMatchObject([{ member: 'db-0', node: 'n1' }]);
        expect(result.actions.filter(({ kind }) => kind === 'deletePod' || kind.includes('laim'))).toEqual([]);
      }),
      runs(100),
    );
  });
});
