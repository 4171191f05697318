import { describe, expect, test } from '@jest/globals';
import { POLICY_NAMES } from './placement.ts';
import { NOT_SUPPORTED_YET, unsupportedFields, unsupportedFrameworkFields } from './feature-support.ts';
import { KINDS } from './kind.ts';
import { parseFramework, parsePersistentApp } from './parse.ts';
import { referencePage } from './reference.ts';

const head = (kind: string) => ({ apiVersion: 'proffer.dev/v1alpha1', kind, metadata: { name: 'es' } });
const volume = (fields: object = {}) => ({ name: 'data', mountPath: '/data', size: '10Gi', pool: 'fast', ...fields });

const inApp = (spec: object) =>
  unsupportedFields(
    parsePersistentApp({
      ...head('PersistentApp'),
      spec: { template: { spec: { containers: [{ name: 'es' }] } }, ...spec },
    }),
  ).map(({ path }) => path);
const inFramework = (spec: object) =>
  unsupportedFrameworkFields(parseFramework({ ...head('Framework'), spec })).map(({ path }) => path);

describe('an app', () => {
  test.each([
    ['nothing but the template', {}],
    [
      'replicas, framework, suspend, paused, protection',
      { replicas: 5, framework: 'web', suspend: true, paused: true, deletionProtection: true },
    ],
    [
      'volumes from a pool or a class',
      {
        volumeClaims: [
          volume({ accessMode: 'ReadWriteOnce' }),
          { ...volume(), name: 'b', pool: undefined, storageClassName: 'gp3' },
        ],
      },
    ],
    ['adopting retired volumes', { retention: { reuse: 'Adopt' } }],
    [
      'constraints, every policy, and a hold',
      {
        placement: {
          constraints: [{ key: '@zone', operator: 'GroupBy' }],
          policies: POLICY_NAMES.map((name) => ({ name, weight: 3 })),
          holdSeconds: 60,
        },
      },
    ],
    [
      'volumes that grow by themselves, and their attributes',
      {
        volumeClaims: [volume({ volumeAttributesClassName: 'gold', autoGrow: { enabled: true, maxSize: '1Ti' } })],
      },
    ],
    ['a gang with other apps', { gang: { apps: ['es', 'es-data'], minMembers: 1 } }],
    ['a capacity request', { capacityRequest: { mode: 'None', afterSeconds: 1 } }],
    ['updates by hand, or with another pause', { update: { type: 'OnDelete', minReadySeconds: 60 } }],
    [
      'a disruption budget',
      { availability: { podDisruptionBudget: 'None', minAvailable: 2, unhealthyPodEviction: 'IfHealthyBudget' } },
    ],
    [
      'new volumes for broken and for lost ones',
      { recovery: { localVolumeLoss: { policy: 'Rebuild' }, volumeFailure: { rebuildAfterSeconds: 5 } } },
    ],
    [
      'recovery of lost nodes, in its own way',
      { recovery: { nodeFailure: { policy: 'Manual', actAfterSeconds: 60 } } },
    ],
  ])('with %s is supported', (_, spec) => {
    expect(inApp(spec)).toEqual([]);
  });

  test.each([
    [{ update: { maxUnavailable: 2 } }, 'spec.update.maxUnavailable'],
    [{ update: { canary: 1 } }, 'spec.update.canary'],
    [{ update: { progressDeadlineSeconds: 60 } }, 'spec.update.progressDeadlineSeconds'],
  ])('with %j is told that %s has no behaviour yet', (spec, path) => {
    expect(inApp(spec)).toEqual([path]);
  });

  test('is told what happens now', () => {
    const app = parsePersistentApp({
      ...head('PersistentApp'),
      spec: { template: { spec: { containers: [{ name: 'es' }] } }, update: { canary: 1 } },
    });
    expect(unsupportedFields(app)).toEqual([
      {
        path: 'spec.update.canary',
        message: 'not supported yet: spec.update.canary; for now the update goes on to the last member',
      },
    ]);
  });
});

describe('a framework', () => {
  test.each([
    [{ parent: 'org', weight: 5, guarantee: { cpu: 4 }, lendingLimit: { cpu: 0 }, limit: { cpu: 4 } }],
    [{ revocable: true, starvationSeconds: 60 }],
    [{ namespaceSelector: { matchLabels: { team: 'a' } }, policies: POLICY_NAMES.map((name) => ({ name })) }],
  ])('with %j is supported', (spec) => {
    expect(inFramework(spec)).toEqual([]);
  });

  test.each([[{ scheduler: 'External' }, 'spec.scheduler']])(
    'with %j is told that %s has no behaviour yet',
    (spec, path) => {
      expect(inFramework(spec)).toEqual([path]);
    },
  );
});

test.each(KINDS.map((kind) => [kind.kind, kind] as const))(
  'the reference of %s shows every note at a field that exists',
  (_, kind) => {
    const page = referencePage(kind);
    const lost = Object.entries(NOT_SUPPORTED_YET[kind.kind] ?? {}).filter(
      ([path, note]) =>
        path !== kind.kind &&
        !page.split('\n').some((line) => line.startsWith(`| \`${path}\` `) && line.includes(note)),
    );
    expect(lost).toEqual([]);
  },
);
