import { describe, expect, test } from '@jest/globals';
import { parseAppOperation } from '../../../api/parse.ts';
import type { Slot } from '../../../api/reservation.ts';
import {
  LAUNCHED_ALONE,
  NOW,
  app,
  facts,
  node,
  pod,
  reservation,
  slot,
} from '../../../../test/support/app-builders.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import type { NodeTrouble } from '../../recovery/node-trouble.ts';
import type { AppFacts } from '../facts.ts';
import { plan } from '../make-plan.ts';
import { formatTime } from '../rfc3339.ts';

interface Given {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: object;
  /** By name, beside n1 to n5, which are well. */
  readonly nodes?: Readonly<Record<string, Partial<NodeFacts>>>;
  /** By member. */
  readonly slots?: Readonly<Record<string, Partial<Slot>>>;
  readonly pods?: Readonly<Record<string, Partial<PodFacts>>>;
  readonly facts?: Partial<AppFacts>;
}

const CORDONED = { unschedulable: true } as const;
const SPOT: Partial<NodeFacts> = {
  taints: [{ key: 'aws-node-termination-handler/spot-itn', value: '', effect: 'NoSchedule' }],
};
const MEMBERS = [0, 1, 2];
const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

/** Members db-0 to db-2, ready on n1 to n3. */
function planned({ spec = {}, status, nodes = {}, slots = {}, pods = {}, facts: more = {} }: Given) {
  return plan(
    facts({
      app: app({ spec: { update: { minReadySeconds: 0 }, ...spec }, ...(status === undefined ? {} : { status }) }),
      statefulSet: {
        ...LAUNCHED_ALONE,
        metadata: { ...LAUNCHED_ALONE.metadata, annotations: { 'proffer.dev/launched': '3' } },
        spec: { replicas: 3 },
      },
      nodes: new Map(NODES.map((name) => [name, node(name, nodes[name] ?? {})])),
      pods: MEMBERS.map((at) => pod({ name: `db-${at}`, nodeName: `n${at + 1}`, ...pods[`db-${at}`] })),
      reservation: reservation(
        MEMBERS.map((at) =>
          slot({
            member: `db-${at}`,
            node: `n${at + 1}`,
            state: 'Claimed',
            podUID: `uid-db-${at}`,
            ...slots[`db-${at}`],
          }),
        ),
      ),
      ...more,
    }),
    NOW,
  );
}

const FOUND = { node: 'n5', state: 'Held', podUID: '' } as const;

const gone = (result: ReturnType<typeof planned>) =>
  result.actions.flatMap((action) => (action.kind === 'deletePod' ? [{ name: action.name, evict: action.evict }] : []));
const drainOf = (result: ReturnType<typeof planned>) => result.status.operations.find(({ type }) => type === 'Drain');
const slotOf = (result: ReturnType<typeof planned>, member: string) =>
  result.slots.find((item) => item.member === member);

