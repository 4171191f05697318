import { describe, expect, test } from '@jest/globals';
import { LAUNCHED_ALONE, NOW, app, facts, node, pod, reservation, slot } from '../../../test/support/app-builders.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { plan } from '../app/make-plan.ts';
import { formatTime } from '../app/rfc3339.ts';
import { BUDGET_LAG_SECONDS } from './budget-lag.ts';

interface Given {
  readonly begunAt?: number;
  readonly readyAt?: number;
  /** Of db-2, which left n3 for n5. */
  readonly moved?: Partial<PodFacts>;
  /** Which nodes are to be emptied. */
  readonly cordoned?: readonly string[];
}

const MEMBERS = [0, 1, 2];

/** db-0 to db-2 on n1 to n3; those on cordoned nodes have a place on n4 or n5. The disruption budget allows nothing now. */
function planned({ begunAt, readyAt, moved = {}, cordoned = ['n3'] }: Given) {
  const record = { member: 'db-2', from: 'n3', to: 'n5', why: 'is cordoned', moves: 0, seconds: 0 };
  const ended = readyAt === undefined ? {} : { readyAt: formatTime(readyAt) };
  const status = begunAt === undefined ? {} : { lastDrain: { ...record, begunAt: formatTime(begunAt), ...ended } };
  const pods = MEMBERS.map((at) =>
    pod({ name: `db-${at}`, nodeName: `n${at + 1}`, createdAtSeconds: NOW - 700, ...(at === 2 ? moved : {}) }),
  );
  const slots = pods.map(({ name, nodeName, uid }, at) =>
    cordoned.includes(nodeName)
      ? slot({ member: name, node: at === 2 ? 'n5' : 'n4', state: 'Held', podUID: '' })
      : slot({ member: name, node: nodeName, state: 'Claimed', podUID: uid }),
  );
  return plan(
    facts({
      app: app({ spec: { update: { minReadySeconds: 0 } }, status }),
      statefulSet: {
        ...LAUNCHED_ALONE,
        metadata: { ...LAUNCHED_ALONE.metadata, annotations: { 'proffer.dev/launched': '3' } },
        spec: { replicas: 3 },
      },
      podDisruptionBudget: {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: {
          name: 'db',
          ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
        },
        status: { disruptionsAllowed: 0 },
      },
      nodes: new Map(
        ['n1', 'n2', 'n3', 'n4', 'n5'].map((name) => [name, node(name, { unschedulable: cordoned.includes(name) })]),
      ),
      pods,
      reservation: reservation(slots),
    }),
    NOW,
  );
}

const told = (result: ReturnType<typeof planned>) =>
  result.events.filter(({ reason }) => reason === 'DrainBlocked').map(({ message }) => message);
const blockedBy = (result: ReturnType<typeof planned>) =>
  result.status.operations.find(({ type }) => type === 'Drain')?.blockedBy;

const ON_N5 = { nodeName: 'n5', uid: 'new', createdAtSeconds: NOW - 20, readySinceSeconds: NOW - 1 };

describe('a disruption budget that allows nothing', () => {
  test('because of the eviction that it just allowed is told nobody, and the move goes on', () => {
    const result = planned({ begunAt: NOW - 1 });
    expect(told(result)).toEqual([]);
    expect(blockedBy(result)).toBe('MemberReady');
    expect(result.status.lastDrain).toMatchObject({ member: 'db-2', begunAt: formatTime(NOW - 1) });
    expect(result.wakeAfterSeconds).toBeLessThanOrEqual(BUDGET_LAG_SECONDS);
  });

  test.each<[string, Given]>([
    ['is about to be written down as moved', { begunAt: NOW - 60 }],
    ['is written down as moved', { begunAt: NOW - 60, readyAt: NOW - 1 }],
  ])('because it has not counted the member yet that %s is told nobody', (_what, given) => {
    const result = planned({ ...given, moved: ON_N5, cordoned: ['n2'] });
    expect(told(result)).toEqual([]);
    expect(blockedBy(result)).toBe('MemberReady');
  });

  test.each<[string, Given]>([
    ['nothing moves', {}],
    ['the eviction was long ago, so that the pod stayed', { begunAt: NOW - BUDGET_LAG_SECONDS }],
    [
      'the member that moved is ready for long',
      {
        begunAt: NOW - 90,
        readyAt: NOW - 30,
        moved: { ...ON_N5, createdAtSeconds: NOW - 60, readySinceSeconds: NOW - BUDGET_LAG_SECONDS },
        cordoned: ['n2'],
      },
    ],
  ])('although %s is told, with what it is', (_what, given) => {
    const result = planned(given);
    expect(told(result)).toEqual([expect.stringContaining('the PodDisruptionBudget db allows no disruption now')]);
    expect(blockedBy(result)).toBe('PodDisruptionBudget');
    expect(result.actions.filter(({ kind }) => kind === 'deletePod')).toEqual([]);
  });

  test('lets go of the record of a move whose pod stayed', () => {
    expect(planned({ begunAt: NOW - BUDGET_LAG_SECONDS }).status.lastDrain).toBeUndefined();
  });
});
