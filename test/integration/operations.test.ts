// AppOperations on a real control plane: what they do to pods, slots, claims and volumes, and what they leave alone.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AppOperationStatus } from '../../src/api/app-operation.ts';
import { describeDrain } from './draining.ts';
import { type Live, type RunningProduct, startProduct } from './running-product.ts';

const NS = 'default';
const MEMBERS = ['db-0', 'db-1', 'db-2'];

let product: RunningProduct;

beforeAll(async () => {
  product = await startProduct(5, { defaultScheduler: false });
  await product.apply(POOL, APP);
  await product.untilReady(NS, 'db', 3);
}, 1_200_000);

afterAll(async () => {
  await product?.stop();
}, 240_000);

const POOL = {
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'StoragePool',
  metadata: { name: 'data' },
  spec: { provider: 'custom', custom: { provisioner: 'array.proffer.dev', parameters: { pool: 'shared' } } },
};

const CONTAINER = {
  name: 'main',
  image: 'localhost/busybox:1',
  resources: { requests: { cpu: '100m', memory: '64Mi' } },
};

const APP = {
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'PersistentApp',
  metadata: { name: 'db', namespace: NS },
  spec: {
    replicas: 3,
    template: { spec: { terminationGracePeriodSeconds: 1, containers: [CONTAINER] } },
    volumeClaims: [{ name: 'data', mountPath: '/data', size: '1Gi', pool: 'data' }],
    placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] },
    update: { minReadySeconds: 0 },
  },
};

function operation(name: string, spec: object): object {
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'AppOperation',
    metadata: { name, namespace: NS },
    spec: { app: 'db', ...spec },
  };
}

async function statusOf(name: string): Promise<AppOperationStatus | undefined> {
  return (await product.get(NS, 'aop', name)).status as AppOperationStatus | undefined;
}

