import { describe, expect, test } from '@jest/globals';
import { LAUNCHED_ALONE, NOW, app, facts, pod, reservation, slot } from '../../../test/support/app-builders.ts';
import { plan } from './make-plan.ts';
import type { PodAnswer } from './pod-answer.ts';

const QUOTA =
  'pods "db" is forbidden: exceeded quota: small, requested: limits.cpu=1, used: limits.cpu=2, limited: limits.cpu=2';

const SLOTS = reservation([slot({ member: 'db-0' }), slot({ member: 'db-1', node: 'n2' })]);

/** Two members with slots and a StatefulSet that is to run both. */
function world(podAnswer: PodAnswer | undefined, pods = ['db-0'], annotations: Readonly<Record<string, string>> = {}) {
  return facts({
    app: app({ spec: { replicas: 2 } }),
    reservation: SLOTS,
    statefulSet: {
      ...LAUNCHED_ALONE,
      metadata: { ...LAUNCHED_ALONE.metadata, annotations: { ...LAUNCHED_ALONE.metadata.annotations, ...annotations } },
      spec: { replicas: 2 },
    },
    pods: pods.map((name) => pod({ name })),
    podAnswer,
  });
}

const stalled = (given: ReturnType<typeof world>) =>
  plan(given, NOW).status.conditions.find(({ type }) => type === 'Stalled');

const retries = (given: ReturnType<typeof world>) =>
  plan(given, NOW).actions.filter((action) => action.kind === 'mark' && action.target.kind === 'StatefulSet');

describe('pods that the API server refuses', () => {
  test.each([
    [QUOTA, 'raise the quota'],
    ['pods "db" is forbidden: maximum cpu usage per Container is 1, but limit is 2', 'within the LimitRange'],
    ['admission webhook "no.example.com" denied the request: not today', 'who runs the webhook'],
    ['pods "db" is forbidden: somebody minds', 'change what refuses them'],
  ])('are told in its words, and what to do: %s', (problem, advice) => {
    const told = stalled(world({ problem }));
    expect(told).toMatchObject({ status: 'True', reason: 'PodRefused' });
    expect(told?.message).toContain(`the API server refuses the pod of db-1: ${problem}; `);
    expect(told?.message).toContain(advice);
  });

  test('are counted', () => {
    expect(stalled(world({ problem: QUOTA }, []))?.message).toContain('the pods of 2 members, db-0 first: ');
  });

  test.each<[string, PodAnswer | undefined, readonly string[]]>([
    ['nobody asked', undefined, ['db-0']],
    ['it takes them', { problem: undefined }, ['db-0']],
    ['all are there', { problem: QUOTA }, ['db-0', 'db-1']],
  ])('are nothing to tell of when %s', (_when, answer, pods) => {
    expect(stalled(world(answer, [...pods]))).toMatchObject({ status: 'False' });
  });

  test('and that it takes by now are tried again at once, and once', () => {
    const taken = { problem: undefined, takenSinceSeconds: NOW };
    const annotations = { 'proffer.dev/pods-taken': '2026-01-02T03:04:05Z' };
    expect(retries(world(taken))).toEqual([
      expect.objectContaining({ target: expect.objectContaining({ name: 'db', uid: 'sts-1' }), annotations }),
    ]);
    expect(retries(world(taken, ['db-0'], annotations))).toEqual([]);
    expect(retries(world(taken, ['db-0', 'db-1']))).toEqual([]);
  });

  const since = '2026-01-02T00:00:00Z';
  const stalledBy = (reason: string, { podName = 'db-0', annotations = {} } = {}) => {
    const given = world(undefined, [podName], annotations);
    const condition = { type: 'Stalled', status: 'True', reason, message: '', lastTransitionTime: since };
    return { ...given, app: app({ spec: { replicas: 2 }, status: { conditions: [condition] } }) };
  };

  test('as somebody’s pod had the name, which is gone now, are tried again at once, and once', () => {
    const annotations = { 'proffer.dev/pods-taken': since };
    expect(retries(stalledBy('ForeignObject'))).toEqual([expect.objectContaining({ annotations })]);
    expect(retries(stalledBy('ForeignObject', { annotations }))).toEqual([]);
    expect(retries(stalledBy('StaleVolume'))).toEqual([]);
  });

  test('as somebody’s pod has the name still, are not tried again', () => {
    const given = stalledBy('ForeignObject');
    const foreign = pod({ name: 'db-1', owner: undefined });
    expect(retries({ ...given, pods: [...given.pods, foreign] })).toEqual([]);
  });
});
