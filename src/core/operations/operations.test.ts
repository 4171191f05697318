import { describe, expect, test } from '@jest/globals';
import type { AppOperation } from '../../api/app-operation.ts';
import { parseAppOperation } from '../../api/parse.ts';
import type { AppFacts } from '../app/facts.ts';
import { plan } from '../app/make-plan.ts';
import { formatTime } from '../app/rfc3339.ts';
import { LAUNCHED_ALONE, NOW, app, facts, node, pod, reservation, slot } from '../../../test/support/app-builders.ts';

type Spec = Partial<AppOperation['spec']> & Pick<AppOperation['spec'], 'type'>;

function operation(spec: Spec, status?: object, metadata: object = {}): AppOperation {
  return parseAppOperation({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'AppOperation',
    metadata: { name: 'op', namespace: 'prod', uid: 'op-1', generation: 1, ...metadata },
    spec: { app: 'db', ...spec },
    ...(status === undefined ? {} : { status }),
  });
}

const MEMBERS = [0, 1, 2];

/** Three ready members on n1 to n3. */
function planned(operations: readonly AppOperation[], parts: Partial<AppFacts> & { notReady?: number } = {}) {
  const { notReady, ...rest } = parts;
  return plan(
    facts({
      app: app({ spec: { update: { minReadySeconds: 0 } } }),
      statefulSet: { ...LAUNCHED_ALONE, spec: { replicas: 3 } },
      pods: MEMBERS.map((at) => pod({ name: `db-${at}`, nodeName: `n${at + 1}`, ready: at !== notReady })),
      reservation: reservation(
        MEMBERS.map((at) => slot({ member: `db-${at}`, node: `n${at + 1}`, state: 'Claimed', podUID: `uid-db-${at}` })),
      ),
      operations,
      ...rest,
    }),
    NOW,
  );
}

function statusOf(op: AppOperation, parts: Parameters<typeof planned>[1] = {}) {
  const [update] = planned([op], parts).operations ?? [];
  return update?.status ?? op.status;
}

const deletions = (result: ReturnType<typeof planned>) =>
  result.actions.flatMap((action) => (action.kind === 'deletePod' ? [action.name] : []));

/** The operation after so many passes over a world that stands still. */
function after(passes: number, op: AppOperation, parts: Parameters<typeof planned>[1] = {}): AppOperation {
  let now = op;
  for (let pass = 0; pass < passes; pass += 1) now = { ...now, status: statusOf(now, parts) };
  return now;
}

const move = (spec: object = {}) => after(2, operation({ type: 'Move', members: ['db-1'], ...spec }));

const ended = (seconds: number) =>
  operation(
    { type: 'Restart', ttlSecondsAfterFinished: 60 },
    { state: 'Complete', finishedAt: formatTime(NOW - seconds) },
  );

