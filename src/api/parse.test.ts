import { describe, expect, test } from '@jest/globals';
import {
  parseAppBackup,
  parseAppOperation,
  parseFramework,
  parsePersistentApp,
  parseReservation,
  parseStoragePool,
} from './parse.ts';

const head = (kind: string) => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind,
  metadata: { name: 'es', namespace: 'search' },
});

function rawApp(spec: object = {}): object {
  return {
    ...head('PersistentApp'),
    spec: { template: { spec: { containers: [{ name: 'es', image: 'es:9' }] } }, ...spec },
  };
}

const volume = (fields: object = {}) => ({ name: 'data', mountPath: '/data', size: '10Gi', pool: 'fast', ...fields });

describe('a PersistentApp', () => {
  test('gets every default of the reference', () => {
    expect(parsePersistentApp(rawApp()).spec).toMatchObject({
      framework: 'default',
      replicas: 1,
      volumeClaims: [],
      retention: { whenScaled: 'Retain', whenDeleted: 'Retain', reuse: 'Refuse' },
      placement: { constraints: [], policies: [], holdSeconds: 600 },
      gang: { apps: [] },
      capacityRequest: { mode: 'Pods', afterSeconds: 15 },
      update: {
        type: 'RollingUpdate',
        maxUnavailable: 1,
        canary: 0,
        minReadySeconds: 10,
        progressDeadlineSeconds: 600,
      },
      availability: { podDisruptionBudget: 'Auto', unhealthyPodEviction: 'AlwaysAllow' },
      recovery: {
        nodeFailure: { policy: 'Automatic', suspectAfterSeconds: 20, actAfterSeconds: 28, maxConcurrent: 1 },
      },
      deletionProtection: false,
      suspend: false,
      paused: false,
    });
  });

  test('has no gang minimum, no backup and no status unless somebody wrote one', () => {
    const app = parsePersistentApp(rawApp());
    expect(app.spec.gang.minMembers).toBeUndefined();
    expect(app.spec.backup).toBeUndefined();
    expect(app.status).toBeUndefined();
  });

  test('gets defaults inside a volume', () => {
    const app = parsePersistentApp(rawApp({ volumeClaims: [volume({ autoGrow: { enabled: true, maxSize: '1Ti' } })] }));
    expect(app.spec.volumeClaims[0]?.autoGrow).toEqual({
      enabled: true,
      maxSize: '1Ti',
      usageThresholdPercent: 80,
      incrementPercent: 20,
      cooldownSeconds: 21_600,
    });
  });

  test('keeps what it does not know of a pod, and drops what it does not know elsewhere', () => {
    const app = parsePersistentApp(
      rawApp({ template: { spec: { containers: [{ name: 'es', image: 'es:9' }], hostname: 'x' } }, colour: 'red' }),
    );
    expect(app.spec.template.spec).toMatchObject({ containers: [{ image: 'es:9' }], hostname: 'x' });
    expect(app.spec).not.toHaveProperty('colour');
  });

  test('reads null as absent', () => {
    const template = { spec: { containers: [{ name: 'es', resources: null }], nodeSelector: null, affinity: null } };
    const { spec } = parsePersistentApp(rawApp({ template })).spec.template;
    expect(spec).toEqual({ containers: [{ name: 'es' }] });
  });

  test.each([
    [
      'a malformed size',
      { volumeClaims: [volume({ size: '10Gx' })] },
      'spec.volumeClaims[0].size: must be a Kubernetes quantity',
    ],
    [
      'a relative mount path',
      { volumeClaims: [volume({ mountPath: 'data' })] },
      'spec.volumeClaims[0].mountPath: mountPath must be absolute',
    ],
    [
      'a bad volume name',
      { volumeClaims: [volume({ name: 'Data' })] },
      'spec.volumeClaims[0].name: must be lower-case',
    ],
    [
      'an unknown operator',
      { placement: { constraints: [{ key: '@zone', operator: 'Near' }] } },
      'spec.placement.constraints[0].operator',
    ],
    [
      'a key that is no label',
      { placement: { constraints: [{ key: '@rack', operator: 'Unique' }] } },
      'spec.placement.constraints[0].key',
    ],
    ['no containers', { template: { spec: { containers: [] } } }, 'spec.template.spec.containers'],
    ['too many replicas', { replicas: 1001 }, 'spec.replicas'],
  ])('with %s is refused with its name and path', (_, spec, message) => {
    expect(() => parsePersistentApp(rawApp(spec))).toThrow(message);
    expect(() => parsePersistentApp(rawApp(spec))).toThrow('PersistentApp search/es: ');
  });

  test('that is no object at all is refused too', () => {
    expect(() => parsePersistentApp(undefined)).toThrow('PersistentApp object without a name');
  });
});

describe('the other kinds', () => {
  test('a Framework needs no spec', () => {
    expect(parseFramework(head('Framework')).spec).toMatchObject({
      weight: 1,
      guarantee: {},
      limit: {},
      starvationSeconds: 300,
      revocable: false,
      scheduler: 'BuiltIn',
    });
  });

  test('a StoragePool retains volumes and lets them grow', () => {
    expect(parseStoragePool({ ...head('StoragePool'), spec: { storageClassName: 'gp3' } }).spec).toMatchObject({
      reclaimPolicy: 'Retain',
      allowExpansion: true,
      capacity: { source: 'CSI', perZone: [] },
    });
  });

  test('a Reservation keeps its slots', () => {
    const slot = { member: 'es-0', node: 'n1', state: 'Held', acceptedAt: '2026-01-02T03:04:05Z' };
    const { spec } = parseReservation({
      ...head('Reservation'),
      spec: { app: { name: 'es', uid: 'u' }, slots: [slot] },
    });
    expect(spec.slots).toEqual([{ ...slot, zone: '', resources: {}, volumes: [], decision: '', podUID: '', epoch: 0 }]);
  });

  test('an AppOperation is kept for a day', () => {
    const { spec } = parseAppOperation({ ...head('AppOperation'), spec: { type: 'Restart', app: 'es' } });
    expect(spec).toMatchObject({ members: [], ttlSecondsAfterFinished: 86_400, cancel: false });
  });

  test('an AppBackup is of all members', () => {
    expect(parseAppBackup({ ...head('AppBackup'), spec: { app: 'es' } }).spec).toEqual({ app: 'es' });
  });
});
