import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../core/app/plan.ts';
import { KubeError } from '../kube/errors.ts';
import { NotOursError } from './not-ours-error.ts';
import { VolumeActions, type VolumeActionsOptions } from './volume-actions.ts';

const APP = { namespace: 'shop', name: 'db', uid: 'app-1' };

/** One live object, and what was asked of it. */
class FakeWriter {
  live: KubeObject | undefined;
  readonly writes: unknown[] = [];
  conflicts = 0;
  refusal: KubeError | undefined;

  get: VolumeActionsOptions['writer']['get'] = () => Promise.resolve(this.live as never);
  patchCas: VolumeActionsOptions['writer']['patchCas'] = (_type, _namespace, name, patch, resourceVersion) => {
    if (this.conflicts > 0) {
      this.conflicts -= 1;
      return Promise.reject(new KubeError({ status: 409, reason: 'Conflict', message: 'changed' }));
    }
    this.writes.push({ name, patch, resourceVersion });
    return Promise.resolve({ ...this.live, spec: patch['spec'] } as never);
  };
  dryRunApply: VolumeActionsOptions['writer']['dryRunApply'] = (object) => {
    this.writes.push(`try ${object.kind} as ${object.metadata.name}`);
    return this.refusal === undefined ? Promise.resolve(object) : Promise.reject(this.refusal);
  };
  delete: VolumeActionsOptions['writer']['delete'] = ({ kind }, _namespace, name, options) => {
    this.writes.push({ delete: `${kind} ${name}`, ...options });
    return Promise.resolve();
  };
}

let writer: FakeWriter;
let actions: VolumeActions;

beforeEach(() => {
  writer = new FakeWriter();
  actions = new VolumeActions({ writer, log: { info: () => undefined } });
});

const claim = (storage: string, parts: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-db-0', namespace: 'shop', uid: 'pvc-1', resourceVersion: '7', ...parts },
  spec: { resources: { requests: { storage } } },
});

describe('a claim that is to grow', () => {
  const grow = {
    kind: 'changeClaim',
    namespace: 'shop',
    name: 'data-db-0',
    uid: 'pvc-1',
    size: '2Gi',
    why: 'asked',
  } as const;

  test('is patched in the state in which it was read, with the time when it grows by itself', async () => {
    writer.live = claim('1Gi');
    await actions.changeClaim({ ...grow, grownAt: 'now' });
    expect(writer.writes).toEqual([
      {
        name: 'data-db-0',
        patch: {
          metadata: { uid: 'pvc-1', annotations: { 'proffer.dev/grown-at': 'now' } },
          spec: { resources: { requests: { storage: '2Gi' } } },
        },
        resourceVersion: '7',
      },
    ]);
  });

  test.each<[string, KubeObject | undefined]>([
    ['that is gone', undefined],
    ['of which another one has the name', claim('1Gi', { uid: 'pvc-2' })],
    ['that is being deleted', claim('1Gi', { deletionTimestamp: 'now' })],
    ['that asks for as much by now', claim('2048Mi')],
    ['that asks for more by now', claim('3Gi')],
  ])('is left alone: one %s', async (_what, live) => {
    writer.live = live;
    await actions.changeClaim(grow);
    expect(writer.writes).toEqual([]);
  });

  test('is read again when somebody else wrote it meanwhile', async () => {
    writer.live = claim('1Gi');
    writer.conflicts = 2;
    await actions.changeClaim(grow);
    expect(writer.writes).toHaveLength(1);
  });
});

test('attributes that the API server does not keep are told', async () => {
  writer.live = claim('1Gi');
  writer.patchCas = () => Promise.resolve(claim('1Gi') as never);
  const modify = { kind: 'changeClaim', namespace: 'shop', name: 'data-db-0', uid: 'pvc-1', why: 'asked' } as const;
  await expect(actions.changeClaim({ ...modify, attributesClass: 'gold' })).rejects.toThrow(
    /does not keep volumeAttributesClassName/,
  );
});

function set(owner: string, parts: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'db',
      namespace: 'shop',
      uid: 'sts-1',
      resourceVersion: '9',
      ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: owner, controller: true }],
      ...parts,
    },
  };
}

describe('a StatefulSet that is to be replaced', () => {
  const replace = {
    kind: 'orphanPods',
    namespace: 'shop',
    name: 'db',
    uid: 'sts-1',
    next: set('app-1'),
    why: 'size',
  } as const;

  test('is removed without its pods, once the API server has said that it would take the next one', async () => {
    writer.live = set('app-1');
    await actions.orphanPods(APP, replace);
    expect(writer.writes).toEqual([
      'try StatefulSet as proffer-dry-run',
      { delete: 'StatefulSet db', uid: 'sts-1', resourceVersion: '9', propagation: 'Orphan' },
    ]);
  });

  test('stays when the next one would be refused', async () => {
    writer.live = set('app-1');
    writer.refusal = new KubeError({ status: 422, reason: 'Invalid', message: 'no' });
    await expect(actions.orphanPods(APP, replace)).rejects.toThrow('no');
    expect(writer.writes).toEqual(['try StatefulSet as proffer-dry-run']);
  });

  test.each<[string, KubeObject | undefined]>([
    ['that is gone', undefined],
    ['that is another one', set('app-1', { uid: 'sts-2' })],
    ['that is on its way out', set('app-1', { deletionTimestamp: 'now' })],
  ])('is left alone: one %s', async (_what, live) => {
    writer.live = live;
    await actions.orphanPods(APP, replace);
    expect(writer.writes).toEqual([]);
  });

  test('of somebody else is never touched', async () => {
    writer.live = set('app-2');
    await expect(actions.orphanPods(APP, replace)).rejects.toThrow(NotOursError);
    expect(writer.writes).toEqual([]);
  });
});