describe('an operation', () => {
  test('writes its plan down first, then the step that begins, and only then anything is done', () => {
    const begun = after(1, operation({ type: 'Restart' }));
    expect(begun.status).toMatchObject({ state: 'Running', progress: '0/3', startedAt: formatTime(NOW) });
    expect(begun.status?.phases[0]?.steps.map(({ name, state }) => [name, state])).toEqual([
      ['restart db-2', 'Pending'],
      ['restart db-1', 'Pending'],
      ['restart db-0', 'Pending'],
    ]);
    expect(deletions(planned([begun]))).toEqual([]);
    const step = after(1, begun);
    expect(step.status?.phases[0]?.steps[0]).toMatchObject({
      state: 'Running',
      objects: [{ kind: 'Pod', name: 'db-2', uid: 'uid-db-2' }],
    });
    expect(deletions(planned([step]))).toEqual(['db-2']);
  });

  test('restarts what is not ready first, and no other while one is not ready', () => {
    const begun = after(2, operation({ type: 'Restart' }), { notReady: 0 });
    expect(begun.status?.phases[0]?.steps.map(({ name }) => name)).toEqual([
      'restart db-0',
      'restart db-2',
      'restart db-1',
    ]);
    expect(deletions(planned([begun], { notReady: 0 }))).toEqual(['db-0']);
    const other = after(2, operation({ type: 'Restart', members: ['db-1'] }), { notReady: 0 });
    expect(other.status).toMatchObject({ state: 'Running', blockedBy: 'MemberReady' });
    expect(deletions(planned([other], { notReady: 0 }))).toEqual([]);
  });

  test('never deletes the pod that came after the one it meant', () => {
    const step = after(2, operation({ type: 'Restart', members: ['db-2'] }));
    const pods = MEMBERS.map((at) =>
      pod({ name: `db-${at}`, nodeName: `n${at + 1}`, uid: at === 2 ? 'new' : `uid-db-${at}` }),
    );
    expect(deletions(planned([step], { pods }))).toEqual([]);
    expect(after(2, step, { pods }).status).toMatchObject({ state: 'Complete', progress: '1/1' });
  });

  test('keeps a template update from taking members away beside it', () => {
    const op = after(1, operation({ type: 'Snapshot' }));
    const restart = after(1, operation({ type: 'Restart' }));
    const outdated = {
      statefulSet: {
        ...LAUNCHED_ALONE,
        metadata: { ...LAUNCHED_ALONE.metadata, generation: 1 },
        spec: { replicas: 3, template: { metadata: { annotations: { 'proffer.dev/template': 'new' } } } },
        status: { observedGeneration: 1, updateRevision: 'db-r2' },
      },
    };
    expect(planned([restart], outdated).status.operations.map(({ type }) => type)).toContain('Restart');
    expect(deletions(planned([restart], outdated))).toEqual([]);
    expect(op.status?.state).toBe('Running');
  });

  test.each<[string, Spec, RegExp]>([
    ['a member that there is not', { type: 'Restart', members: ['db-9'] }, /no member db-9: its 3 members/],
    ['new volumes where there are none', { type: 'Rebuild', members: ['db-0'] }, /no volumes/],
    ['a move to where it is', { type: 'Move', members: ['db-0'], targetNode: 'n1' }, /on n1 already/],
    ['a restore in place', { type: 'Restore', backup: 'b' }, /dataSourceRef/],
    ['another pool', { type: 'MigrateStorage', targetPool: 'p' }, /second PersistentApp/],
  ])('fails at once for %s, and says what to do', (_, spec, says) => {
    expect(statusOf(operation(spec))).toMatchObject({ state: 'Failed', message: expect.stringMatching(says) });
  });

  test('of a suspended app waits for nothing: it says to resume it', () => {
    const suspended = { app: app({ spec: { suspend: true } }) };
    expect(statusOf(operation({ type: 'Restart' }), suspended)?.message).toMatch(/suspended/);
  });

  test('can be paused before each step, and called off', () => {
    expect(statusOf(operation({ type: 'Restart', paused: true }))).toMatchObject({
      state: 'Pending',
      blockedBy: 'Paused',
    });
    const begun = after(1, operation({ type: 'Restart' }));
    const paused = { ...begun, spec: { ...begun.spec, paused: true } };
    expect(statusOf(paused)).toMatchObject({ state: 'Running', blockedBy: 'Paused' });
    const cancelled = { ...begun, spec: { ...begun.spec, cancel: true } };
    expect(statusOf(cancelled)).toMatchObject({ state: 'Cancelled', message: 'cancelled after 0 of 3 steps' });
  });

  test('fails when its time is up, and says where it was', () => {
    const begun = after(2, operation({ type: 'Restart', timeoutSeconds: 60 }));
    const late = { ...begun, status: { ...begun.status, startedAt: formatTime(NOW - 61) } } as AppOperation;
    expect(statusOf(late)).toMatchObject({ state: 'Failed', message: expect.stringMatching(/^not done after 60 s/) });
    expect(planned([begun]).wakeAfterSeconds).toBeLessThanOrEqual(60);
  });

  test('waits for the one that has begun, else for the oldest', () => {
    const old = operation({ type: 'Restart' }, undefined, { name: 'old', creationTimestamp: '2026-01-01T00:00:00Z' });
    const young = operation({ type: 'Restart' }, undefined, {
      name: 'young',
      creationTimestamp: '2026-01-02T00:00:00Z',
    });
    const updates = new Map(
      planned([young, old]).operations?.map(({ operation: op, status }) => [op.metadata.name, status]),
    );
    expect(updates.get('old')?.state).toBe('Running');
    expect(updates.get('young')).toMatchObject({ state: 'Pending', blockedBy: 'AppOperation/old' });
    const running = { ...young, status: { ...updates.get('old') } } as AppOperation;
    const [, second] = planned([running, old]).operations ?? [];
    expect(
      planned([running, old]).operations?.find(({ operation: op }) => op.metadata.name === 'old')?.status,
    ).toMatchObject({
      blockedBy: 'AppOperation/young',
    });
    expect(second).toBeDefined();
  });

  test('is removed when its time after the end is over, and not before', () => {
    const removed = (seconds: number) =>
      planned([ended(seconds)]).actions.filter(({ kind }) => kind === 'deleteOperation').length;
    expect([removed(59), removed(61)]).toEqual([0, 1]);
    expect(planned([ended(59)]).wakeAfterSeconds).toBe(1);
  });

  test('says nothing new when nothing changed', () => {
    const waiting = after(3, operation({ type: 'Restart', members: ['db-1'] }), { notReady: 0 });
    expect(planned([waiting], { notReady: 0 }).operations).toBeUndefined();
  });
});

