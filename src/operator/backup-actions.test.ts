import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Action } from '../core/app/plan.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { BackupActions } from './backup-actions.ts';
import { registerOwnTypes } from './own-types.ts';

const APP = { namespace: 'prod', name: 'db', uid: 'app-1' };
const TIME = '2026-01-02T03:04:05Z';

type Parts = Readonly<Record<string, unknown>>;

function object(kind: string, name: string, parts: Parts): KubeObject {
  const { metadata, ...rest } = parts as { readonly metadata?: object };
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'prod', resourceVersion: '7', uid: name, ...metadata },
    ...rest,
  };
}

const liveApp = (retention: object, parts: { metadata?: object; spec?: object } = {}) =>
  object('PersistentApp', 'db', {
    apiVersion: 'proffer.dev/v1alpha1',
    metadata: { uid: 'app-1', ...parts.metadata },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'db' }] } }, retention, ...parts.spec },
  });

const RETIRED = { 'proffer.dev/retired-at': TIME, 'proffer.dev/retention': 'Delete' };

const liveClaim = (annotations: object = RETIRED, appUid = 'app-1') =>
  object('PersistentVolumeClaim', 'data-db-1', {
    metadata: { annotations, labels: { 'proffer.dev/app': 'db', 'proffer.dev/app-uid': appUid } },
    spec: { volumeName: 'pv-1' },
  });

const statefulSet = (replicas: number) =>
  object('StatefulSet', 'db', {
    metadata: { ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }] },
    spec: { replicas },
  });

/** Let go (--cascade=orphan), or somebody's: without an owner, and without pods for a moment. */
const plainSet = object('StatefulSet', 'db', { spec: { replicas: 0 } });

const LAST = 'db-1-last-20260102030405';

const lastBackup = (readyToUse: boolean) =>
  object('AppBackup', LAST, {
    apiVersion: 'proffer.dev/v1alpha1',
    spec: { app: 'db', member: 'db-1' },
    status: {
      finishedAt: TIME,
      volumes: [{ claim: 'data-db-1', member: 'db-1', snapshot: 'copy', readyToUse }],
    },
  });

const snapshot = (readyToUse: boolean) =>
  object('VolumeSnapshot', 'copy', {
    metadata: { ownerReferences: [{ kind: 'AppBackup', uid: LAST, controller: true }] },
    spec: { source: { persistentVolumeClaimName: 'data-db-1' } },
    status: { readyToUse },
  });

let live: Map<string, KubeObject>;
let writes: string[];
let actions: BackupActions;

beforeEach(() => {
  registerOwnTypes();
  live = new Map();
  writes = [];
  actions = new BackupActions({
    writer: {
      get: ({ kind }, _namespace, name) => Promise.resolve(live.get(`${kind} ${name}`)),
      create: (made) => {
        if (!live.has(`${made.kind} ${made.metadata.name}`)) return Promise.resolve(made);
        return Promise.reject(new KubeError({ status: 409, reason: 'AlreadyExists', message: 'exists' }));
      },
      delete: ({ kind }, _namespace, name, { uid, resourceVersion }) => {
        writes.push(`delete ${kind} ${name} uid=${uid} version=${resourceVersion}`);
        return Promise.resolve();
      },
      patchCas: ({ kind }, _namespace, name, patch, version) => {
        writes.push(`patch ${kind} ${name} ${JSON.stringify(patch)} version=${version}`);
        return Promise.resolve(object(kind, name, {}));
      },
    },
    log: { info: () => undefined, warn: () => undefined },
  });
});

function there(...objects: readonly KubeObject[]): void {
  for (const one of objects) live.set(`${one.kind} ${one.metadata.name}`, one);
}

const remove = (word: 'whenScaled' | 'whenDeleted' | 'wipe', uid = 'data-db-1') =>
  actions.removeClaim(APP, {
    kind: 'removeClaim',
    namespace: 'prod',
    name: 'data-db-1',
    uid,
    ordinal: 1,
    word,
    why: 'w',
  });

const GONE = ['delete PersistentVolumeClaim data-db-1 uid=data-db-1 version=7'];
const DELETED = { metadata: { deletionTimestamp: TIME } };

/** The copy as the snapshot controller makes it for a VolumeGroupSnapshot. */
const inGroup = () =>
  object('VolumeSnapshot', 'copy', {
    metadata: {
      ownerReferences: [
        { apiVersion: 'groupsnapshot.storage.k8s.io/v1', kind: 'VolumeGroupSnapshot', name: 'group', uid: 'group' },
      ],
    },
    spec: { source: { persistentVolumeClaimName: 'data-db-1' } },
    status: { readyToUse: true },
  });

