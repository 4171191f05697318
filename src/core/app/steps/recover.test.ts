import { describe, expect, test } from '@jest/globals';
import {
  DATA,
  LAUNCHED_ALONE,
  NOW,
  app,
  claim,
  facts,
  pod,
  reservation,
  slot,
} from '../../../../test/support/app-builders.ts';
import type { Slot } from '../../../api/reservation.ts';
import type { AppFacts } from '../facts.ts';
import type { NodeTrouble } from '../../recovery/node-trouble.ts';
import { plan } from '../make-plan.ts';

const LOST: NodeTrouble = {
  name: 'n1',
  uid: 'uid-n1',
  silentSeconds: 31,
  renewedAt: '2026-01-02T03:03:34Z',
  ready: true,
  outOfService: 'no',
  instance: 'unknown',
  wholeNodeProblem: '',
};

const ATTACHMENT = {
  uid: 'va-1',
  name: 'csi-1',
  driver: 'csi.example.com',
  nodeName: 'n1',
  volumeName: 'pv-data-db-0',
  attached: true,
};

/** The pass before told of it. */
const RECORDED = {
  lastRecovery: { member: 'db-0', cause: 'node n1 is silent', detectedAt: '2026-01-02T03:04:05Z' },
};

interface Given {
  readonly slot?: Partial<Slot>;
  readonly node?: Partial<NodeTrouble>;
  readonly pods?: AppFacts['pods'];
  readonly isExclusive?: boolean;
  readonly isDetached?: boolean;
  readonly breakerProblem?: string;
  readonly status?: unknown;
}

/** One member with one volume, on n1, of which nothing is heard. */
const planOf = (given: Given = {}) =>
  plan(
    facts({
      app: app({ spec: { replicas: 1, volumeClaims: [DATA] }, status: given.status ?? RECORDED }),
      statefulSet: LAUNCHED_ALONE,
      reservation: reservation([slot({ state: 'Claimed', podUID: 'uid-db-0', ...given.slot })]),
      pods: given.pods ?? [pod({ claims: ['data-db-0'] })],
      claims: [claim()],
      recovery: {
        trouble: new Map([['n1', { ...LOST, ...given.node }]]),
        attachments: given.isDetached === true ? [] : [ATTACHMENT],
        breakerProblem: given.breakerProblem,
        exclusiveVolumes: new Set(given.isExclusive === false ? [] : ['pv-data-db-0']),
      },
    }),
    NOW,
  );

const kinds = (given: Given) =>
  planOf(given)
    .actions.map(({ kind }) => kind)
    .filter((kind) => kind !== 'apply');
const condition = (given: Given, type: string) => planOf(given).status.conditions.find((item) => item.type === type);

const ELSEWHERE = { node: 'n2', podUID: '' } as const;

describe('a member of a lost node', () => {
  test('is written down first, in its slot and in the status, and nothing is asked for or taken', () => {
    const { slots, demand, actions, status, events } = planOf({ status: {} });
    expect(slots).toMatchObject([{ node: 'n1', state: 'Moving' }]);
    expect(demand).toBeUndefined();
    expect(actions.filter(({ kind }) => kind !== 'apply')).toEqual([]);
    expect(status.members).toMatchObject([{ name: 'db-0', node: 'n1', state: 'Lost' }]);
    expect(status.lastRecovery).toMatchObject({ member: 'db-0', evidence: expect.stringContaining('one node only') });
    expect(events.map(({ reason }) => reason)).toContain('RecoveryBegun');
  });

  test('then asks for another slot before anything is taken from it', () => {
    const { slots, demand, actions } = planOf({ slot: { state: 'Moving' } });
    expect(slots).toMatchObject([{ node: 'n1', state: 'Moving' }]);
    expect(demand?.members.map(({ member }) => member)).toEqual(['db-0']);
    expect(actions.filter(({ kind }) => kind !== 'apply')).toEqual([]);
  });

  test('has the slot that was found written down first, as one that lets nobody in', () => {
    const { slots, demand } = planOf({ slot: { ...ELSEWHERE, state: 'Held' } });
    expect(slots).toMatchObject([{ node: 'n2', state: 'Moving' }]);
    expect(demand).toBeUndefined();
    expect(kinds({ slot: { ...ELSEWHERE, state: 'Held' } })).toEqual([]);
  });

  test.each([
    ['the whole node where it is safe', {}, ['forceDeletePod', 'declareOutOfService']],
    ['its pod alone where it is not', { wholeNodeProblem: 'volume x' }, ['forceDeletePod']],
    ['its pod alone where somebody has cut the node off', { outOfService: 'byOthers' }, ['forceDeletePod']],
  ] as const)('then gives up %s', (_, node, expected) => {
    expect(kinds({ slot: { ...ELSEWHERE, state: 'Moving' }, node })).toEqual(expected);
  });

  test.each([
    ['by the node, where it is safe', {}, ['declareOutOfService']],
    ['one by one, where it is not', { wholeNodeProblem: 'volume x' }, ['deleteAttachment']],
    ['by nobody while the node is out of service already', { outOfService: 'byUs' }, []],
  ] as const)('has its volumes detached %s', (_, node, expected) => {
    const given = { slot: { ...ELSEWHERE, state: 'Moving' }, pods: [], node } as const;
    expect(kinds(given)).toEqual(expected);
    expect(planOf(given).slots).toMatchObject([{ node: 'n2', state: 'Moving' }]);
  });

  test('is let in once nothing ties its volumes to the old node', () => {
    const given = { slot: { ...ELSEWHERE, state: 'Moving' }, pods: [], isDetached: true } as const;
    expect(planOf(given).slots).toMatchObject([{ node: 'n2', state: 'Held' }]);
    expect(kinds(given)).toEqual([]);
  });

  test('without evidence is shown with the command for a person, and nothing is done', () => {
    const given = { isExclusive: false };
    expect(condition(given, 'FencingRequired')).toMatchObject({
      status: 'True',
      message: expect.stringContaining(
        'kubectl taint nodes n1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
      ),
    });
    expect(condition(given, 'Degraded')?.status).toBe('True');
    expect(kinds(given)).toEqual([]);
    expect(planOf(given)).toMatchObject({ demand: undefined, slots: [{ node: 'n1', state: 'Claimed' }] });
  });

  test('is not moved while too many nodes look dead, and is told so', () => {
    const { status, slots } = planOf({ breakerProblem: '3 of 4 nodes look dead' });
    expect(slots).toMatchObject([{ node: 'n1', state: 'Claimed' }]);
    expect(status.operations[0]).toMatchObject({ type: 'Recover', blockedBy: 'CircuitBreaker' });
  });

  test('keeps its pod and its old slot when the node is heard again, wherever the new one is', () => {
    const given = { slot: { ...ELSEWHERE, state: 'Moving' }, node: { silentSeconds: 0 } } as const;
    expect(planOf(given).slots).toMatchObject([{ node: 'n1', state: 'Claimed', podUID: 'uid-db-0' }]);
    expect(kinds(given)).toEqual([]);
  });

  test('is looked at again when the silence is long enough, and not before', () => {
    expect(planOf({ node: { silentSeconds: 21 } }).wakeAfterSeconds).toBe(7);
  });
});