describe('a Move', () => {
  test('looks for another place before anything is taken away', () => {
    const result = planned([move()]);
    expect(result.slots.find(({ member }) => member === 'db-1')).toMatchObject({ node: 'n2', state: 'Moving' });
    expect(result.demand).toMatchObject({
      members: [{ member: 'db-1' }],
      rules: { nodeAffinityTerms: [[{ key: 'metadata.name', operator: 'NotIn', values: ['n2'] }]] },
    });
    expect(deletions(result)).toEqual([]);
  });

  test('to a node asks for that one alone', () => {
    expect(planned([move({ targetNode: 'n5' })]).demand?.rules.nodeAffinityTerms).toEqual([
      [{ key: 'metadata.name', operator: 'In', values: ['n5'] }],
    ]);
  });

  test('lets the old pod go once the other slot is written down, and keeps that slot', () => {
    const slots = MEMBERS.map((at) =>
      at === 1
        ? slot({ member: 'db-1', node: 'n5', state: 'Held' })
        : slot({ member: `db-${at}`, node: `n${at + 1}`, state: 'Claimed', podUID: `uid-db-${at}` }),
    );
    const result = planned([move()], { reservation: reservation(slots) });
    expect(deletions(result)).toEqual(['db-1']);
    expect(result.slots.find(({ member }) => member === 'db-1')).toMatchObject({ node: 'n5', state: 'Held' });
    expect(result.demand).toBeUndefined();
  });

  test('that is called off leaves the member and its slot where they were', () => {
    const cancelled = move({ cancel: false });
    const result = planned([{ ...cancelled, status: { ...cancelled.status, state: 'Cancelled' } } as AppOperation], {
      reservation: reservation([slot({ member: 'db-1', node: 'n5', state: 'Held' })]),
      nodes: new Map(['n1', 'n2', 'n3', 'n5'].map((name) => [name, node(name)])),
    });
    expect(result.slots.find(({ member }) => member === 'db-1')).toMatchObject({ node: 'n2', state: 'Claimed' });
    expect(deletions(result)).toEqual([]);
  });
});