const group = (backup: string) =>
  object('VolumeGroupSnapshot', 'group', {
    metadata: { ownerReferences: [{ kind: 'AppBackup', uid: backup, controller: true }] },
  });

describe('a claim is deleted', () => {
  test.each<readonly [string, 'whenScaled' | 'whenDeleted' | 'wipe', readonly KubeObject[]]>([
    [
      'when it was left and the app says Delete',
      'whenScaled',
      [liveApp({ whenScaled: 'Delete' }), liveClaim(), statefulSet(1)],
    ],
    [
      'when its copy is ready',
      'whenScaled',
      [liveApp({ whenScaled: 'SnapshotThenDelete' }), liveClaim(), lastBackup(true), snapshot(true)],
    ],
    [
      'when its copy in a group of the backup is ready',
      'whenScaled',
      [liveApp({ whenScaled: 'SnapshotThenDelete' }), liveClaim(), lastBackup(true), inGroup(), group(LAST)],
    ],
    ['with its app', 'whenDeleted', [liveApp({ whenDeleted: 'Delete' }, DELETED), liveClaim({}), statefulSet(0)]],
    [
      'to make way',
      'wipe',
      [liveApp({ reuse: 'Wipe' }, { spec: { replicas: 2 } }), liveClaim({}, 'app-0'), statefulSet(2)],
    ],
  ])('%s', async (_, word, objects) => {
    there(...objects);
    await remove(word);
    expect(writes).toEqual(GONE);
  });
});

describe('a claim is not deleted', () => {
  const says = liveApp({ whenScaled: 'Delete' });
  const copies = liveApp({ whenScaled: 'SnapshotThenDelete' });

  test.each<readonly [string, 'whenScaled' | 'whenDeleted' | 'wipe', readonly KubeObject[]]>([
    [
      'when the app is another one',
      'whenScaled',
      [liveApp({ whenScaled: 'Delete' }, { metadata: { uid: 'x' } }), liveClaim()],
    ],
    ['when the app is gone', 'whenScaled', [liveClaim()]],
    ['when the app says Retain by now', 'whenScaled', [liveApp({}), liveClaim()]],
    [
      'when the app is paused by now',
      'whenScaled',
      [liveApp({ whenScaled: 'Delete' }, { spec: { paused: true } }), liveClaim()],
    ],
    [
      'when its member is wanted by now',
      'whenScaled',
      [liveApp({ whenScaled: 'Delete' }, { spec: { replicas: 2 } }), liveClaim()],
    ],
    ['when it is not retired any more', 'whenScaled', [says, liveClaim({})]],
    ['when it was retired under Retain', 'whenScaled', [says, liveClaim({ 'proffer.dev/retired-at': TIME })]],
    ["when it is another app's", 'whenScaled', [says, liveClaim(RETIRED, 'x')]],
    ['while its pod is there', 'whenScaled', [says, liveClaim(), object('Pod', 'db-1', {})]],
    ['while the StatefulSet counts it', 'whenScaled', [says, liveClaim(), statefulSet(2)]],
    ['while the StatefulSet is not ours', 'whenScaled', [says, liveClaim(), plainSet]],
    [
      'with its app, when the StatefulSet was let go',
      'whenDeleted',
      [liveApp({ whenDeleted: 'Delete' }, DELETED), liveClaim({}), plainSet],
    ],
    [
      'to make way, when the StatefulSet is not ours',
      'wipe',
      [liveApp({ reuse: 'Wipe' }, { spec: { replicas: 2 } }), liveClaim({}, 'app-0'), plainSet],
    ],
    ['without a backup', 'whenScaled', [copies, liveClaim()]],
    ['when the backup lost its copy', 'whenScaled', [copies, liveClaim(), lastBackup(false), snapshot(true)]],
    ['when the snapshot is gone', 'whenScaled', [copies, liveClaim(), lastBackup(true)]],
    ['when the snapshot is not ready', 'whenScaled', [copies, liveClaim(), lastBackup(true), snapshot(false)]],
    ['when the group is gone', 'whenScaled', [copies, liveClaim(), lastBackup(true), inGroup()]],
    [
      'when the group is of another backup',
      'whenScaled',
      [copies, liveClaim(), lastBackup(true), inGroup(), group('other')],
    ],
    ['when the app is not deleted after all', 'whenDeleted', [liveApp({ whenDeleted: 'Delete' }), liveClaim({})]],
    [
      'when the app lets its children go',
      'whenDeleted',
      [
        liveApp({ whenDeleted: 'Delete' }, { metadata: { ...DELETED.metadata, finalizers: ['orphan'] } }),
        liveClaim({}),
      ],
    ],
    [
      'to make way, when it was never ours',
      'wipe',
      [
        liveApp({ reuse: 'Wipe' }, { spec: { replicas: 2 } }),
        object('PersistentVolumeClaim', 'data-db-1', { spec: { volumeName: 'pv-1' } }),
      ],
    ],
    [
      'to make way, while a pod uses it',
      'wipe',
      [
        liveApp({ reuse: 'Wipe' }, { spec: { replicas: 2 } }),
        liveClaim(),
        object('Pod', 'db-1', { spec: { nodeName: 'n1' } }),
      ],
    ],
  ])('%s', async (_, word, objects) => {
    there(...objects);
    await remove(word);
    expect(writes).toEqual([]);
  });

  test('when it is another claim of that name', async () => {
    there(says, liveClaim());
    await remove('whenScaled', 'other');
    expect(writes).toEqual([]);
  });
});

