import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCluster } from '../embedded.ts';
import type { TestCluster } from '../test-cluster.ts';
import { waitUntil } from '../wait-until.ts';
import type { ArrayControl } from './array-control.ts';
import { MAY_MOUNT } from './test-array.ts';
import { doubleWriters } from './writers.ts';

/** Appends 1, 2, 3, … and waits for the disk each time; goes on where the file ends, and gives up at the first error. */
const COUNT = [
  'n=0; [ -f /data/log ] && n=$(tail -n1 /data/log)',
  'while :; do n=$((n+1)); { echo $n >> /data/log && sync /data/log; } || exit 1; sleep 0.1; done',
].join('\n');

const CLAIM = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOncePod'], resources: { requests: { storage: '512Mi' } } },
};

const WORKLOAD = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'counter' },
  spec: {
    serviceName: 'counter',
    replicas: 1,
    selector: { matchLabels: { app: 'counter' } },
    template: {
      metadata: { labels: { app: 'counter' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'counter',
            image: 'localhost/busybox:1',
            imagePullPolicy: 'Never',
            command: ['sh', '-c', COUNT],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
      },
    },
    volumeClaimTemplates: [CLAIM],
  },
};

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

(MAY_MOUNT ? describe : describe.skip)('the array on real nodes (needs root: skipped for others)', () => {
  let cluster: TestCluster;
  let array: ArrayControl;
  beforeAll(async () => {
    cluster = await startCluster({ realNodes: 2, fakeNodes: false, array: true, dns: false, onProgress: console.log });
    if (cluster.array === undefined) throw new Error('the cluster has no array');
    array = cluster.array;
    await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(WORKLOAD) });
    await running();
  }, 1_200_000);
  afterAll(() => cluster?.down(), 60_000);

  /** Waits for the pod, elsewhere than on that node, and returns its node. */
  const running = (elsewhereThan = ''): Promise<string> =>
    waitUntil(
      'the pod running',
      async () => {
        const format = '-o=jsonpath={.spec.nodeName} {.status.phase}';
        const [node = '', phase] = (await cluster.kubectl(['get', 'pod', 'counter-0', format])).split(' ');
        return phase === 'Running' && node !== elsewhereThan && node;
      },
      { timeoutSeconds: 90, everyMilliseconds: 250 },
    );

  const inPod = (command: string): Promise<string> => cluster.kubectl(['exec', 'counter-0', '--', 'sh', '-c', command]);

  /** What the file holds, which must be 1, 2, 3, … without a gap or a repetition. */
  const counted = async (): Promise<number> => {
    const lines = (await inPod('cat /data/log')).trim().split('\n').map(Number);
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => index + 1));
    return lines.length;
  };

  /** What a person does who knows that the node is gone: the pod is deleted, and its volume detached without waiting. */
  const moveAway = async (node: string): Promise<string> => {
    await cluster.kubectl(['taint', 'node', node, `${OUT_OF_SERVICE}=test:NoExecute`]);
    await cluster.kubectl(['delete', 'pod', 'counter-0', '--force', '--grace-period=0', '--ignore-not-found']);
    return running(node);
  };

  const isReady = async (node: string): Promise<boolean> => {
    const format = '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    return (await cluster.kubectl(['get', 'node', node, format])) === 'True';
  };

  test('the volume is known by its claim, attached to the node of the pod', async () => {
    const volume = await array.volumeOfClaim('default/data-counter-0');
    expect(volume).toMatchObject({ pool: 'shared', capacityBytes: 512 * 2 ** 20, fileSystem: 'xfs', abnormal: false });
    expect(await array.attachments()).toMatchObject([{ volume: volume?.id, node: await running(), generation: 1 }]);
  });

  test('each node tells how many volumes it may have, and each zone how many bytes are left', async () => {
    const count = '-o=jsonpath={.items[*].spec.drivers[0].allocatable.count}';
    expect(await cluster.kubectl(['get', 'csinodes', count])).toBe('32 32');
    await waitUntil(
      'the pool’s capacity being published',
      async () => {
        const format = '-o=jsonpath={.items[*].capacity}';
        const capacities = (await cluster.kubectl(['get', 'csistoragecapacities', '-n', 'kube-system', format])).split(
          ' ',
        );
        return capacities.length === 2 && capacities.every((capacity) => capacity === `${1024 * 1024 - 512}Mi`);
      },
      { timeoutSeconds: 30, everyMilliseconds: 500 },
    );
  });

  test('after a partition the pod goes on elsewhere, and the old container can no longer write', async () => {
    const old = await running();
    await cluster.partition(old);
    const next = await moveAway(old);
    expect(next).not.toBe(old);
    await counted();
    const spans = await array.writers();
    expect(spans.map(({ node, end }) => [node, end])).toEqual([
      [old, 'fenced'],
      [next, undefined],
    ]);
    await cluster.heal(old);
    await waitUntil(`node ${old} being Ready again`, () => isReady(old), { timeoutSeconds: 60 });
    await cluster.kubectl(['taint', 'node', old, `${OUT_OF_SERVICE}-`]);
    await counted();
  }, 200_000);

  test('after a power cut the pod goes on elsewhere, with all that was acknowledged', async () => {
    const old = await running();
    const before = await counted();
    await cluster.powerCut(old);
    const next = await moveAway(old);
    expect(next).not.toBe(old);
    expect(await counted()).toBeGreaterThanOrEqual(before);
    await cluster.powerOn(old);
    await cluster.kubectl(['taint', 'node', old, `${OUT_OF_SERVICE}-`]);
    expect(doubleWriters(await array.writers())).toEqual([]);
  }, 200_000);

  test('a killed array comes back, and a new pod gets its volume from it', async () => {
    await array.kill();
    await counted();
    await array.restart();
    await cluster.kubectl(['delete', 'pod', 'counter-0']);
    await running();
    expect(await counted()).toBeGreaterThan(0);
  }, 120_000);
});
