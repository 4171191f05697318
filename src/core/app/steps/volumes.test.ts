import { describe, expect, test } from '@jest/globals';
import type { ClaimFacts } from '../../facts/storage-facts.ts';
import { DATA, NOW, app, claim, facts, pod } from '../../../../test/support/app-builders.ts';
import type { AppFacts } from '../facts.ts';
import { plan } from '../make-plan.ts';
import type { KubeObject } from '../plan.ts';

const STS: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'db',
    uid: 'sts-1',
    ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
  },
  spec: { replicas: 3, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
};
const RETIRED = { 'proffer.dev/retired-at': '2026-01-01T00:00:00Z', 'proffer.dev/retired-from': 'app-1' };
const OURS = { 'proffer.dev/app': 'db', 'proffer.dev/app-uid': 'app-1' };
const FORMER = { 'proffer.dev/app': 'db', 'proffer.dev/app-uid': 'app-0' };

const given = (spec: object, claims: readonly ClaimFacts[], parts: Partial<AppFacts> = {}): AppFacts =>
  facts({ app: app({ spec: { volumeClaims: [DATA], ...spec } }), claims, statefulSet: STS, ...parts });
const marksOf = (world: AppFacts) => plan(world, NOW).actions.filter((action) => action.kind === 'mark');
const conditionOf = (world: AppFacts, type: string) =>
  plan(world, NOW).status.conditions.find((item) => item.type === type);

describe('a claim that its member left', () => {
  test('is marked once, by UID, with the time and the app', () => {
    const world = given({ replicas: 1 }, [claim({ name: 'data-db-2' })]);
    expect(marksOf(world)).toEqual([
      {
        kind: 'mark',
        target: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace: 'prod',
          name: 'data-db-2',
          uid: 'uid-data-db-2',
        },
        unlessAnnotated: 'proffer.dev/retired-at',
        annotations: { 'proffer.dev/retired-at': '2026-01-02T03:04:05Z', 'proffer.dev/retired-from': 'app-1' },
      },
    ]);
    expect(marksOf(given({ replicas: 1 }, [claim({ name: 'data-db-2', annotations: RETIRED })]))).toEqual([]);
  });

  test('is marked before the StatefulSet gets smaller, so that no crash loses the mark', () => {
    const { actions } = plan(
      given({ replicas: 2 }, [claim({ name: 'data-db-2' })], { pods: [pod({ name: 'db-2' })] }),
      NOW,
    );
    const kinds = actions.map((action) => (action.kind === 'apply' ? action.object.kind : action.kind));
    expect(kinds.indexOf('mark')).toBeGreaterThanOrEqual(0);
    expect(kinds.indexOf('mark')).toBeLessThan(kinds.indexOf('StatefulSet'));
  });

  test('is listed in status', () => {
    expect(
      plan(given({ replicas: 1 }, [claim({ name: 'data-db-2', annotations: RETIRED })]), NOW).status.retiredClaims,
    ).toMatchObject([{ claim: 'data-db-2', member: 'db-2', retiredAt: '2026-01-01T00:00:00Z', size: '1Gi' }]);
  });

  test('of another app or volume is left alone', () => {
    const others = ['data-db', 'data-db-x'].map((name) => claim({ name }));
    const ofLogDb = claim({ name: 'data-log-db-4', labels: { ...OURS, 'proffer.dev/app': 'log-db' } });
    const noOnes = claim({ name: 'data-db-5', labels: {} });
    // Of volume `data` of app `log-db`: a volume `data-log` of this app would have a claim of that name.
    const spec = { replicas: 1, volumeClaims: [DATA, { ...DATA, name: 'data-log', mountPath: '/log' }] };
    expect(marksOf(given(spec, [...others, ofLogDb, noOnes]))).toEqual([]);
  });
});

