// A real autoscaler sees what Proffer shows it: it adds the nodes that a gang lacks, adds none where a limit is what lacks, and leaves a
// node alone that holds the volume of a suspended app.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startKarpenter, type Karpenter } from './karpenter-process.ts';
import { startProduct, type RunningProduct } from './running-product.ts';

jest.setTimeout(300_000);

let product: RunningProduct;
let karpenter: Karpenter;

beforeAll(async () => {
  product = await startProduct(0, { volumes: false, defaultScheduler: false });
  karpenter = await startKarpenter(product.cluster, () => undefined);
});

afterAll(async () => {
  await karpenter?.stop();
  await product?.stop();
});

const NAMESPACE = 'default';

const app = (name: string, replicas: number, spec: object = {}, cpu = '1') => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'PersistentApp',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    replicas,
    template: {
      spec: { containers: [{ name: 'main', image: 'none', resources: { requests: { cpu, memory: '1Gi' } } }] },
    },
    update: { minReadySeconds: 0 },
    ...spec,
  },
});

async function nodes(): Promise<readonly string[]> {
  return (await product.list('', 'nodes')).map(({ metadata }) => metadata.name);
}

async function pods(prefix: string): Promise<readonly { readonly node: string | undefined }[]> {
  const all = await product.list(NAMESPACE, 'pods');
  return all.filter(({ metadata }) => metadata.name.startsWith(prefix)).map(({ spec }) => ({ node: spec.nodeName }));
}

const later = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

describe('Karpenter', () => {
  test('adds exactly the nodes that a gang of five lacks, and none for an app at its limit; none of the gang is bound before all can be', async () => {
    const capacityRequest = { mode: 'Pods', afterSeconds: 2 };
    const constraints = [{ key: '@hostname', operator: 'Unique' }];
    await product.apply(
      {
        apiVersion: 'proffer.dev/v1alpha1',
        kind: 'Framework',
        metadata: { name: 'small' },
        spec: { limit: { cpu: '2' } },
      },
      // First: it has been seen by Karpenter for as long as the gang, if there is anything to see.
      app('over', 3, { framework: 'small', capacityRequest }, '3500m'),
      app('gang', 5, { placement: { constraints }, capacityRequest }),
    );
    const slotsWhenBound: number[] = [];
    const look = async () => {
      const bound = (await pods('gang-')).filter(({ node }) => node !== undefined).length;
      const reservation = (await product.list(NAMESPACE, 'reservations')).find(
        ({ metadata }) => metadata.name === 'gang',
      );
      if (bound > 0) slotsWhenBound.push(reservation?.spec.slots?.length ?? 0);
      const { status } = await product.get(NAMESPACE, 'papp', 'gang');
      return status?.readyReplicas === 5;
    };
    const isLimit = /framework small is at its limit of cpu/;
    await product.untilCondition(NAMESPACE, 'over', 'Reserved', 'FrameworkLimit', isLimit);
    await product.until('the gang runs', look, 120).catch((error: unknown) => {
      throw new Error(`${String(error)}\nKarpenter said last:\n${karpenter.output().slice(-4000)}`, { cause: error });
    });
    expect(slotsWhenBound.every((slots) => slots === 5)).toBe(true);
    expect(await nodes()).toHaveLength(5);
    expect(new Set((await pods('gang-')).map(({ node }) => node)).size).toBe(5);
    expect(await pods('over-')).toEqual([]);
    await product.untilCondition(NAMESPACE, 'over', 'Reserved', 'FrameworkLimit', isLimit);
    await product.cluster.kubectl(['delete', 'papp', 'over', '-n', NAMESPACE]);
  });

  test('leaves the node of a suspended app’s local volume, takes the empty ones, and the app returns to its volume', async () => {
    const [home = ''] = await nodes();
    const node = (await product.get('', 'node', home)) as unknown as { metadata: { labels: Record<string, string> } };
    const hostname = node.metadata.labels['kubernetes.io/hostname'] ?? '';
    await product.apply(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'disks' },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
      },
      {
        apiVersion: 'proffer.dev/v1alpha1',
        kind: 'StoragePool',
        metadata: { name: 'disks' },
        spec: { storageClassName: 'disks', locality: 'Node' },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'disk-1' },
        spec: {
          capacity: { storage: '10Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: 'disks',
          local: { path: '/disk' },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] },
              ],
            },
          },
        },
      },
    );
    const volumeClaims = [
      { name: 'data', mountPath: '/data', size: '10Gi', pool: 'disks', accessMode: 'ReadWriteOnce' },
    ];
    const local = (suspend: boolean) => app('local', 1, { volumeClaims, suspend });
    await product.apply(local(false));
    await product.untilReady(NAMESPACE, 'local', 1);
    expect((await pods('local-'))[0]?.node).toBe(home);

    await product.apply(local(true));
    await product.cluster.kubectl(['delete', 'papp', 'gang', '-n', NAMESPACE]);
    await product
      .until('the other nodes are gone', async () => (await nodes()).length === 1, 90)
      .catch((error: unknown) => {
        throw new Error(`${String(error)}\nKarpenter said last:\n${karpenter.output().slice(-4000)}`, { cause: error });
      });
    await later(5);
    expect(await nodes()).toEqual([home]);
    expect(await pods('local-')).toEqual([]);

    await product.apply(local(false));
    await product.untilReady(NAMESPACE, 'local', 1);
    expect((await pods('local-'))[0]?.node).toBe(home);
  });
});
