import { describe, expect, test } from '@jest/globals';
import { DATA, NOW, app, claim, facts, pod, storageClass } from '../../../../test/support/app-builders.ts';
import type { ClaimFacts } from '../../facts/storage-facts.ts';
import type { AppFacts } from '../facts.ts';
import { plan } from '../make-plan.ts';
import { formatTime } from '../rfc3339.ts';

const GI = 2 ** 30;
const BIG = { ...DATA, size: '2Gi' };
const GROWS = { ...DATA, autoGrow: { enabled: true, maxSize: '3Gi' } };
const CLAIMS = ['data-db-0', 'data-db-1', 'data-db-2'];

const given = (volume: object, claims: readonly ClaimFacts[], parts: Partial<AppFacts> = {}): AppFacts =>
  facts({ app: app({ spec: { volumeClaims: [volume] } }), claims, ...parts });
const changesOf = (world: AppFacts) => plan(world, NOW).actions.filter((action) => action.kind === 'changeClaim');
const stalledOf = (world: AppFacts) => plan(world, NOW).status.conditions.find(({ type }) => type === 'Stalled');
const operationOf = (world: AppFacts) => plan(world, NOW).status.operations.find(({ type }) => type === 'Grow');
const used = (percent: number, ofBytes = GI, atSeconds = NOW): AppFacts['volumeUsage'] => ({
  byClaim: new Map([
    [
      'data-db-0',
      {
        usedBytes: (ofBytes * percent) / 100,
        availableBytes: (ofBytes * (100 - percent)) / 100,
        capacityBytes: ofBytes,
        inodesUsed: 1,
        inodes: 1000,
        atSeconds,
      },
    ],
  ]),
  problems: new Map(),
});

const grownBefore = (seconds: number) => claim({ annotations: { 'proffer.dev/grown-at': formatTime(NOW - seconds) } });

describe('a size that is raised', () => {
  test('is asked of each claim by UID, before anything else is written', () => {
    const world = given(
      BIG,
      CLAIMS.map((name) => claim({ name })),
    );
    expect(changesOf(world)).toMatchObject(CLAIMS.map((name) => ({ name, uid: `uid-${name}`, size: '2Gi' })));
    expect(plan(world, NOW).actions[0]?.kind).toBe('changeClaim');
    expect(operationOf(world)).toMatchObject({ progress: '0/3', blockedBy: '' });
  });

  test.each<[string, Partial<AppFacts>]>([
    ['without a framework', { framework: undefined }],
    ['with a template that is refused', { templateProblem: 'no' }],
    ['on nodes that are gone', { nodes: new Map(), pods: [pod({ claims: ['data-db-0'] })] }],
  ])('is asked for %s, too', (_what, parts) => {
    expect(changesOf(given(BIG, [claim()], parts))).toHaveLength(1);
  });

  test.each<[string, Partial<ClaimFacts>]>([
    ['that is not bound yet', { phase: 'Pending' }],
    ['that is being deleted', { deleting: true }],
    ['with old data that nobody said may be used', { annotations: { 'proffer.dev/retired-at': 'then' } }],
    ['that asks for it already', { bytes: 2 * GI }],
    ['that asks for more', { bytes: 3 * GI }],
  ])('leaves a claim alone %s', (_what, parts) => {
    expect(changesOf(given(BIG, [claim(parts)]))).toEqual([]);
  });

  test('of one claim that the storage refuses is shown with its words, and the others go on', () => {
    const refused = claim({
      bytes: 2 * GI,
      conditions: [{ type: 'ControllerResizeError', message: 'pool shared lacks 5 bytes' }],
    });
    const world = given(BIG, [
      refused,
      claim({ name: 'data-db-1' }),
      claim({ name: 'data-db-2', bytes: 2 * GI, actualBytes: 2 * GI }),
    ]);
    expect(changesOf(world)).toMatchObject([{ name: 'data-db-1' }]);
    expect(operationOf(world)).toMatchObject({
      progress: '1/3',
      blockedBy: 'VolumeFailed',
      message: 'data-db-0: growing from 1Gi to 2Gi failed and is tried again: pool shared lacks 5 bytes',
    });
    expect(plan(world, NOW).status.members[0]?.volumes).toMatchObject([{ state: 'Failed', size: '1Gi' }]);
  });

  test('waits for the node, and says so', () => {
    const waiting = claim({ bytes: 2 * GI, conditions: [{ type: 'FileSystemResizePending', message: '' }] });
    expect(plan(given(BIG, [waiting]), NOW).status.members[0]?.volumes).toMatchObject([
      {
        state: 'Resizing',
        message: 'growing from 1Gi to 2Gi: the storage has it, and the node is to grow the file system',
      },
    ]);
  });

  test.each<[string, Partial<AppFacts>, string, string]>([
    [
      'a class that does not allow it',
      { storageClasses: new Map([['fast', { ...storageClass(), allowExpansion: false }]]) },
      'VolumeCannotGrow',
      'StorageClass fast does not allow it: nothing was changed',
    ],
    [
      'more than there is',
      { freeBytes: new Map([['fast', GI / 2]]) },
      'NoRoomToGrow',
      'from 1Gi to 2Gi, which is 1Gi more, and StorageClass fast has at most 512Mi free',
    ],
  ])('is refused with numbers before anything is touched: %s', (_what, parts, reason, says) => {
    const world = given(
      BIG,
      CLAIMS.map((name) => claim({ name })),
      parts,
    );
    expect(changesOf(world)).toEqual([]);
    expect(stalledOf(world)).toMatchObject({ status: 'True', reason, message: expect.stringContaining(says) });
  });
});

