// Volumes of running apps that grow, are refused growth, come and go: through the real resizer, StatefulSet controller and garbage
// collector. Nodes are fake, so that file systems stay as they are; test/e2e/volumes.test.ts has real ones.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startSafetyMonitor, type SafetyMonitor } from '../support/safety-monitor.ts';
import { NAMESPACE, app, volume, type App, type Claim } from './growing-apps.ts';
import { type Live, type RunningProduct } from './running-product.ts';

let product: RunningProduct;
let monitor: SafetyMonitor;

const THREE = (size: string) => ['data', 'log', 'tmp'].map((name) => volume(name, size));
const stiff = { storageClassName: 'stiff' };

const ofApp = (name: string, items: readonly Live[]) =>
  items.filter(({ metadata }) => new RegExp(`(^|-)${name}-\\d+$`).test(metadata.name));
const pods = async (name: string) => ofApp(name, await product.list(NAMESPACE, 'pods'));
const claims = async (name: string) => ofApp(name, await product.list(NAMESPACE, 'pvc')) as readonly Claim[];
const appNow = (name: string) => product.get(NAMESPACE, 'papp', name) as Promise<App>;
const uids = (items: readonly Live[]) => items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).toSorted();
const requested = (claim: Claim) => claim.spec.resources?.requests?.['storage'];

async function edit(name: string, volumeClaims: readonly object[]): Promise<void> {
  await product.cluster.kubectl([
    'patch',
    'papp',
    name,
    '-n',
    NAMESPACE,
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { volumeClaims } }),
  ]);
}

const inOrder = (a: string, b: string) => a.localeCompare(b);

const quota = (gibibytes: number) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'little', namespace: NAMESPACE },
  spec: { hard: { 'requests.storage': `${gibibytes}Gi` } },
});

const attributes = (name: string, tier: string) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttributesClass',
  metadata: { name },
  driverName: 'array.proffer.dev',
  parameters: { tier },
});

const ask = (name: string) => edit('soft', [volume('data', '1Gi', { volumeAttributesClassName: name })]);

const owners = (items: readonly Live[]) =>
  items.flatMap(({ metadata }) => metadata.ownerReferences ?? []).map((owner) => (owner as { uid?: string }).uid);