describe('a member that would get old data', () => {
  test.each([
    [
      'of its own, from before a scale-in',
      claim({ name: 'data-db-2', annotations: RETIRED }),
      'a member that was scaled in',
    ],
    [
      'of the deleted app of this name',
      claim({ name: 'data-db-2', labels: FORMER }),
      'an earlier app or somebody else',
    ],
    ['of somebody else', claim({ name: 'data-db-2', labels: {} }), 'an earlier app or somebody else'],
  ])('%s: is refused, with the claim and the ways out', (_what, stale, whose) => {
    const world = given({ gang: { minMembers: 1 } }, [stale]);
    expect(conditionOf(world, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'StaleVolume',
      message: `member db-2 would get data that ${whose} left in data-db-2: set spec.retention.reuse to Adopt to use it, or delete it for an empty volume (kubectl delete pvc data-db-2 -n prod), or ask for fewer replicas`,
    });
    expect(plan(world, NOW).demand?.members.map((member) => member.member)).toEqual(['db-0', 'db-1']);
    expect(marksOf(world)).toEqual([]);
  });

  test('gets it with Adopt, and the claim is the member’s own again', () => {
    const world = given({ retention: { reuse: 'Adopt' } }, [
      claim({ name: 'data-db-2', labels: FORMER, annotations: RETIRED }),
    ]);
    expect(marksOf(world)).toMatchObject([
      {
        target: { name: 'data-db-2' },
        labels: { 'proffer.dev/app': 'db', 'proffer.dev/app-uid': 'app-1' },
        annotations: { 'proffer.dev/retired-at': null, 'proffer.dev/retired-from': null },
      },
    ]);
    expect(plan(world, NOW).demand?.members).toHaveLength(3);
  });

  test('gets none of an app of another name, whatever it says of its own', () => {
    const volumeClaims = [{ ...DATA, name: 'data-log' }];
    const ofLogDb = claim({
      name: 'data-log-db-2',
      labels: { 'proffer.dev/app': 'log-db', 'proffer.dev/app-uid': 'app-9' },
    });
    const statefulSet = { ...STS, spec: { replicas: 3, volumeClaimTemplates: [{ metadata: { name: 'data-log' } }] } };
    const spec = { gang: { minMembers: 1 }, volumeClaims, retention: { reuse: 'Adopt' } };
    const world = given(spec, [ofLogDb], { statefulSet });
    expect(conditionOf(world, 'Stalled')).toMatchObject({
      reason: 'StaleVolume',
      message:
        'member db-2 would get data of app log-db, in data-log-db-2: claims of both have the same names; call the volume something else in spec.volumeClaims',
    });
    expect(plan(world, NOW).demand?.members.map((member) => member.member)).toEqual(['db-0', 'db-1']);
    expect(marksOf(world)).toEqual([]);
  });

  test('is not one that never left: its mark is taken back', () => {
    const world = given({}, [claim({ name: 'data-db-2', annotations: RETIRED })], {
      pods: [pod({ name: 'db-2', claims: ['data-db-2'] })],
    });
    expect(conditionOf(world, 'Stalled')?.status).toBe('False');
    expect(marksOf(world)).toMatchObject([
      { target: { name: 'data-db-2' }, annotations: { 'proffer.dev/retired-at': null } },
    ]);
  });
});

describe('sizes and lists of volumes', () => {
  test('a claim that is larger than asked is kept, and told', () => {
    expect(conditionOf(given({}, [claim({ bytes: 2 ** 31 })]), 'Stalled')).toMatchObject({
      reason: 'VolumeMayNotShrink',
      message: expect.stringContaining('volume data asks for 1Gi, and claim data-db-0 has 2Gi: no volume can shrink'),
    });
  });

  test('a volume that was removed leaves claims that are retired once no pod has them, and listed', () => {
    const left = claim({ name: 'wal-db-0' });
    const mounting = [pod({ claims: ['data-db-0', 'wal-db-0'] })];
    expect(marksOf(given({ replicas: 1 }, [claim(), left], { pods: mounting }))).toEqual([]);
    const pods = [pod({ claims: ['data-db-0'] })];
    expect(marksOf(given({ replicas: 1 }, [claim(), left], { pods }))).toMatchObject([
      { target: { name: 'wal-db-0' }, annotations: { 'proffer.dev/retired-from': 'app-1' } },
    ]);
    const marked = given({ replicas: 1 }, [claim(), { ...left, annotations: RETIRED }], { pods });
    expect(marksOf(marked)).toEqual([]);
    expect(plan(marked, NOW).status.retiredClaims).toMatchObject([{ claim: 'wal-db-0', member: 'db-0' }]);
  });

  test('a claim of another class than is asked for is kept, and told', () => {
    expect(conditionOf(given({}, [claim({ storageClassName: 'slow' })]), 'Stalled')).toMatchObject({
      reason: 'VolumeClassMayNotChange',
      message: expect.stringContaining('asks for StorageClass fast, and claim data-db-0 was made in slow'),
    });
  });

  test.each<[string, Partial<ClaimFacts>, string, string]>([
    ['lost', { phase: 'Lost' }, 'False', 'VolumeLost'],
    ['that cannot be resized', { conditions: [{ type: 'NodeResizeError', message: 'no' }] }, 'False', 'VolumeFailed'],
    ['that is being made', { phase: 'Pending', actualBytes: 0 }, 'Unknown', 'Provisioning'],
    ['that is bound', {}, 'True', 'AllVolumesBound'],
  ])('a volume %s makes VolumesHealthy %s', (_what, parts, status, reason) => {
    expect(conditionOf(given({ replicas: 1 }, [claim(parts)]), 'VolumesHealthy')).toMatchObject({ status, reason });
  });
});
