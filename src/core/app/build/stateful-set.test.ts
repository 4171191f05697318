import { describe, expect, test } from '@jest/globals';
import { CONTAINER, DATA, app, pool } from '../../../../test/support/app-builders.ts';
import { readField, readList } from '../read-field.ts';
import { ANNOTATION_TEMPLATE } from './annotations.ts';
import { buildClaimTemplate } from './claim-template.ts';
import { buildDisruptionBudget } from './disruption-budget.ts';
import { buildPodTemplate } from './pod-template.ts';
import { buildHeadlessService } from './headless-service.ts';
import { buildStatefulSet } from './stateful-set.ts';
import { applyIfNeeded, withIntent } from './with-intent.ts';

const withTemplate = (spec: object, rest: object = {}, metadata: object = {}) =>
  app({ spec: { ...rest, template: { metadata, spec: { containers: [CONTAINER], ...spec } } } });
const PARTS = { claimTemplates: [], priorityClass: '', replicas: 3, launched: 3, live: undefined };

const matchLabels = { 'proffer.dev/app': 'db', 'proffer.dev/app-uid': 'app-1' };
const zone = 'topology.kubernetes.io/zone';
const hashOf = (spec: object, rest: object = {}): string | undefined =>
  buildPodTemplate(withTemplate(spec, rest), [], '').metadata.annotations[ANNOTATION_TEMPLATE];
const affinityOf = (constraints: object[], spec: object = {}): unknown =>
  buildPodTemplate(withTemplate(spec, { placement: { constraints } }), [], '').spec['affinity'];
const tolerationsOf = (spec: object): unknown => buildPodTemplate(withTemplate(spec), [], '').spec['tolerations'];
const required = (expression: object): object => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
  },
});
const spreadOf = (spec: object): readonly unknown[] =>
  readList(
    buildPodTemplate(
      withTemplate(spec, { placement: { constraints: [{ key: '@zone', operator: 'GroupBy' }] } }),
      [],
      '',
    ).spec,
    'topologySpreadConstraints',
  );

describe('the pod template', () => {
  test('carries the scheduler, our labels over the user’s, and the priority class only when none is named', () => {
    const built = buildPodTemplate(
      withTemplate({}, {}, { labels: { tier: 'gold', 'proffer.dev/app': 'mine', 'app.kubernetes.io/name': 'etcd' } }),
      [],
      'proffer-member',
    );
    expect(built.metadata.labels).toMatchObject({
      tier: 'gold',
      'proffer.dev/app': 'db',
      'app.kubernetes.io/name': 'etcd',
    });
    expect(built.spec).toMatchObject({ schedulerName: 'proffer-scheduler', priorityClassName: 'proffer-member' });
    expect(buildPodTemplate(app(), [], '', 'own-scheduler').spec['schedulerName']).toBe('own-scheduler');
    const named = buildPodTemplate(withTemplate({ priorityClassName: 'own' }), [], 'proffer-member');
    expect(named.spec['priorityClassName']).toBe('own');
  });

  test('tolerates the taint of nodes that are set aside for members, once, beside what the user tolerates', () => {
    const reserved = { key: 'proffer.dev/reserved', operator: 'Exists' };
    const gpu = { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' };
    expect(tolerationsOf({})).toEqual([reserved]);
    expect(tolerationsOf({ tolerations: [gpu] })).toEqual([gpu, reserved]);
    expect(tolerationsOf({ tolerations: [reserved, gpu] })).toEqual([reserved, gpu]);
    // Tolerations are no part of what makes a running member outdated.
    expect(hashOf({ tolerations: [gpu] })).toBe(hashOf({}));
  });

  test('tells every container who it is, and leaves a variable of that name alone', () => {
    const container = {
      ...CONTAINER,
      env: [
        { name: 'PROFFER_NODE', value: 'mine' },
        { name: 'X', value: '$(PROFFER_MEMBER)' },
      ],
    };
    const { spec } = buildPodTemplate(withTemplate({ containers: [container], initContainers: [CONTAINER] }), [], '');
    const names = readList(spec, 'containers', 0, 'env').map((entry) => readField(entry, 'name'));
    expect(names).toEqual([
      'PROFFER_MEMBER',
      'PROFFER_ORDINAL',
      'PROFFER_NAMESPACE',
      'PROFFER_ZONE',
      'PROFFER_SERVICE',
      'PROFFER_NODE',
      'X',
    ]);
    expect(readList(spec, 'initContainers', 0, 'env')).toHaveLength(6);
  });

  test('mounts volumes into containers that do not mount them, or anything at their path, themselves', () => {
    const volumes = app({ spec: { volumeClaims: [DATA] } }).spec.volumeClaims;
    const mountsOf = (volumeMounts: object[]): readonly unknown[] =>
      readList(
        buildPodTemplate(withTemplate({ containers: [{ ...CONTAINER, volumeMounts }] }), volumes, '').spec,
        'containers',
        0,
        'volumeMounts',
      );
    expect(mountsOf([])).toEqual([{ name: 'data', mountPath: '/data' }]);
    expect(mountsOf([{ name: 'data', mountPath: '/other' }])).toEqual([{ name: 'data', mountPath: '/other' }]);
    expect(mountsOf([{ name: 'tmp', mountPath: '/data' }])).toEqual([{ name: 'tmp', mountPath: '/data' }]);
  });

  test('has another hash when content changes, and the same when only scheduling does', () => {
    const base = hashOf({});
    expect(hashOf({ nodeSelector: { a: 'b' } })).toBe(base);
    expect(
      hashOf({}, { placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] }, framework: 'other' }),
    ).toBe(base);
    expect(hashOf({ containers: [{ ...CONTAINER, image: 'db:2' }] })).not.toBe(base);
    expect(hashOf({ terminationGracePeriodSeconds: 60 })).not.toBe(base);
  });

  test('does not change when the app is scaled', () => {
    expect(buildPodTemplate(app({ spec: { replicas: 5 } }), [], '')).toEqual(buildPodTemplate(app(), [], ''));
  });
});