describe('a member on a cordoned node', () => {
  test('stays where it is while another place is looked for, and the node will not do', () => {
    const result = planned({ nodes: { n2: CORDONED } });
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n2', state: 'Moving' });
    expect(result.demand).toMatchObject({
      members: [{ member: 'db-1' }],
      rules: { nodeAffinityTerms: [[{ key: 'metadata.name', operator: 'NotIn', values: ['n2'] }]] },
    });
    expect(gone(result)).toEqual([]);
    expect(drainOf(result)).toMatchObject({ progress: '2/3', blockedBy: '' });
  });

  test('is evicted once its place is written down, which it keeps', () => {
    const result = planned({ nodes: { n2: CORDONED }, slots: { 'db-1': FOUND } });
    expect(gone(result)).toEqual([{ name: 'db-1', evict: true }]);
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n5', state: 'Held' });
    expect(result.status.lastDrain).toMatchObject({ member: 'db-1', from: 'n2', to: 'n5', begunAt: formatTime(NOW) });
  });

  test('keeps that place while its pod ends, also when the node is uncordoned then', () => {
    const result = planned({ slots: { 'db-1': FOUND }, pods: { 'db-1': { deleting: true } } });
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n5', state: 'Held' });
    expect(gone(result)).toEqual([]);
  });

  test('stays for good when the node is uncordoned before its pod was told to go', () => {
    for (const found of [FOUND, { node: 'n2', state: 'Moving' } as const]) {
      const result = planned({ slots: { 'db-1': found } });
      expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n2', state: 'Claimed', podUID: 'uid-db-1' });
      expect(gone(result)).toEqual([]);
      expect(drainOf(result)).toBeUndefined();
    }
  });

  test.each<[string, Partial<NodeFacts>]>([
    ['cordoned too', CORDONED],
    ['not ready', { ready: false }],
  ])('looks for another place when the one it has is %s', (_, n5) => {
    const result = planned({ nodes: { n2: CORDONED, n5 }, slots: { 'db-1': FOUND } });
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n2', state: 'Moving' });
    expect(gone(result)).toEqual([]);
  });

  test('that is not ready goes without waiting for the others', () => {
    const pods = { 'db-0': { ready: false }, 'db-1': { ready: false } };
    expect(gone(planned({ nodes: { n2: CORDONED }, slots: { 'db-1': FOUND }, pods })).map(({ name }) => name)).toEqual([
      'db-1',
    ]);
  });

  test.each<[string, Given, string]>([
    ['another member is not ready', { pods: { 'db-0': { ready: false } } }, 'MemberReady'],
    ['another one is not ready for long enough', { spec: { update: { minReadySeconds: 900 } } }, 'MinReadySeconds'],
    ['every member must be there', { spec: { availability: { minAvailable: 3 } } }, 'MinAvailable'],
    [
      'the disruption budget allows none',
      {
        facts: {
          podDisruptionBudget: {
            apiVersion: 'policy/v1',
            kind: 'PodDisruptionBudget',
            metadata: {
              name: 'db',
              ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
            },
            status: { disruptionsAllowed: 0 },
          },
        },
      },
      'PodDisruptionBudget',
    ],
  ])('waits with its place kept while %s', (_, given, check) => {
    const result = planned({ nodes: { n2: CORDONED }, slots: { 'db-1': FOUND }, ...given });
    expect(gone(result)).toEqual([]);
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n5', state: 'Held' });
    expect(drainOf(result)?.blockedBy).toBe(check);
  });

  test('runs on when there is no room, and the status and an event say so with numbers', () => {
    const decline = {
      kind: 'decline',
      app: { namespace: 'prod', name: 'db', uid: 'app-1' },
      reason: 'InsufficientCPU',
      message: '0 of 5 nodes fit: needs 1 CPU, n4 has 0.5',
      nodesByReason: { InsufficientCPU: 4 },
      refusals: [],
    } as const;
    const result = planned({ nodes: { n2: CORDONED }, slots: { 'db-1': { state: 'Moving' } }, facts: { decline } });
    expect(gone(result)).toEqual([]);
    expect(drainOf(result)).toMatchObject({
      blockedBy: 'InsufficientCPU',
      message: expect.stringContaining('n4 has 0.5'),
    });
    expect(result.events).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'DrainBlocked' }));
  });

  test('stays when its volume is there alone, and is told what happens to it', () => {
    const pinned = { claim: 'data-db-1', pool: 'local', storageClassName: 'local', bytes: 1, pinned: true };
    const result = planned({
      nodes: { n2: CORDONED },
      slots: { 'db-1': { volumes: [pinned] } },
      pods: { 'db-1': { claims: ['data-db-1'] } },
    });
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n2', state: 'Claimed' });
    expect(result.demand).toBeUndefined();
    expect(drainOf(result)).toMatchObject({
      blockedBy: 'VolumePinnedElsewhere',
      message: expect.stringContaining('data-db-1'),
    });
  });

  test('moves whatever is done about lost nodes, and not in an app that is paused', () => {
    for (const policy of ['Automatic', 'Manual', 'Disabled'])
      expect(
        gone(
          planned({
            spec: { recovery: { nodeFailure: { policy } } },
            nodes: { n2: CORDONED },
            slots: { 'db-1': FOUND },
          }),
        ),
      ).toHaveLength(1);
    const paused = planned({ spec: { paused: true }, nodes: { n2: CORDONED }, slots: { 'db-1': FOUND } });
    expect(paused.actions).toEqual([]);
    expect(slotOf(paused, 'db-1')).toMatchObject(FOUND);
  });

  test('waits for the recovery of another member, and its search takes no turn from it', () => {
    const trouble: NodeTrouble = {
      name: 'n1',
      uid: 'uid-n1',
      silentSeconds: 40,
      renewedAt: 'then',
      ready: true,
      outOfService: 'byOthers',
      instance: 'unknown',
      wholeNodeProblem: 'no right',
    };
    const recovery = {
      trouble: new Map([['n1', trouble]]),
      attachments: [],
      breakerProblem: undefined,
      exclusiveVolumes: new Set<string>(),
    };
    const result = planned({ nodes: { n2: CORDONED }, slots: { 'db-1': { state: 'Moving' } }, facts: { recovery } });
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n2', state: 'Claimed' });
    expect(slotOf(result, 'db-0')).toMatchObject({ node: 'n1', state: 'Moving' });
    expect(drainOf(result)?.blockedBy).toBe('Recovery');
  });

  test('is left to recovery when its own node is lost', () => {
    const trouble = {
      name: 'n2',
      uid: 'uid-n2',
      silentSeconds: 40,
      renewedAt: 'then',
      ready: true,
      outOfService: 'no',
      instance: 'unknown',
      wholeNodeProblem: '',
    } as const;
    const recovery = {
      trouble: new Map([['n2', trouble]]),
      attachments: [],
      breakerProblem: undefined,
      exclusiveVolumes: new Set<string>(),
    };
    const result = planned({ nodes: { n2: CORDONED }, slots: { 'db-1': FOUND }, facts: { recovery } });
    expect(gone(result)).toEqual([]);
    expect(drainOf(result)?.blockedBy).toBe('Recovery');
  });
});

