import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Action, KubeObject } from '../core/app/plan.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject as LiveObject } from '../kube/kube-object.ts';
import type { Writer } from '../kube/writer.ts';
import { NotOursError } from './not-ours-error.ts';
import { Performer } from './perform.ts';

const APP = { namespace: 'shop', name: 'db', uid: 'app-1' };

const owned = (uid: string, kind = 'PersistentApp') => [{ apiVersion: 'x', kind, name: 'db', uid, controller: true }];

function object(kind: string, name: string, over: Record<string, unknown> = {}): KubeObject {
  const apiVersion =
    { Service: 'v1', Pod: 'v1', StatefulSet: 'apps/v1', PodDisruptionBudget: 'policy/v1' }[kind] ?? 'v1';
  return { apiVersion, kind, metadata: { name, namespace: 'shop', uid: `${kind}-1`, resourceVersion: '5', ...over } };
}

/** An API server of objects by "Kind name", which notes what it was asked to write. */
class FakeWriter {
  readonly live = new Map<string, LiveObject>();
  readonly writes: string[] = [];
  failure: KubeError | undefined;

  get: Writer['get'] = ({ kind }, _namespace, name) => Promise.resolve(this.live.get(`${kind} ${name}`));
  apply: Writer['apply'] = (sent, options) => {
    const { uid = 'none', resourceVersion } = sent.metadata;
    const version = resourceVersion === undefined ? '' : ` version=${resourceVersion}`;
    this.#note(`apply ${sent.kind} uid=${uid} force=${options?.force}${version}`);
    return Promise.resolve({
      ...sent,
      metadata: { ...sent.metadata, uid: sent.metadata.uid ?? 'new', resourceVersion: '6' },
    });
  };
  patchMetadata: Writer['patchMetadata'] = async ({ kind }, _namespace, name, _patch, { uid, resourceVersion }) => {
    this.#note(`mark ${kind} ${name} uid=${uid}${resourceVersion === undefined ? '' : ` version=${resourceVersion}`}`);
    return object(kind, name);
  };
  evict: Writer['evict'] = (_namespace, name, { uid }) => {
    this.#note(`evict ${name} uid=${uid}`);
    return Promise.resolve();
  };
  delete: Writer['delete'] = ({ kind }, _namespace, name, { uid, resourceVersion }) => {
    this.#note(`delete ${kind} ${name} uid=${uid} version=${resourceVersion}`);
    return Promise.resolve();
  };

  #note(what: string): void {
    if (this.failure !== undefined) throw this.failure;
    this.writes.push(what);
  }
}

const done = () => Promise.resolve();

