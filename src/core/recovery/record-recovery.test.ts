import { describe, expect, test } from '@jest/globals';
import type { MemberMove } from './decide-moves.ts';
import { type RecordedMember, type RecoveryRecord, endedPhases, recordRecovery } from './record-recovery.ts';

const NOW = 1_767_323_045;
const BEGUN: RecoveryRecord = {
  member: 'db-0',
  cause: 'node n1 is silent',
  evidence: 'one node only',
  detectedAt: '2026-01-02T03:04:00Z',
};

const moves = (step: 'seek' | 'release' | 'fence' | 'fenced' | 'none', member = 'db-0'): readonly MemberMove[] => {
  const why = { from: 'n1', cause: BEGUN.cause, evidence: BEGUN.evidence };
  const move =
    step === 'fence'
      ? { step, attachments: [], cut: [] }
      : step === 'seek' || step === 'release'
        ? { step, ...why }
        : { step };
  return [{ member, move, judgement: { kind: 'well' }, ask: [] }];
};

function record(before: RecoveryRecord | undefined, of: readonly MemberMove[], member?: Partial<RecordedMember>) {
  const found = { isBound: false, podCreatedAt: 0, isReady: false, ...member };
  return recordRecovery({ before, moves: of, memberOf: () => found, now: NOW });
}

const NEW_POD = { isBound: true, podCreatedAt: NOW - 2 };

describe('the record of a recovery', () => {
  test('begins when another slot is looked for', () => {
    expect(record(undefined, moves('seek'))).toEqual({ ...BEGUN, detectedAt: '2026-01-02T03:04:05Z' });
  });

  test('stays as it is while the old writer is not cut off', () => {
    for (const step of ['seek', 'release', 'fence'] as const) expect(record(BEGUN, moves(step))).toEqual(BEGUN);
  });

  test('says when the old writer was cut off, the member bound, and ready', () => {
    const fenced = record(BEGUN, moves('fenced'));
    expect(fenced).toEqual({ ...BEGUN, fencedAt: '2026-01-02T03:04:05Z' });
    const bound = record(fenced, moves('none'), NEW_POD);
    expect(bound).toEqual({ ...fenced, boundAt: '2026-01-02T03:04:05Z' });
    expect(record(bound, moves('none'), { ...NEW_POD, isReady: true })).toEqual({
      ...bound,
      readyAt: '2026-01-02T03:04:05Z',
    });
  });

  test('ends also with a pod that Kubernetes made before anybody looked', () => {
    const fenced = { ...BEGUN, fencedAt: '2026-01-02T03:04:00Z' };
    const early = { isBound: true, podCreatedAt: NOW - 9000, isReady: true };
    expect(record(fenced, moves('none'), early)?.readyAt).toBe('2026-01-02T03:04:05Z');
  });

  test('vanishes when the node came back before anything was destroyed', () => {
    expect(record(BEGUN, moves('none'), { isBound: true, podCreatedAt: NOW - 9000, isReady: true })).toBeUndefined();
  });

  test('that has ended stays until the next one begins', () => {
    const ended = { ...BEGUN, readyAt: '2026-01-02T03:04:04Z' };
    expect(record(ended, [])).toEqual(ended);
    expect(record(ended, moves('seek', 'db-1'))?.member).toBe('db-1');
  });
});

test('a phase is measured once, from the detection on', () => {
  const fenced = { ...BEGUN, fencedAt: '2026-01-02T03:04:03Z' };
  expect(endedPhases(BEGUN, fenced)).toEqual([{ phase: 'fenced', seconds: 3 }]);
  expect(endedPhases(fenced, fenced)).toEqual([]);
  expect(endedPhases(BEGUN, { ...BEGUN, fencedAt: '2026-01-02T02:04:03Z' })).toEqual([{ phase: 'fenced', seconds: 0 }]);
  expect(endedPhases(undefined, BEGUN)).toEqual([]);
});
