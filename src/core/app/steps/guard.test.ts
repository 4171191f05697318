import { describe, expect, test } from '@jest/globals';
import {
  DATA,
  NOW,
  app,
  facts,
  framework,
  pod,
  pool,
  reservation,
  slot,
} from '../../../../test/support/app-builders.ts';
import type { AppFacts } from '../facts.ts';
import { plan } from '../make-plan.ts';
import type { KubeObject } from '../plan.ts';

const conditionOf = (given: AppFacts, type: string) =>
  plan(given, NOW).status.conditions.find((item) => item.type === type);

const child = (kind: string, owner: object | undefined): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    name: 'db',
    uid: 'x',
    ...(owner === undefined ? {} : { ownerReferences: [{ ...owner, controller: true }] }),
  },
});
const SOMEBODY = { kind: 'Helm', name: 'other', uid: 'y' };
const FORMER = { kind: 'PersistentApp', name: 'db', uid: 'app-0' };

/** Has something else where the volume of `DATA` would be. */
const shadowing = (name: string, ...more: readonly object[]) => ({
  name,
  volumeMounts: [{ name: 'tmp', mountPath: '/data' }, ...more],
});

describe('an app that cannot get slots says why, and what to do', () => {
  test.each<[string, Partial<AppFacts>, string, string]>([
    ['no such framework', { framework: undefined }, 'FrameworkNotFound', 'there is no Framework "default": create it'],
    ['not a leaf', { frameworkChildren: ['a', 'b'] }, 'FrameworkNotLeaf', 'has others below it (a, b)'],
    [
      'namespace not allowed',
      { framework: framework({ namespaceSelector: { matchLabels: { team: 'x' } } }) },
      'NamespaceNotAllowed',
      'does not allow namespace prod',
    ],
    [
      'no such pool',
      {
        app: app({ spec: { volumeClaims: [{ ...DATA, storageClassName: undefined, pool: 'gold' }] } }),
        pools: new Map([['fast', pool('fast', { storageClassName: 'fast' })]]),
      },
      'PoolNotFound',
      'volume data asks for StoragePool "gold", which does not exist: create it, or name another one of fast',
    ],
    [
      'no such class',
      { app: app({ spec: { volumeClaims: [{ ...DATA, storageClassName: 'slow' }] } }) },
      'StorageClassNotFound',
      'StorageClass "slow", which does not exist',
    ],
    [
      'a template that is refused',
      { templateProblem: 'spec.containers[0].image: Required value' },
      'InvalidTemplate',
      'image: Required value',
    ],
    [
      'a template with a malformed quantity',
      {
        app: app({
          spec: { template: { spec: { containers: [{ name: 'db', resources: { requests: { cpu: 'lots' } } }] } } },
        }),
      },
      'InvalidTemplate',
      '"lots"',
    ],
    [
      'a volume that no container would mount',
      {
        app: app({
          spec: { volumeClaims: [DATA], template: { spec: { containers: [shadowing('db'), shadowing('log')] } } },
        }),
      },
      'VolumeNotMounted',
      'no container would mount volume data: at its path /data container db has tmp, container log has tmp; take those mounts out',
    ],
    [
      'an impossible constraint',
      {
        app: app({
          spec: {
            placement: {
              constraints: [
                { key: '@zone', operator: 'Is', value: 'a' },
                { key: '@zone', operator: 'IsNot', value: 'a' },
              ],
            },
          },
        }),
      },
      'ConstraintIsNot',
      'cannot both hold',
    ],
    [
      'a StatefulSet of somebody else',
      { statefulSet: child('StatefulSet', SOMEBODY) },
      'ForeignObject',
      'StatefulSet db has the name that this app needs and belongs to Helm other',
    ],
    ['a Service of nobody', { service: child('Service', undefined) }, 'ForeignObject', 'is not managed by Proffer'],
  ])('%s', (_what, given, reason, message) => {
    const world = facts(given);
    expect(conditionOf(world, 'Stalled')).toMatchObject({
      status: 'True',
      reason,
      message: expect.stringContaining(message),
    });
    expect(plan(world, NOW).status.summary).toMatchObject({ status: 'Stalled', reason });
    if (reason !== 'ForeignObject') expect(plan(world, NOW).demand).toBeUndefined();
  });

  test.each([
    ['another container mounts it', [shadowing('db'), { name: 'log' }]],
    ['a container has it elsewhere, too', [shadowing('db', { name: 'data', mountPath: '/other' })]],
  ])('a volume is mounted when %s', (_what, containers) => {
    const given = facts({ app: app({ spec: { volumeClaims: [DATA], template: { spec: { containers } } } }) });
    expect(conditionOf(given, 'Stalled')?.status).toBe('False');
  });

  test('all problems are told at once', () => {
    const message = conditionOf(facts({ framework: undefined, templateProblem: 'no' }), 'Stalled')?.message;
    expect(message).toContain('Framework');
    expect(message).toContain('template');
  });
});