describe('members of several nodes that are to be emptied', () => {
  const found = { 'db-0': { ...FOUND, node: 'n4' }, 'db-1': FOUND };

  test('go one at a time', () => {
    expect(gone(planned({ nodes: { n1: CORDONED, n2: CORDONED }, slots: found }))).toEqual([
      { name: 'db-1', evict: true },
    ]);
  });

  test('go first from a machine that is taken back', () => {
    expect(gone(planned({ nodes: { n1: SPOT, n2: CORDONED }, slots: found })).map(({ name }) => name)).toEqual([
      'db-0',
    ]);
  });

  test('go together from one such machine, as many as the app may miss, and wait for no time of being ready', () => {
    const update = { minReadySeconds: 900, maxUnavailable: 2 };
    const pods = { 'db-1': { nodeName: 'n1' } };
    expect(gone(planned({ spec: { update }, nodes: { n1: SPOT }, slots: found, pods }))).toHaveLength(2);
    expect(
      gone(planned({ spec: { update: { ...update, maxUnavailable: 1 } }, nodes: { n1: SPOT }, slots: found, pods })),
    ).toHaveLength(1);
    expect(gone(planned({ spec: { update }, nodes: { n1: SPOT, n2: SPOT }, slots: found }))).toHaveLength(1);
  });
});

const operation = (step: 'Pending' | 'Running') =>
  parseAppOperation({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'AppOperation',
    metadata: { name: 'op', namespace: 'prod', uid: 'op-1', generation: 1 },
    spec: { app: 'db', type: 'Restart', members: ['db-2'] },
    status: {
      state: 'Running',
      phases: [{ name: 'Restart', state: 'Running', steps: [{ name: 'restart db-2', member: 'db-2', state: step }] }],
    },
  });

describe('beside an AppOperation', () => {
  test('a cordon waits until it has ended', () => {
    const result = planned({
      nodes: { n2: CORDONED },
      slots: { 'db-1': FOUND },
      facts: { operations: [operation('Pending')] },
    });
    expect(gone(result)).toEqual([]);
    expect(drainOf(result)?.blockedBy).toBe('AppOperation/op');
    expect(slotOf(result, 'db-1')).toMatchObject({ node: 'n2', state: 'Claimed' });
  });

  test('a machine that is taken back comes first, between two of its steps', () => {
    const result = planned({
      nodes: { n2: SPOT },
      slots: { 'db-1': FOUND },
      facts: { operations: [operation('Pending')] },
    });
    expect(gone(result)).toEqual([{ name: 'db-1', evict: true }]);
    expect(result.operations?.[0]?.status).toMatchObject({ blockedBy: 'Drain' });
    expect(
      gone(planned({ nodes: { n2: SPOT }, slots: { 'db-1': FOUND }, facts: { operations: [operation('Running')] } })),
    ).not.toContainEqual(expect.objectContaining({ name: 'db-1' }));
  });
});

describe('how long it will take', () => {
  const record = { member: 'db-2', from: 'n3', to: 'n4', begunAt: formatTime(NOW - 40), moves: 1, seconds: 20 };

  test('is told from the moves that were measured, times the members that are left', () => {
    const status = { lastDrain: { ...record, readyAt: formatTime(NOW - 20) } };
    const result = planned({ status, nodes: { n1: CORDONED, n2: CORDONED } });
    expect(drainOf(result)?.message).toContain('about 40 s to go: 2 members are left, and a move took 20 s');
  });

  test('is not guessed before the first', () => {
    expect(drainOf(planned({ nodes: { n2: CORDONED } }))?.message).toContain('not known before the first');
  });

  test('counts a move once its member is ready elsewhere', () => {
    const pods = { 'db-2': { nodeName: 'n4', uid: 'new', createdAtSeconds: NOW - 30 } };
    const result = planned({ status: { lastDrain: record }, pods });
    expect(result.status.lastDrain).toMatchObject({ moves: 2, seconds: 30, readyAt: formatTime(NOW) });
    expect(result.events).toContainEqual(
      expect.objectContaining({ reason: 'DrainMoved', message: 'db-2 is ready on n4 after 40 s' }),
    );
  });

  test('drops the record of a move that did not happen', () => {
    expect(planned({ status: { lastDrain: record } }).status.lastDrain).toBeUndefined();
  });
});