describe('constraints in the pod template', () => {
  test.each([
    [
      { key: '@hostname', operator: 'Unique' },
      {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } },
          ],
        },
      },
    ],
    [{ key: '@zone', operator: 'Is', value: 'a' }, required({ key: zone, operator: 'In', values: ['a'] })],
    [{ key: '@zone', operator: 'IsNot', value: 'a' }, required({ key: zone, operator: 'NotIn', values: ['a'] })],
    [
      { key: 'disk', operator: 'Like', value: 'ssd|nvme' },
      required({ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }),
    ],
    [{ key: 'disk', operator: 'Like', value: 's.*' }, undefined],
    [{ key: '@zone', operator: 'MaxPer', value: '2' }, undefined],
    [{ key: '@zone', operator: 'Cluster' }, undefined],
  ])('%j', (constraint, affinity) => {
    expect(affinityOf([constraint])).toEqual(affinity);
  });

  test('are added to each of the user’s terms, and to the user’s anti-affinity', () => {
    const own = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }, {}],
        },
      },
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] },
    };
    const built = affinityOf(
      [
        { key: '@zone', operator: 'Is', value: 'a' },
        { key: '@hostname', operator: 'Unique' },
      ],
      { affinity: own },
    );
    const terms = readList(
      built,
      'nodeAffinity',
      'requiredDuringSchedulingIgnoredDuringExecution',
      'nodeSelectorTerms',
    );
    expect(terms).toEqual([
      {
        matchExpressions: [
          { key: 'x', operator: 'Exists' },
          { key: zone, operator: 'In', values: ['a'] },
        ],
      },
      {},
    ]);
    expect(readField(built, 'podAntiAffinity', 'preferredDuringSchedulingIgnoredDuringExecution')).toEqual([]);
  });

  test('GroupBy becomes a soft spread, unless the user has one of that key', () => {
    expect(spreadOf({})).toEqual([
      { topologyKey: zone, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels } },
    ]);
    const own = { topologyKey: zone, maxSkew: 2, whenUnsatisfiable: 'ScheduleAnyway' };
    expect(spreadOf({ topologySpreadConstraints: [own] })).toEqual([own]);
  });
});