test('a running pod is touched once for each size, so that its kubelet grows the file system now', () => {
  const waiting = claim({ bytes: 2 * GI, resizeStatus: 'NodeResizePending' });
  const of = (annotations: Readonly<Record<string, string>>) =>
    plan(given(BIG, [waiting], { pods: [pod({ claims: ['data-db-0'], annotations })], ...STS }), NOW).actions.filter(
      (action) => action.kind === 'mark',
    );
  const grew = { 'proffer.dev/volumes-grew': `data-db-0=${2 * GI}` };
  expect(of({})).toMatchObject([{ target: { kind: 'Pod', name: 'db-0' }, annotations: grew }]);
  expect(of(grew)).toEqual([]);
});

describe('a volume that fills up', () => {
  test('grows by its increment from the threshold on, and the claim remembers when', () => {
    expect(changesOf(given(GROWS, [claim()], { volumeUsage: used(79) }))).toEqual([]);
    expect(changesOf(given(GROWS, [claim()], { volumeUsage: used(80) }))).toMatchObject([
      { name: 'data-db-0', size: '1229Mi', grownAt: formatTime(NOW) },
    ]);
  });

  test('stays as it grew: the app’s own size neither takes it back nor changes', () => {
    const grown = claim({ bytes: 2 * GI, actualBytes: 2 * GI, annotations: { 'proffer.dev/grown-at': 'then' } });
    const world = given(GROWS, [grown, claim({ name: 'data-db-1' })]);
    expect(changesOf(world)).toEqual([]);
    expect(stalledOf(world)?.status).toBe('False');
  });

  test('stops at maxSize, and says what to raise', () => {
    const large = claim({ bytes: 3 * GI, actualBytes: 3 * GI });
    const world = given(GROWS, [large], { volumeUsage: used(90, 3 * GI) });
    expect(changesOf(world)).toEqual([]);
    expect(stalledOf(world)).toMatchObject({
      reason: 'VolumeAtMaxSize',
      message: 'data-db-0 has 3Gi and is more than 80 % full, and autoGrow.maxSize is 3Gi: raise it, or free space',
    });
    const nearly = claim({ bytes: 2.9 * GI, actualBytes: 2.9 * GI });
    expect(changesOf(given(GROWS, [nearly], { volumeUsage: used(90, 3 * GI) }))).toMatchObject([{ size: '3Gi' }]);
  });

  test.each<[string, number, number, boolean]>([
    ['waits for the cooldown', 85, 21_000, false],
    ['grows after it', 85, 21_601, true],
    ['and a full one has no time for it', 99.5, 600, true],
    ['but for what the kubelet needs to see it', 99.5, 200, false],
  ])('%s', (_what, percent, seconds, grows) => {
    const world = given(GROWS, [grownBefore(seconds)], { volumeUsage: used(percent) });
    expect(changesOf(world)).toHaveLength(grows ? 1 : 0);
    expect(plan(world, NOW).wakeAfterSeconds === undefined).toBe(grows);
  });

  test('grows from what it has, where the driver gave more than was asked for', () => {
    const rounded = claim({ bytes: 1.4 * GI, actualBytes: 2 * GI });
    expect(changesOf(given(GROWS, [rounded], { volumeUsage: used(90, 2 * GI) }))).toMatchObject([{ size: '2458Mi' }]);
  });

  test('waits for what it asks for already, however full', () => {
    expect(changesOf(given(GROWS, [claim({ bytes: 2 * GI })], { volumeUsage: used(100) }))).toEqual([]);
  });

  test('that nobody can look into is told with the reason', () => {
    const volumeUsage = { byClaim: new Map(), problems: new Map([['n1', 'the kubelet answered 403']]) };
    const world = given(GROWS, [claim()], {
      volumeUsage,
      pods: [pod({ owner: OWNER, claims: ['data-db-0'] })],
      ...STS,
    });
    expect(operationOf(world)).toMatchObject({
      blockedBy: 'VolumeUsageUnknown',
      message: expect.stringContaining('from node n1, so it does not grow by itself: the kubelet answered 403'),
    });
  });
});

const OWNER = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'sts-1' };
const STS = {
  statefulSet: {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'db',
      uid: 'sts-1',
      ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
    },
    spec: { replicas: 3 },
  },
};

test('a VolumeAttributesClass is asked of claims that are there', () => {
  const world = given({ ...DATA, volumeAttributesClassName: 'gold' }, [claim()]);
  expect(changesOf(world)).toMatchObject([{ name: 'data-db-0', attributesClass: 'gold' }]);
  const asked = given({ ...DATA, volumeAttributesClassName: 'gold' }, [claim({ attributesClass: 'gold' })]);
  expect(changesOf(asked)).toEqual([]);
  expect(plan(asked, NOW).status.members[0]?.volumes).toMatchObject([
    { state: 'Resizing', message: expect.stringContaining('to gold: nothing has taken it up') },
  ]);
});