const prune = (): Promise<void> =>
  actions.deleteBackup(APP, { kind: 'deleteBackup', namespace: 'prod', name: 'b', uid: 'b', keep: 3, why: 'keep' });
const made = (annotations: object, appUid = 'app-1') =>
  object('AppBackup', 'b', {
    apiVersion: 'proffer.dev/v1alpha1',
    metadata: { annotations, labels: { 'proffer.dev/app-uid': appUid } },
    spec: { app: 'db' },
  });
const SCHEDULED = { 'proffer.dev/scheduled-at': TIME };
const keeping = (keep: number, parts: object = {}) =>
  liveApp({}, { spec: { backup: { schedule: '0 3 * * *', keep }, ...parts } });

describe('a backup', () => {
  test('that the schedule made is deleted', async () => {
    there(made(SCHEDULED), keeping(3));
    await prune();
    expect(writes).toEqual(['delete AppBackup b uid=b version=7']);
  });

  test.each<readonly [string, readonly KubeObject[]]>([
    ['that a person made', [made({}), keeping(3)]],
    ['that a deleted app of this name left', [made(SCHEDULED, 'app-0'), keeping(3)]],
    ['when more is to be kept by now', [made(SCHEDULED), keeping(4)]],
    ['when the app has no schedule by now', [made(SCHEDULED), liveApp({})]],
    ['when the app is paused by now', [made(SCHEDULED), keeping(3, { paused: true })]],
    ['when the app is gone', [made(SCHEDULED)]],
  ])('%s is not', async (_, objects) => {
    there(...objects);
    await prune();
    expect(writes).toEqual([]);
  });
});

describe('a claim that we make', () => {
  const wanted = {
    ...liveClaim({ 'proffer.dev/filled-from': 'AppBackup/monday' }),
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
  } as unknown as Extract<Action, { kind: 'create' }>['object'];
  const create = (): Promise<void> => actions.create(APP, { kind: 'create', object: wanted, why: 'w' });

  test('and that is there with the same content is it', async () => {
    there(liveClaim({ 'proffer.dev/filled-from': 'AppBackup/monday' }));
    await expect(create()).resolves.toBeUndefined();
  });

  test('and that somebody else made is in the way', async () => {
    there(liveClaim({}));
    await expect(create()).rejects.toThrow('was not made for this');
  });
});

const hold = (on: boolean): Promise<void> =>
  actions.holdApp(APP, { kind: 'holdApp', namespace: 'prod', name: 'db', uid: 'app-1', hold: on });

test("the finalizer is put beside others', and taken off alone", async () => {
  there(liveApp({}, { metadata: { finalizers: ['a/b'] } }));
  await hold(true);
  there(liveApp({}, { metadata: { finalizers: ['a/b', 'proffer.dev/volumes'] } }));
  await hold(false);
  expect(writes).toEqual([
    'patch PersistentApp db {"metadata":{"finalizers":["a/b","proffer.dev/volumes"]}} version=7',
    'patch PersistentApp db {"metadata":{"finalizers":["a/b"]}} version=7',
  ]);
});