describe('performing a plan', () => {
  let writer: FakeWriter;
  let cache: Map<string, KubeObject>;
  let performer: Performer;

  beforeEach(() => {
    writer = new FakeWriter();
    cache = new Map();
    const log = { info: () => undefined, warn: () => undefined };
    performer = new Performer({
      writer,
      metrics: { skipped: () => undefined },
      recovery: { forceDeletePod: done, declareOutOfService: done, deleteAttachment: done, askFencing: done },
      operations: { suspend: done, deleteOperation: done },
      keeping: { markVolume: done, releaseClaim: done, rereferVolume: done },
      volumes: { changeClaim: done, orphanPods: done },
      backups: { create: done, removeClaim: done, deleteBackup: done, holdApp: done },
      log,
      cached: (kind, key) => cache.get(`${kind} ${key}`),
    });
  });

  const applyService: Action = {
    kind: 'apply',
    object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', namespace: 'shop' } },
  };
  const deletePod: Action = { kind: 'deletePod', namespace: 'shop', name: 'db-0', uid: 'Pod-1', why: 'outdated' };

  test('what does not exist is created, and nothing taken over by force', async () => {
    await performer.perform(APP, applyService);
    expect(writer.writes).toEqual(['apply Service uid=none force=false']);
  });

  test.each<readonly [string, LiveObject | undefined, readonly string[] | RegExp]>([
    [
      'as it is now',
      object('StatefulSet', 'db', { ownerReferences: owned('app-1') }),
      ['apply StatefulSet uid=StatefulSet-1 force=true version=5'],
    ],
    ['not, when it was let go meanwhile', object('StatefulSet', 'db'), /is not controlled by this app/],
    ['not, when it is gone', undefined, []],
  ])('what may not be done to the cached object is done to the live one: %s', async (_what, live, expected) => {
    cache.set('StatefulSet shop/db', object('StatefulSet', 'db', { ownerReferences: owned('app-1') }));
    if (live !== undefined) writer.live.set('StatefulSet db', live);
    const stop = {
      kind: 'apply',
      object: { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'shop' } },
      isLive: true,
    } as const;
    const done = performer.perform(APP, stop);
    await (expected instanceof RegExp ? expect(done).rejects.toThrow(expected) : done);
    expect(writer.writes).toEqual(expected instanceof RegExp ? [] : expected);
  });

  test('what exists is changed only if it still is the same object', async () => {
    cache.set('Service shop/db', object('Service', 'db', { ownerReferences: owned('app-1') }));
    await performer.perform(APP, applyService);
    expect(writer.writes).toEqual(['apply Service uid=Service-1 force=true']);
  });

  test.each([
    ['that the cache shows', 'cache'],
    ['that only the API server knows', 'live'],
  ])('an object of somebody else %s is left alone', async (_what, where) => {
    const foreign = object('Service', 'db', { ownerReferences: owned('app-0') });
    if (where === 'cache') cache.set('Service shop/db', foreign);
    writer.live.set('Service db', foreign);
    await expect(performer.perform(APP, applyService)).rejects.toThrow(NotOursError);
    expect(writer.writes).toEqual([]);
  });

  test('an object of somebody else that only the cache still shows is in nobody’s way', async () => {
    cache.set('Service shop/db', object('Service', 'db', { ownerReferences: owned('app-0') }));
    await performer.perform(APP, applyService);
    expect(writer.writes).toEqual(['apply Service uid=none force=false']);
  });

  test('the same intent is not sent twice while the cache is behind', async () => {
    await performer.perform(APP, applyService);
    writer.live.set(
      'Service db',
      object('Service', 'db', { uid: 'new', ownerReferences: owned('app-1'), resourceVersion: '5' }),
    );
    await performer.perform(APP, applyService);
    expect(writer.writes).toHaveLength(1);
  });

  test('a pod of our StatefulSet is deleted in the state that was read', async () => {
    cache.set('StatefulSet shop/db', object('StatefulSet', 'db', { ownerReferences: owned('app-1') }));
    writer.live.set('Pod db-0', object('Pod', 'db-0', { ownerReferences: owned('StatefulSet-1', 'StatefulSet') }));
    await performer.perform(APP, deletePod);
    expect(writer.writes).toEqual(['delete Pod db-0 uid=Pod-1 version=5']);
  });

  test.each([
    ['is gone', undefined],
    ['was replaced', object('Pod', 'db-0', { uid: 'Pod-2', ownerReferences: owned('StatefulSet-1', 'StatefulSet') })],
  ])('a pod that %s is not deleted, and that is done', async (_what, pod) => {
    cache.set('StatefulSet shop/db', object('StatefulSet', 'db', { ownerReferences: owned('app-1') }));
    if (pod !== undefined) writer.live.set('Pod db-0', pod);
    await performer.perform(APP, deletePod);
    expect(writer.writes).toEqual([]);
  });

  test.each([
    ['nobody', []],
    ['another StatefulSet', owned('StatefulSet-2', 'StatefulSet')],
  ])('a pod controlled by %s is never deleted', async (_whose, ownerReferences) => {
    cache.set('StatefulSet shop/db', object('StatefulSet', 'db', { ownerReferences: owned('app-1') }));
    writer.live.set('Pod db-0', object('Pod', 'db-0', { ownerReferences }));
    await expect(performer.perform(APP, deletePod)).rejects.toThrow(/not controlled by this app's StatefulSet/);
    expect(writer.writes).toEqual([]);
  });

  test.each(['PersistentVolumeClaim', 'PersistentVolume', 'Pod', 'StatefulSet', 'Reservation'])(
    'a %s is never deleted as an owned object',
    async (objectKind) => {
      const action: Action = {
        kind: 'deleteOwned',
        apiVersion: 'v1',
        objectKind,
        namespace: 'shop',
        name: 'db',
        uid: 'u',
      };
      await expect(performer.perform(APP, action)).rejects.toThrow(/never deleted by Proffer/);
    },
  );

  test('a budget of ours is deleted', async () => {
    writer.live.set('PodDisruptionBudget db', object('PodDisruptionBudget', 'db', { ownerReferences: owned('app-1') }));
    const action: Action = {
      kind: 'deleteOwned',
      apiVersion: 'policy/v1',
      objectKind: 'PodDisruptionBudget',
      namespace: 'shop',
      name: 'db',
      uid: 'PodDisruptionBudget-1',
    };
    await performer.perform(APP, action);
    expect(writer.writes).toEqual(['delete PodDisruptionBudget db uid=PodDisruptionBudget-1 version=5']);
  });

  test('a pod that leaves its node is evicted, after the same look, and a budget that refuses is no error', async () => {
    cache.set('StatefulSet shop/db', object('StatefulSet', 'db', { ownerReferences: owned('app-1') }));
    const ownerReferences = owned('StatefulSet-1', 'StatefulSet');
    writer.live.set('Pod db-0', object('Pod', 'db-0', { ownerReferences }));
    await performer.perform(APP, { ...deletePod, evict: true });
    expect(writer.writes).toEqual(['evict db-0 uid=Pod-1']);
    writer.failure = new KubeError({ status: 429, reason: 'TooManyRequests', message: 'Cannot evict pod' });
    await performer.perform(APP, { ...deletePod, evict: true });
    writer.failure = new KubeError({ status: 403, reason: 'Forbidden', message: 'no right' });
    await expect(performer.perform(APP, { ...deletePod, evict: true })).rejects.toThrow('no right');
  });

  const mark: Action = {
    kind: 'mark',
    target: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'db-0', uid: 'Pod-1' },
    annotations: { a: 'b' },
  };

  test('what is gone needs no mark', async () => {
    writer.failure = new KubeError({ status: 404, reason: 'NotFound', message: 'pods "db-0" not found' });
    await performer.perform(APP, mark);
  });

  test('a mark goes to one object only', async () => {
    await performer.perform(APP, mark);
    expect(writer.writes).toEqual(['mark Pod db-0 uid=Pod-1']);
  });

  test('a mark that is to be written once is not written again from a view that does not show it yet', async () => {
    const once: Action = { ...mark, unlessAnnotated: 'a' };
    writer.live.set('Pod db-0', object('Pod', 'db-0'));
    await performer.perform(APP, once);
    writer.live.set('Pod db-0', object('Pod', 'db-0', { annotations: { a: 'earlier' } }));
    await performer.perform(APP, once);
    expect(writer.writes).toEqual(['mark Pod db-0 uid=Pod-1 version=5']);
  });
});