async function untilState(name: string, state: string, timeoutSeconds = 100): Promise<AppOperationStatus> {
  await product
    .until(
      `${name} is ${state}`,
      async () => {
        const status = await statusOf(name);
        if (status?.state === 'Failed' && state !== 'Failed') throw new Error(`${name} failed: ${status.message}`);
        return status?.state === state;
      },
      timeoutSeconds,
    )
    .catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(await statusOf(name), undefined, 1)}`, { cause: error });
    });
  const status = await statusOf(name);
  if (status === undefined) throw new Error(`${name} has no status`);
  return status;
}

async function order(name: string, spec: object, state = 'Complete'): Promise<AppOperationStatus> {
  await product.apply(operation(name, spec));
  return untilState(name, state);
}

type ByName = Readonly<Record<string, Live>>;

async function all(kind: string): Promise<ByName> {
  return Object.fromEntries((await product.list(NS, kind)).map((item) => [item.metadata.name, item]));
}

const uidsOf = (items: ByName, names: readonly string[]) => names.map((name) => items[name]?.metadata.uid);
const where = (items: ByName) => MEMBERS.map((member) => items[member]?.spec.nodeName);
const volumeOf = (items: ByName, member: string) => items[`data-${member}`]?.spec.volumeName;

describe('an AppOperation', () => {
  test('Restart gives every member a new pod where it was, one by one', async () => {
    const [pods, claims] = [await all('pods'), await all('pvc')];
    const status = await order('restart', { type: 'Restart' });
    expect(status).toMatchObject({ progress: '3/3', phases: [{ name: 'Restart', state: 'Complete' }] });
    const steps = status.phases[0]?.steps ?? [];
    expect(steps.map(({ name, state }) => [name, state])).toEqual(
      MEMBERS.toReversed().map((member) => [`restart ${member}`, 'Complete']),
    );
    // Each begins when the one before has ended.
    expect(steps.every(({ startedAt = '' }, at) => at === 0 || startedAt >= (steps[at - 1]?.finishedAt ?? '~'))).toBe(
      true,
    );
    const after = await all('pods');
    const before = new Set(uidsOf(pods, MEMBERS));
    expect(uidsOf(after, MEMBERS).filter((uid) => before.has(uid))).toEqual([]);
    expect(where(after)).toEqual(where(pods));
    expect(uidsOf(await all('pvc'), Object.keys(claims))).toEqual(uidsOf(claims, Object.keys(claims)));
  }, 240_000);

  test('Move takes one member to the node that is named, with its volume, and nobody else', async () => {
    const [pods, claims] = [await all('pods'), await all('pvc')];
    const used = new Set(MEMBERS.map((member) => pods[member]?.spec.nodeName));
    const targetNode = Object.keys(await nodes()).find((node) => !used.has(node)) ?? '';
    await order('move', { type: 'Move', members: ['db-1'], targetNode });
    const after = await all('pods');
    expect(after['db-1']?.spec.nodeName).toBe(targetNode);
    expect(uidsOf(after, ['db-0', 'db-2'])).toEqual(uidsOf(pods, ['db-0', 'db-2']));
    expect(uidsOf(await all('pvc'), Object.keys(claims))).toEqual(uidsOf(claims, Object.keys(claims)));
    const slots = (await product.get(NS, 'rsv', 'db')).spec.slots ?? [];
    expect(slots.find(({ member }) => member === 'db-1')?.node).toBe(targetNode);
  }, 240_000);

  test('Move to where there is no room takes nothing away, and fails when its time is up', async () => {
    const pods = await all('pods');
    const status = await order(
      'nowhere',
      { type: 'Move', members: ['db-0'], targetNode: 'no-such-node', timeoutSeconds: 2 },
      'Failed',
    );
    expect(status.message).toMatch(/not done after 2 s.*db-0 stays on/s);
    await product.untilReady(NS, 'db', 3);
    expect(uidsOf(await all('pods'), MEMBERS)).toEqual(uidsOf(pods, MEMBERS));
  }, 240_000);

  test('Rebuild gives one member a new volume, and the old one is kept under a claim that status lists', async () => {
    const [pods, claims] = [await all('pods'), await all('pvc')];
    const old = volumeOf(claims, 'db-2') ?? '';
    await order('rebuild', { type: 'Rebuild', members: ['db-2'] });
    const after = await all('pvc');
    expect(volumeOf(after, 'db-2')).not.toBe(old);
    expect(uidsOf(after, ['data-db-0', 'data-db-1'])).toEqual(uidsOf(claims, ['data-db-0', 'data-db-1']));
    expect(uidsOf(await all('pods'), ['db-0', 'db-1'])).toEqual(uidsOf(pods, ['db-0', 'db-1']));
    const [keeper] = Object.keys(after).filter((name) => name.startsWith('data-db-2-retired-'));
    expect(after[keeper ?? '']).toMatchObject({ spec: { volumeName: old }, status: { phase: 'Bound' } });
    const volume = (await product.list('', 'pv')).find(({ metadata }) => metadata.name === old);
    expect(volume).toMatchObject({
      spec: {
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { name: keeper, uid: after[keeper ?? '']?.metadata.uid },
      },
      status: { phase: 'Bound' },
    });
    await product.until('status lists it, and the mark is gone', async () => {
      const { status } = (await product.get(NS, 'papp', 'db')) as { status?: { retiredClaims?: { claim: string }[] } };
      const marked = (await product.list('', 'pv')).some(
        ({ metadata }) => metadata.annotations?.['proffer.dev/retires'] !== undefined,
      );
      return status?.retiredClaims?.some(({ claim }) => claim === keeper) === true && !marked;
    });
  }, 240_000);

  test('waits for another one of the same app, can be paused, and called off', async () => {
    await product.apply(operation('first', { type: 'Restart', members: ['db-0'], paused: true }));
    await product.until('first is paused', async () => (await statusOf('first'))?.blockedBy === 'Paused');
    await product.apply(operation('second', { type: 'Restart', members: ['db-1'] }));
    await product.until('second waits', async () => (await statusOf('second'))?.blockedBy === 'AppOperation/first');
    await product.apply(operation('first', { type: 'Restart', members: ['db-0'], paused: true, cancel: true }));
    await untilState('first', 'Cancelled');
    await untilState('second', 'Complete');
  }, 240_000);

  test('Park stops all members and keeps their volumes; Resume starts them on these', async () => {
    const claims = await all('pvc');
    await order('park', { type: 'Park' });
    expect(await product.list(NS, 'pods')).toEqual([]);
    await order('resume', { type: 'Resume' });
    await product.untilReady(NS, 'db', 3);
    const names = Object.keys(claims);
    expect(names.map((name) => [name, (claims[name] as Live).spec.volumeName])).toEqual(
      Object.entries(await all('pvc')).map(([name, claim]) => [name, claim.spec.volumeName]),
    );
  }, 240_000);

  test.each([
    ['restore', { type: 'Restore', backup: 'monday' }, /dataSourceRef/],
    ['migrate', { type: 'MigrateStorage', targetPool: 'other' }, /second PersistentApp/],
    ['stranger', { type: 'Rebuild', members: ['db-7'] }, /no member db-7/],
  ])('%s is refused with what to do instead', async (name, spec, says) => {
    expect((await order(name, spec, 'Failed')).message).toMatch(says);
  });

  test('is removed once its time after the end is over', async () => {
    await product.apply(operation('short', { type: 'Restore', backup: 'monday', ttlSecondsAfterFinished: 1 }));
    await product.until('it is gone', async () => (await all('aop'))['short'] === undefined);
  }, 240_000);
});

describeDrain(() => product);

async function nodes(): Promise<ByName> {
  return Object.fromEntries((await product.list('', 'nodes')).map((item) => [item.metadata.name, item]));
}
