import { describe, expect, test } from '@jest/globals';
import { markFor } from '../core/recovery/retire-mark.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { OperationVolumes } from './operation-volumes.ts';
import { claim } from '../../test/support/app-builders.ts';

const CLAIM = claim({ name: 'data-db-0', uid: 'c1', volumeName: 'pv1' });
const MARK = markFor('app-1', 'db-0', CLAIM);

const object = (kind: string, name: string, uid: string, fields: object): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid, resourceVersion: '7', ...(fields as { metadata?: object }).metadata },
  ...Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'metadata')),
});

function volume({ policy = 'Retain', marked = true, claimUid = 'c1', claimName = 'data-db-0' } = {}): KubeObject {
  const annotations = marked ? { 'proffer.dev/retires': JSON.stringify(MARK) } : {};
  const claimRef = { namespace: 'prod', name: claimName, uid: claimUid };
  return object('PersistentVolume', 'pv1', 'v1', {
    metadata: { annotations },
    spec: { persistentVolumeReclaimPolicy: policy, claimRef, accessModes: ['ReadWriteOnce'] },
  });
}

const liveClaim = (uid = 'c1') => object('PersistentVolumeClaim', 'data-db-0', uid, { spec: { volumeName: 'pv1' } });
const livePod = (nodeName: string) => object('Pod', 'db-0', 'p1', { spec: { nodeName } });

/** What is written when this is what there is. */
async function written(live: readonly KubeObject[], run: (keeping: OperationVolumes) => Promise<void>) {
  const writes: unknown[] = [];
  const keeping = new OperationVolumes({
    writer: {
      get: async ({ kind }) => live.find((item) => item.kind === kind),
      delete: async (type, _namespace, name, { uid, resourceVersion }) =>
        void writes.push(['delete', type.kind, name, uid, resourceVersion]),
      patchCas: async (type, _namespace, name, patch, resourceVersion) => {
        writes.push(['patch', type.kind, name, patch, resourceVersion]);
        return live[0] as KubeObject;
      },
    },
    log: { info: () => undefined, warn: () => undefined },
  });
  await run(keeping);
  return writes;
}

const release = (keeping: OperationVolumes) =>
  keeping.releaseClaim({
    kind: 'releaseClaim',
    namespace: 'prod',
    name: 'data-db-0',
    uid: 'c1',
    volumeName: 'pv1',
    member: 'db-0',
    why: 'a test',
  });
const refer = (keeping: OperationVolumes) =>
  keeping.rereferVolume({ kind: 'rereferVolume', name: 'pv1', uid: 'v1', namespace: 'prod' });
const mark = (keeping: OperationVolumes) =>
  keeping.markVolume({ kind: 'markVolume', name: 'pv1', uid: 'v1', namespace: 'prod', mark: MARK });

describe('a volume that is taken aside', () => {
  test('is retained and marked in one patch, while it is the volume of that claim', async () => {
    expect(await written([volume({ marked: false, policy: 'Delete' })], mark)).toEqual([
      [
        'patch',
        'PersistentVolume',
        'pv1',
        {
          metadata: { uid: 'v1', annotations: { 'proffer.dev/retires': JSON.stringify(MARK) } },
          spec: { persistentVolumeReclaimPolicy: 'Retain' },
        },
        '7',
      ],
    ]);
    expect(await written([volume({ marked: false, claimUid: 'other' })], mark)).toEqual([]);
    expect(await written([volume()], mark)).toEqual([]);
  });

  test('lets its claim go by UID and version', async () => {
    expect(await written([volume(), liveClaim(), livePod('')], release)).toEqual([
      ['delete', 'PersistentVolumeClaim', 'data-db-0', 'c1', '7'],
    ]);
  });

  test.each([
    ['its volume is not retained', [volume({ policy: 'Delete' }), liveClaim()]],
    ['its volume is not marked', [volume({ marked: false }), liveClaim()]],
    ['its volume is gone', [liveClaim()]],
    ['its volume belongs to another claim', [volume({ claimUid: 'other' }), liveClaim()]],
    ['the member still has a pod on a node', [volume(), liveClaim(), livePod('n1')]],
    ['another claim has its name', [volume(), liveClaim('new')]],
  ])('keeps its claim when %s', async (_, live) => {
    expect(await written(live, release)).toEqual([]);
  });

  test('is given to the claim that keeps it, without the UID of the one that is gone', async () => {
    const claimRef = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: 'prod',
      name: MARK.as,
      uid: null,
      resourceVersion: null,
    };
    // The StatefulSet was faster: a new claim of the old name is no reason to wait.
    for (const live of [[volume()], [volume(), liveClaim('new')]])
      expect(await written(live, refer)).toEqual([
        ['patch', 'PersistentVolume', 'pv1', { metadata: { uid: 'v1' }, spec: { claimRef } }, '7'],
      ]);
  });

  test('stays where it is while its claim is there, and when it was given already', async () => {
    expect(await written([volume(), liveClaim()], refer)).toEqual([]);
    expect(await written([volume({ claimName: MARK.as, claimUid: '' })], refer)).toEqual([]);
    await expect(written([volume({ claimName: 'mine', claimUid: 'm1' })], refer)).rejects.toThrow(
      /now belongs to claim prod\/mine/,
    );
  });
});