/** Part of three-nodes.test.ts, on its cluster. */
export function describeGrowth(running: () => RunningProduct): void {
  beforeAll(async () => {
    product = running();
    monitor = await startSafetyMonitor(product.cluster.kubeconfigPath);
    await product.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'stiff' },
        provisioner: 'array.proffer.dev',
        parameters: { pool: 'shared' },
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: false,
      },
    );
    await product.apply(
      app('many', THREE('1Gi')),
      app('hard', [volume('data', '1Gi', stiff)], { replicas: 1 }),
      app('huge', [volume('data', '1Gi')], { replicas: 1 }),
      app('list', [volume('data', '1Gi')]),
      app('part', [volume('data', '1Gi')]),
      app('soft', [volume('data', '1Gi')], { replicas: 1 }),
    );
    for (const [name, replicas] of [
      ['many', 3],
      ['hard', 1],
      ['huge', 1],
      ['list', 3],
      ['part', 3],
      ['soft', 1],
    ] as const) {
      await product.untilReady(NAMESPACE, name, replicas);
    }
  }, 1_200_000);

  afterAll(async () => {
    await monitor?.stop();
  }, 240_000);

  afterEach(() => {
    expect(monitor.violations).toEqual([]);
  });

  test('three volumes of three members grow without a restart, and their StatefulSet is replaced around them', async () => {
    const before = { pods: uids(await pods('many')), set: await product.get(NAMESPACE, 'sts', 'many') };
    const claimUids = uids(await claims('many'));
    const started = Date.now();
    await edit('many', THREE('2Gi'));
    await product.until('nine volumes of 2Gi at the storage', async () => {
      const grown = (await product.list('', 'pv')).filter(
        ({ spec }) => (spec as { capacity?: { storage?: string } }).capacity?.storage === '2Gi',
      );
      return grown.length === 9;
    });
    const seconds = (Date.now() - started) / 1000;
    await product.until('another StatefulSet that has all pods', async () => {
      const [set, { status }] = [await product.get(NAMESPACE, 'sts', 'many'), await appNow('many')];
      const isNew = set.metadata.uid !== before.set.metadata.uid;
      const adopted = owners(await pods('many'));
      return (
        isNew &&
        status?.replacement === undefined &&
        adopted.length === 3 &&
        adopted.every((uid) => uid === set.metadata.uid)
      );
    });
    process.stderr.write(
      `${JSON.stringify({ growth: '3 x 3 volumes', seconds, withStatefulSet: (Date.now() - started) / 1000 })}\n`,
    );
    expect(uids(await pods('many'))).toEqual(before.pods);
    expect(uids(await claims('many'))).toEqual(claimUids);
    expect((await claims('many')).map(requested)).toEqual(Array.from({ length: 9 }, () => '2Gi'));
    const { status } = await appNow('many');
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
    expect(status?.members?.[0]?.volumes[0]).toMatchObject({
      state: 'Resizing',
      message: expect.stringContaining('the storage has it, and the node is to grow the file system'),
    });
    await product.cluster.kubectl(['scale', '-n', NAMESPACE, 'papp', 'many', '--replicas=4']);
    await product.until('a new member with volumes as large', async () => {
      const fresh = (await claims('many')).filter(({ metadata }) => metadata.name.endsWith('-3'));
      return (
        fresh.length === 3 && fresh.every((claim) => requested(claim) === '2Gi' && claim.spec.volumeName !== undefined)
      );
    });
  });

  test('a class that cannot expand, and more than there is, say so with numbers and touch nothing', async () => {
    const before = uids(await product.list(NAMESPACE, 'sts'));
    await edit('hard', [volume('data', '2Gi', stiff)]);
    await edit('huge', [volume('data', '1Ei')]);
    await product.untilCondition(
      NAMESPACE,
      'hard',
      'Stalled',
      'VolumeCannotGrow',
      /from 1Gi to 2Gi.*stiff does not allow it/,
    );
    await product.untilEvent(NAMESPACE, 'hard', 'VolumeCannotGrow', /2Gi/);
    await product.untilCondition(NAMESPACE, 'huge', 'Stalled', 'NoRoomToGrow', /at most .*(Gi|Ti) free in one place/);
    expect([...(await claims('hard')), ...(await claims('huge'))].map(requested)).toEqual(['1Gi', '1Gi']);
    expect(uids(await product.list(NAMESPACE, 'sts'))).toEqual(before);
  });

  test('one claim of three that may not grow holds back neither the others nor itself for ever', async () => {
    const before = uids(await pods('part'));
    const all = await product.list(NAMESPACE, 'pvc');
    const asked = all.reduce((sum, claim) => sum + Number.parseInt(requested(claim) ?? '0', 10), 0);
    await product.apply(quota(asked + 2));
    await product.until('the quota counts', async () => {
      const { status } = (await product.get(NAMESPACE, 'quota', 'little')) as {
        status?: { used?: Record<string, string> };
      };
      return status?.used?.['requests.storage'] === `${asked}Gi`;
    });
    await edit('part', [volume('data', '2Gi')]);
    await product.untilCondition(
      NAMESPACE,
      'part',
      'Stalled',
      'WriteRefused',
      /exceeded quota.*requested: requests.storage=1Gi/,
    );
    expect((await claims('part')).map((claim) => requested(claim) ?? '').toSorted(inOrder)).toEqual([
      '1Gi',
      '2Gi',
      '2Gi',
    ]);
    await product.apply(quota(asked + 20));
    await product.until('the third one asks for 2Gi', async () => {
      // Somebody looks again: by itself the operator does so within a minute.
      const look = JSON.stringify({ metadata: { annotations: { look: String(Date.now()) } } });
      await product.cluster.kubectl(['patch', 'pod', 'part-0', '-n', NAMESPACE, '--type=merge', '-p', look]);
      return (await claims('part')).every((claim) => requested(claim) === '2Gi');
    });
    expect(uids(await pods('part'))).toEqual(before);
  });

  test('another VolumeAttributesClass reaches volumes that are there, and one that the driver refuses says why', async () => {
    const before = uids(await pods('soft'));
    await product.apply(attributes('gold', 'fast'), attributes('lead', 'leaden'));
    await ask('gold');
    await product.until('the volume having it', async () => {
      const [claim] = (await claims('soft')) as readonly { status?: { currentVolumeAttributesClassName?: string } }[];
      return claim?.status?.currentVolumeAttributesClassName === 'gold';
    });
    await ask('lead');
    await product.untilCondition(NAMESPACE, 'soft', 'VolumesHealthy', 'VolumeFailed', /tier leaden is not known/);
    expect(uids(await pods('soft'))).toEqual(before);
  });

  // The provisioner calls this code infeasible, and tries again only minutes later.
  test('a driver that refuses to make a volume is quoted in status', async () => {
    const { array } = product.cluster;
    if (array === undefined) throw new Error('no array');
    await array.inject({ kind: 'failCalls', calls: ['CreateVolume'], code: 'INVALID_ARGUMENT' });
    await product.apply(app('bent', [volume('data', '1Gi')], { replicas: 1 }));
    const says = /0 of 1 volumes are there: data-bent-0: .*InvalidArgument.*CreateVolume is to fail/;
    await product.untilCondition(NAMESPACE, 'bent', 'VolumesHealthy', 'Provisioning', says);
    await array.heal('failCalls');
  });

  test('a volume is added from the lowest member up, and one that is removed leaves its claims, which are listed', async () => {
    const [data, wal] = [volume('data', '1Gi'), volume('wal', '1Gi')];
    const first = new Map((await pods('list')).map(({ metadata }) => [metadata.name, metadata.uid]));
    const restarted: string[] = [];
    await edit('list', [data, wal]);
    await product.until(
      'three new volumes',
      async () => {
        for (const { metadata } of await pods('list')) {
          const isNew = first.get(metadata.name) !== metadata.uid;
          if (isNew && !restarted.includes(metadata.name)) restarted.push(metadata.name);
        }
        const { status, metadata } = await appNow('list');
        const isReady = status?.readyReplicas === 3 && status.observedGeneration === metadata.generation;
        return restarted.length === 3 && isReady && (await claims('list')).length === 6;
      },
      60,
    );
    expect(restarted).toEqual(['list-0', 'list-1', 'list-2']);
    const before = uids(await claims('list'));
    await edit('list', [data]);
    await product.until(
      'three retired claims',
      async () => (await appNow('list')).status?.retiredClaims?.length === 3 && (await pods('list')).length === 3,
      60,
    );
    expect(uids(await claims('list'))).toEqual(before);
    expect((await appNow('list')).status?.retiredClaims?.map(({ claim }) => claim)).toEqual(
      [0, 1, 2].map((ordinal) => `wal-list-${ordinal}`),
    );
    await edit('list', [data, wal]);
    await product.untilCondition(NAMESPACE, 'list', 'Stalled', 'StaleVolume', /wal-list-0/);
  });
}