describe('what is not ours', () => {
  test.each(['Service', 'StatefulSet', 'PodDisruptionBudget'] as const)(
    'a %s of somebody else is never written',
    (kind) => {
      const field = { Service: 'service', StatefulSet: 'statefulSet', PodDisruptionBudget: 'podDisruptionBudget' }[
        kind
      ];
      const { actions } = plan(facts({ [field]: child(kind, SOMEBODY) }), NOW);
      const written = actions.map((action) => (action.kind === 'apply' ? action.object.kind : action.kind));
      expect(written).not.toContain(kind);
      expect(written).not.toContain('deleteOwned');
    },
  );

  test('a foreign disruption budget does not keep the app from running', () => {
    const { actions, demand } = plan(facts({ podDisruptionBudget: child('PodDisruptionBudget', SOMEBODY) }), NOW);
    expect(actions).toHaveLength(2);
    expect(demand?.members).toHaveLength(3);
  });

  test('children and slots of the deleted app of this name are waited for, not touched', () => {
    const given = facts({ statefulSet: child('StatefulSet', FORMER), reservation: reservation([slot()], 'app-0') });
    const { actions, demand, slots, status } = plan(given, NOW);
    expect([actions, demand, slots]).toEqual([[], undefined, []]);
    expect(status.operations[0]).toMatchObject({ type: 'Cleanup', blockedBy: 'FormerObject' });
    expect(status.summary.status).toBe('Waiting');
  });

  test('a pod of somebody else with our labels is told and gets no slot', () => {
    const stranger = pod({ name: 'intruder', owner: undefined });
    const { slots, status } = plan(facts({ pods: [stranger, pod({ owner: undefined })] }), NOW);
    expect(slots).toEqual([]);
    expect(status.conditions.find((item) => item.type === 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'ForeignObject',
      message: expect.stringContaining('pods db-0, intruder have the name or the labels of a member'),
    });
  });
});

describe('a field without behaviour', () => {
  test('is told, and the app runs all the same', () => {
    const given = facts({ app: app({ spec: { update: { canary: 1 } } }) });
    expect(conditionOf(given, 'Supported')).toMatchObject({
      status: 'False',
      reason: 'NotSupportedYet',
      message: expect.stringContaining('not supported yet: spec.update.canary'),
    });
    expect(plan(given, NOW).demand?.members).toHaveLength(3);
  });

  test('devices of resource claims are no part of an offer: no slot is given, and what runs is left alone', () => {
    const resourceClaims = [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }];
    const template = { spec: { containers: [{ name: 'db', image: 'db:1' }], resourceClaims } };
    const given = facts({ app: app({ spec: { template } }) });
    const message = expect.stringContaining('spec.template.spec.resourceClaims (gpu): which node has these devices');
    expect(conditionOf(given, 'Supported')).toMatchObject({ status: 'False', message });
    expect(conditionOf(given, 'Stalled')).toMatchObject({ status: 'True', reason: 'NotSupportedYet', message });
    expect(plan(given, NOW).demand).toBeUndefined();
    const slots = [slot({ member: 'db-0' })];
    expect(plan(facts({ app: given.app, reservation: reservation(slots) }), NOW).slots).toMatchObject([
      { member: 'db-0', state: 'Held' },
    ]);
  });
});

describe('an app that is left alone', () => {
  test.each([
    ['paused', app({ spec: { paused: true } }), 'Paused', 'Suspended'],
    ['being deleted', app({ metadata: { deletionTimestamp: '2026-01-02T03:00:00Z' } }), 'Deleting', 'Reconciling'],
  ])('%s: nothing is written but the word for it', (_what, given, word, type) => {
    const slots = [slot({ member: 'db-7' })];
    const made = plan(facts({ app: given, reservation: reservation(slots) }), NOW);
    expect([made.actions, made.demand, made.slots]).toEqual([[], undefined, slots]);
    expect(made.status.summary.status).toBe(word);
    expect(made.status.conditions).toMatchObject([{ type, status: 'True', reason: word }]);
    const again = plan(facts({ app: { ...given, status: made.status }, reservation: reservation(slots) }), NOW + 99);
    expect([again.status, again.events]).toEqual([made.status, []]);
  });
});
