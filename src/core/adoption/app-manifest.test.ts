import { describe, expect, test } from '@jest/globals';
import { parsePersistentApp } from '../../api/parse.ts';
import { claim } from '../../../test/support/app-builders.ts';
import type { KubeObject } from '../app/plan.ts';
import { appManifest } from './app-manifest.ts';
import { adoptionNotes, rivals } from './surroundings.ts';
import { unadoptable } from './unadoptable.ts';

const GIB = 2 ** 30;

function statefulSet(spec: object = {}, volume: object = {}, metadata: object = {}): KubeObject {
  const mounts = { volumeMounts: [{ name: 'data', mountPath: '/var/lib/db' }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'prod', uid: 'u1', ...metadata },
    spec: {
      replicas: 2,
      serviceName: 'peers',
      template: {
        metadata: { labels: { app: 'db' } },
        spec: { containers: [{ name: 'main', image: 'db:1', ...mounts }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...volume },
        },
      ],
      ...spec,
    },
  };
}

const claims = (...bytes: readonly number[]) =>
  bytes.map((size, ordinal) => claim({ name: `data-db-${ordinal}`, bytes: size, storageClassName: 'fast' }));

const manifest = (set: KubeObject, parts: object = {}) =>
  appManifest({
    statefulSet: set,
    claims: claims(GIB, GIB),
    hasService: true,
    hasBudget: false,
    framework: undefined,
    ...parts,
  });

describe('the app of a StatefulSet', () => {
  test('says what the StatefulSet says, and is a valid app', () => {
    const found = manifest(statefulSet({ minReadySeconds: 5, updateStrategy: { type: 'OnDelete' } }));
    expect(found).toMatchObject({
      metadata: { name: 'db', namespace: 'prod', annotations: { 'proffer.dev/adopt': 'u1' } },
      spec: {
        replicas: 2,
        serviceName: 'peers',
        volumeClaims: [
          {
            name: 'data',
            mountPath: '/var/lib/db',
            size: '1Gi',
            storageClassName: 'fast',
            accessMode: 'ReadWriteOnce',
          },
        ],
        update: { type: 'OnDelete', minReadySeconds: 5 },
      },
    });
    expect(parsePersistentApp(found).spec.template.metadata?.labels).toEqual({ app: 'db' });
  });

  test.each([
    ['volumes that were grown by hand', { claims: claims(3 * GIB, 3 * GIB) }, { volumeClaims: [{ size: '3Gi' }] }],
    ['a budget of theirs', { hasBudget: true }, { availability: { podDisruptionBudget: 'None' } }],
    ['a framework', { framework: 'team' }, { framework: 'team' }],
  ])('takes %s into account', (_what, parts, spec) => {
    expect(manifest(statefulSet(), parts)).toMatchObject({ spec });
  });

  test('makes its own Service only where there is none to keep', () => {
    const unnamed = statefulSet({ serviceName: '' });
    expect(manifest(unnamed, { hasService: true })['spec']).toMatchObject({ serviceName: 'db' });
    expect(manifest(unnamed, { hasService: false })['spec']).not.toHaveProperty('serviceName');
  });
});

describe('what no app can say', () => {
  test.each([
    [
      'a long name',
      statefulSet({}, {}, { name: 'd'.repeat(60) }),
      claims(),
      /60 characters, and the name of an app may have 52/,
    ],
    ['no replicas', statefulSet({ replicas: 0 }), claims(), /no replicas/],
    ['a block device', statefulSet({}, { volumeMode: 'Block' }), claims(GIB), /block device/],
    ['two modes', statefulSet({}, { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }), claims(GIB), /access modes/],
    ['a selector', statefulSet({}, { selector: {} }), claims(GIB), /has a selector/],
    ['no class', statefulSet({}, { storageClassName: '' }), claims(GIB), /no StorageClass/],
    [
      'different sizes',
      statefulSet(),
      claims(GIB, 2 * GIB),
      /data-db-0 1Gi, data-db-1 2Gi; raise the smaller ones first/,
    ],
  ])('%s', (_what, set, held, says) => {
    expect(unadoptable(set, held).join('\n')).toMatch(says);
  });

  test('an ordinary one is adoptable', () => {
    expect(unadoptable(statefulSet(), claims(GIB, GIB))).toEqual([]);
  });
});

function object(kind: string, spec: object): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'x' }, spec };
}

describe('who else has to do with it', () => {
  const around = { statefulSet: statefulSet(), budgets: [], autoscalers: [] };
  test('an autoscaler of the StatefulSet is a rival, one of something else is not', () => {
    const autoscalers = ['db', 'other'].map((name) =>
      object('HorizontalPodAutoscaler', { scaleTargetRef: { kind: 'StatefulSet', name } }),
    );
    expect(rivals({ ...around, autoscalers })).toEqual([
      expect.stringMatching(/HorizontalPodAutoscaler x scales it.*kubectl patch hpa x -n prod/),
    ]);
  });

  test.each([
    ['Helm', { annotations: { 'meta.helm.sh/release-name': 'shop' } }, /Helm release shop made it/],
    ['Argo CD', { labels: { 'argocd.argoproj.io/instance': 'shop' } }, /Argo CD \(shop\)/],
    ['kubectl', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }, /made by kubectl apply/],
  ])('%s is told', (_what, metadata, says) => {
    expect(adoptionNotes({ ...around, statefulSet: statefulSet({}, {}, metadata) }).join('\n')).toMatch(says);
  });

  test('a budget that selects its pods stays', () => {
    const budgets = [object('PodDisruptionBudget', { selector: { matchLabels: { app: 'db' } } })];
    expect(adoptionNotes({ ...around, budgets }).join('\n')).toMatch(/PodDisruptionBudget x stays yours/);
  });

  test('a container without the volume gets it later, and that is told', () => {
    const containers = [{ name: 'side', image: 'side:1' }];
    const set = statefulSet({ template: { spec: { containers } } });
    expect(adoptionNotes({ ...around, statefulSet: set }).join('\n')).toMatch(/container side gets volume data too/);
  });
});