describe('the StatefulSet', () => {
  test('starts all pods at once, restarts none by itself and keeps claims', () => {
    const built = buildStatefulSet(app(), PARTS);
    expect(built['spec']).toMatchObject({
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      serviceName: 'db',
    });
    expect(built.metadata['ownerReferences']).toMatchObject([
      { uid: 'app-1', controller: true, blockOwnerDeletion: true },
    ]);
  });

  test('keeps the claim templates that it was made with, and mounts no volume that it has none for', () => {
    const live = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', uid: 'sts-1' },
      spec: {
        volumeClaimTemplates: [
          { metadata: { name: 'data', creationTimestamp: null }, spec: { x: 1 }, status: { phase: 'Pending' } },
        ],
      },
    };
    const wanted = app({ spec: { volumeClaims: [DATA, { ...DATA, name: 'wal', mountPath: '/wal' }] } });
    const { spec } = buildStatefulSet(wanted, { ...PARTS, live });
    expect(readList(spec, 'volumeClaimTemplates')).toEqual([{ metadata: { name: 'data' }, spec: { x: 1 } }]);
    expect(readList(spec, 'template', 'spec', 'containers', 0, 'volumeMounts')).toEqual([
      { name: 'data', mountPath: '/data' },
    ]);
  });

  test.each([
    [undefined, undefined, 'ReadWriteOnce'],
    [undefined, pool('fast', { provider: 'custom', custom: { provisioner: 'x' } }), 'ReadWriteOncePod'],
    [undefined, pool('fast', { storageClassName: 'fast' }), 'ReadWriteOnce'],
    ['ReadWriteMany', pool('fast', { provider: 'custom', custom: { provisioner: 'x' } }), 'ReadWriteMany'],
  ])('access mode %s of %j is %s', (accessMode, of, mode) => {
    const wanted = app({ spec: { volumeClaims: [{ ...DATA, ...(accessMode === undefined ? {} : { accessMode }) }] } });
    const [volume] = wanted.spec.volumeClaims;
    if (volume === undefined) throw new Error('no volume');
    expect(readField(buildClaimTemplate(wanted, volume, 'fast', of), 'spec', 'accessModes')).toEqual([mode]);
  });
});

describe('the headless Service', () => {
  test('publishes members before they are ready, with each container port once', () => {
    const ports = [
      { name: 'client', containerPort: 2379 },
      { containerPort: 2380 },
      { name: 'again', containerPort: 2379 },
    ];
    const built = buildHeadlessService(withTemplate({ containers: [{ ...CONTAINER, ports }] }));
    expect(built['spec']).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    expect(readField(built, 'spec', 'ports')).toEqual([
      { name: 'client', port: 2379, protocol: 'TCP' },
      { name: 'tcp-2380', port: 2380, protocol: 'TCP' },
    ]);
  });
});

describe('the disruption budget', () => {
  test.each([
    [{ replicas: 1 }, undefined],
    [{ replicas: 3, availability: { podDisruptionBudget: 'None' } }, undefined],
    [{ replicas: 3 }, { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' }],
    [{ replicas: 3, availability: { minAvailable: 2 } }, { minAvailable: 2 }],
  ])('of %j is %j', (spec, budget) => {
    const built = buildDisruptionBudget(app({ spec }));
    if (budget === undefined) expect(built).toBeUndefined();
    else expect(built?.['spec']).toMatchObject(budget);
  });
});

describe('an apply', () => {
  const service = buildHeadlessService(app());
  test('is left out when the live object is as wanted', () => {
    expect(applyIfNeeded(service, withIntent(service))).toEqual([]);
  });

  test('comes when a field is no longer wanted, though the live object has all that is', () => {
    const before = { ...service, spec: { ...(service['spec'] as object), sessionAffinity: 'ClientIP' } };
    expect(applyIfNeeded(service, withIntent(before))).toHaveLength(1);
  });

  test('comes when somebody changed the live object', () => {
    const live = withIntent(service);
    expect(
      applyIfNeeded(service, { ...live, spec: { ...(live['spec'] as object), selector: { app: 'mine' } } }),
    ).toHaveLength(1);
  });
});
