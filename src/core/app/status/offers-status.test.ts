import { describe, expect, test } from '@jest/globals';
import { NOW, app, facts } from '../../../../test/support/app-builders.ts';
import type { Decline } from '../../allocator/decision.ts';
import type { DeclineRecord } from '../../allocator/decline-ledger.ts';
import { plan } from '../make-plan.ts';

const decline = (message: string, nodes = 2): Decline => ({
  kind: 'decline',
  app: { namespace: 'prod', name: 'db', uid: 'app-1' },
  reason: 'InsufficientCPU',
  message,
  nodesByReason: { InsufficientCPU: nodes },
  refusals: [],
});

const record = (times: number, nodes = 2): DeclineRecord => ({
  nodes: Array.from({ length: nodes }, (_none, at) => ({
    node: `n${at}`,
    reason: 'InsufficientCPU' as const,
    message: 'asks for 1000m',
    times,
    sinceSeconds: NOW - 60,
    lastSeconds: NOW + times,
  })),
  forgotten: 3,
});

/** The offers of an app whose status is `before`. */
const offers = (answer: Decline, declines: DeclineRecord, before: object = {}) =>
  plan(facts({ app: app({ spec: { replicas: 1 }, status: before }), decline: answer, declines }), NOW).status;

const first = offers(decline('0 of 2 nodes fit'), record(1));

describe('what was declined, in the status', () => {
  test('names nodes with how often, since when and when last, and how many more there are', () => {
    expect(first.offers).toMatchObject({ attempts: 1, rejected: { InsufficientCPU: 2 }, declinedMore: 3 });
    expect(first.offers.declined?.[1]).toEqual({
      node: 'n1',
      reason: 'InsufficientCPU',
      message: 'asks for 1000m',
      times: 1,
      since: '2026-01-02T03:03:05Z',
      last: '2026-01-02T03:04:06Z',
    });
    const crowd = offers(decline('0 of 90 nodes fit'), record(1, 90)).offers;
    expect([crowd.declined?.length, crowd.declinedMore]).toEqual([32, 61]);
  });

  test('stays as it is while the answer does: nothing is written for a count', () => {
    expect(offers(decline('0 of 2 nodes fit'), record(500), first)).toEqual(first);
  });

  test.each([
    ['other numbers', decline('0 of 2 nodes fit: most free 3'), 1],
    ['other counts', decline('0 of 3 nodes fit', 3), 2],
  ])('goes on with %s', (_what, answer, attempts) => {
    const next = offers(answer, record(500), first).offers;
    expect([next.declined?.[0]?.times, next.attempts]).toEqual([500, attempts]);
  });

  test('is gone when nobody waits', () => {
    expect(plan(facts({ app: app({ spec: { replicas: 0 }, status: first }) }), NOW).status.offers).toEqual({
      attempts: 0,
      rejected: {},
    });
  });
});
