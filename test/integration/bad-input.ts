// Mistakes of users against a real API server with the operator, kube-scheduler and the extender: what each of them reads, that what
// runs keeps running, and that no claim is deleted. Where each item of the list is proven:
//
//   unknown framework, pool, storage class    operator.test.ts for new apps; here for an app that runs
//   a size that shrinks                       kinds.test.ts; here for an app that runs, and past admission by a new app of the same name
//   a template that the API server refuses    operator.test.ts for new apps; here for an app that runs
//   an impossible constraint                  here
//   zero nodes that fit                       here, for new apps and for one that runs
//   a gang of five on three nodes             operator.test.ts
//   two apps of one name in two namespaces    here
//   deleted and made again                    operator.test.ts (Refuse, then Adopt); here what is said, and that the volumes are the same
//   names over 52 characters                  kinds.test.ts; here that 52 work
//   a volume name used twice                  kinds.test.ts; here for an app that runs
//   malformed quantities                      kinds.test.ts; here inside the pod template
//   unknown fields                            kinds.test.ts (strict); here the warning; inside the template operator.test.ts and here
//   a pod of somebody else with our labels    here; with the member label and our scheduler extender.test.ts
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../cluster/command.ts';
import { startSafetyMonitor, type SafetyMonitor } from '../support/safety-monitor.ts';
import {
  app,
  BAD_APPS,
  BAD_CHANGES,
  framework,
  GOOD_APPS,
  LONG_NAME,
  REFUSED_CHANGES,
  storageClass,
  storagePool,
  volume,
} from './bad-apps.ts';
import { type Live, type RunningProduct } from './running-product.ts';

// Most take a second or two; the longest waits for the back-off of the StatefulSet controller.

const NAMESPACES = ['bad', 'steady', 'left', 'right', 'foreign', 'let-go'];

let product: RunningProduct;
let monitor: SafetyMonitor;

const uids = (objects: readonly Live[]) => objects.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).toSorted();

/** Pods and claims, by UID: what must stay the same. */
async function belongings(namespace: string): Promise<readonly string[]> {
  return [...uids(await product.list(namespace, 'pods')), ...uids(await product.list(namespace, 'pvc'))];
}

const volumesOf = async (namespace: string) =>
  (await product.list(namespace, 'pvc')).map(({ metadata, spec }) => `${metadata.name} ${spec.volumeName}`).toSorted();

const foreignPod = (name: string, labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'foreign', labels },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'theirs', image: 'localhost/busybox:1' }] },
});
const foreignPods = async () =>
  Promise.all(['db-1', 'wearer'].map(async (name) => (await product.get('foreign', 'pod', name)).metadata));

/** Part of three-nodes.test.ts, on its cluster. */
export function describeBadInput(running: () => RunningProduct): void {
  beforeAll(async () => {
    product = running();
    monitor = await startSafetyMonitor(product.cluster.kubeconfigPath);
    await product.apply(
      ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
      framework('org', {}),
      framework('team', { parent: 'org', namespaceSelector: { matchLabels: { team: 'yes' } } }),
      storageClass('ghost', 'ghost'),
      storageClass('late', 'shared'),
    );
    await product.apply(
      ...[...BAD_APPS, ...GOOD_APPS].map(({ name, parts }) => app('bad', name, parts)),
      app('steady', 'db', { spec: { replicas: 2 } }),
      app('left', 'twin'),
      app('right', 'twin'),
      app('let-go', 'db', { spec: { replicas: 2 } }),
    );
  }, 1_200_000);

  afterAll(async () => {
    await monitor?.stop();
    const apps = NAMESPACES.map((name) =>
      product.cluster.kubectl(['delete', 'papp', '--all', '-n', name, '--wait=false']),
    );
    await Promise.all(apps);
  }, 240_000);

  afterEach(() => {
    expect(monitor.violations).toEqual([]);
  });

  describe('a new app with', () => {
    test.each(BAD_APPS)('$what says so, and gets no slot', async ({ name, condition, reason, says }) => {
      await product.untilCondition('bad', name, condition, reason, says);
      await product.untilEvent('bad', name, reason, /./);
      const slots = (await product.list('bad', 'rsv')).filter(({ metadata }) => metadata.name === name);
      expect(slots.flatMap(({ spec }) => spec.slots ?? [])).toEqual([]);
      const pods = (await product.list('bad', 'pods')).filter(({ metadata }) => metadata.name.startsWith(`${name}-`));
      expect(pods.filter(({ spec }) => spec.nodeName !== undefined)).toEqual([]);
    });

    test.each(GOOD_APPS)('$what runs beside them', async ({ name }) => {
      await product.untilReady('bad', name, 1);
    });

    test('a node named by field is on that node, and a long name is whole in all that is made of it', async () => {
      expect((await product.get('bad', 'pod', 'chosen-0')).spec.nodeName).toBe('fake-2');
      expect((await product.get('bad', 'pod', `${LONG_NAME}-0`)).spec.nodeName).toMatch(/^fake-/);
      expect((await product.get('bad', 'pvc', `data-${LONG_NAME}-0`)).spec.volumeName).toMatch(/^pvc-/);
      expect((await product.get('bad', 'svc', LONG_NAME)).metadata.ownerReferences?.[0]?.kind).toBe('PersistentApp');
    });
  });

  describe('an app that runs', () => {
    const right = app('steady', 'db', { spec: { replicas: 2 } });
    let before: readonly string[];

    beforeAll(async () => {
      await product.untilReady('steady', 'db', 2);
      before = await belongings('steady');
      expect(before).toHaveLength(4);
    }, 240_000);

    test.each(BAD_CHANGES)('and is given $what, keeps running and says so', async ({ parts, reason, says }) => {
      const wrong = app('steady', 'db', { ...parts, spec: { replicas: 2, ...parts.spec } });
      await product.apply(wrong);
      await product.untilCondition('steady', 'db', 'Stalled', reason, says);
      await product.untilEvent('steady', 'db', reason, /./);
      await product.untilReady('steady', 'db', 2);
      expect(await belongings('steady')).toEqual(before);
    });

    test.each(REFUSED_CHANGES)('is not given %s', async (_what, parts, says) => {
      const wrong = app('steady', 'db', { ...parts, spec: { replicas: 2, ...parts.spec } });
      const apply = product.cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(wrong) });
      await expect(apply).rejects.toThrow(says);
    });

    test('and is given requests that no node can meet, loses one member, says so, and gets it back when put right', async () => {
      const vast = { resources: { requests: { cpu: '100', memory: '64Mi' } } };
      await product.apply(app('steady', 'db', { spec: { replicas: 2 }, container: vast }));
      await product.untilCondition(
        'steady',
        'db',
        'Reserved',
        'InsufficientCPU',
        /1 of 2 members have a slot; 0 of 3 nodes fit: 3 InsufficientCPU \(needs 100000m, most free [0-9]+m on fake-[0-2]\)/,
      );
      const first = before.filter((line) => line.startsWith('db-0 '));
      expect(await belongings('steady')).toEqual(expect.arrayContaining(first));
      await product.apply(right);
      await product.untilReady('steady', 'db', 2);
      const kept = before.filter((line) => !line.startsWith('db-1 '));
      before = await belongings('steady');
      expect(before).toEqual(expect.arrayContaining(kept));
    });

    test('put right again, is as it was', async () => {
      await product.apply(right);
      await product.untilCondition('steady', 'db', 'Stalled', 'NotStalled', /^$/);
      await product.untilReady('steady', 'db', 2);
      expect(await belongings('steady')).toEqual(before);
      const sizes = (await product.list('steady', 'pvc')).map(({ spec }) => spec.resources?.requests?.['storage']);
      expect(sizes).toEqual(['1Gi', '1Gi']);
    });
  });

  test('a storage pool over a class for which the driver publishes nothing says so, and is ready when it does', async () => {
    const readyOf = async (name: string) =>
      (await product.get('', 'storagepool', name)).status?.conditions?.find(({ type }) => type === 'Ready');
    await product.apply(storagePool('ghost'), storagePool('late'));
    await product.until('the pools say so', async () => {
      return (await readyOf('ghost'))?.status === 'False' && (await readyOf('late'))?.status === 'True';
    });
    expect(await readyOf('ghost')).toMatchObject({
      reason: 'NoCapacityPublished',
      message: expect.stringContaining('driver array.proffer.dev publishes capacity, and none for StorageClass ghost'),
    });
  });

  test('an unknown field of ours is warned about by kubectl, and the rest is taken', async () => {
    const binDir = product.cluster.binDir ?? '';
    let warned = '';
    await run(
      `${binDir}/kubectl`,
      ['--kubeconfig', product.cluster.kubeconfigPath, 'create', '--validate=warn', '--dry-run=server', '-f', '-'],
      {
        input: JSON.stringify(app('bad', 'odd', { spec: { replcas: 3 } })),
        onErrorOutput: (text) => {
          warned += text;
        },
      },
    );
    expect(warned).toContain('Warning: unknown field "spec.replcas"');
  });

  describe('two apps of one name in two namespaces', () => {
    test('are two: the end of one does not touch the other', async () => {
      await Promise.all([product.untilReady('left', 'twin', 1), product.untilReady('right', 'twin', 1)]);
      const kept = await belongings('right');
      await product.cluster.kubectl(['delete', 'papp', 'twin', '-n', 'left']);
      await product.until('the pod of the deleted one is gone', async () => {
        return (await product.list('left', 'pods')).length === 0;
      });
      expect(await belongings('right')).toEqual(kept);
      expect((await product.get('right', 'rsv', 'twin')).spec.slots).toHaveLength(1);
    });

    test('the one made again with smaller volumes is told whose data is there, and later that nothing shrinks', async () => {
      const volumes = await volumesOf('left');
      expect(volumes).toHaveLength(1);
      await product.until('the old one is gone', async () => (await product.list('left', 'sts')).length === 0);
      const smaller = { replicas: 1, volumeClaims: [volume({ size: '512Mi' })] };
      await product.apply(app('left', 'twin', { spec: smaller }));
      await product.untilCondition(
        'left',
        'twin',
        'Stalled',
        'StaleVolume',
        /member twin-0 would get data that an earlier app or somebody else left in data-twin-0: set spec\.retention\.reuse to Adopt to use it, or delete it .*kubectl delete pvc data-twin-0 -n left/,
      );
      expect(await product.list('left', 'pods')).toEqual([]);
      await product.apply(app('left', 'twin', { spec: { ...smaller, retention: { reuse: 'Adopt' } } }));
      await product.untilCondition(
        'left',
        'twin',
        'Stalled',
        'VolumeMayNotShrink',
        /volume data asks for 512Mi, and claim data-twin-0 has 1Gi: no volume can shrink; ask for 1Gi or more, the claim stays as it is/,
      );
      await product.untilReady('left', 'twin', 1);
      expect(await volumesOf('left')).toEqual(volumes);
    });
  });

  describe('a pod of somebody else', () => {
    test('that has a member’s name keeps it and is never touched; the app says which pod is in its way', async () => {
      await product.apply(foreignPod('db-1', { 'proffer.dev/app': 'db', 'proffer.dev/member': 'db-1' }));
      await product.apply(foreignPod('wearer', { 'proffer.dev/app': 'db' }));
      await product.until('they run', async () =>
        (await product.list('foreign', 'pods')).every(({ status }) =>
          status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        ),
      );
      const before = await foreignPods();
      await product.apply(app('foreign', 'db', { spec: { replicas: 2 } }));
      await product.untilReady('foreign', 'db', 1);
      const says =
        /pods db-1, wearer have the name or the labels of a member, and no StatefulSet of this app controls them: remove them, or the proffer\.dev labels/;
      await product.untilCondition('foreign', 'db', 'Stalled', 'ForeignObject', says);
      await product.untilEvent('foreign', 'db', 'ForeignObject', says);
      expect(await foreignPods()).toEqual(before);
    });

    test('that is in nobody’s way is told too, and the app runs', async () => {
      const wearer = (await product.get('foreign', 'pod', 'wearer')).metadata;
      await product.cluster.kubectl(['delete', 'pod', 'db-1', '-n', 'foreign']);
      await product.untilReady('foreign', 'db', 2);
      await product.untilCondition('foreign', 'db', 'Stalled', 'NotStalled', /^$/);
      await product.untilCondition('foreign', 'db', 'ForeignObjects', 'ForeignObject', /pod wearer has .* remove it/);
      expect((await product.get('foreign', 'pod', 'wearer')).metadata).toEqual(wearer);
      await product.cluster.kubectl(['delete', 'pod', 'wearer', '-n', 'foreign']);
      await product.untilCondition('foreign', 'db', 'ForeignObjects', 'NoneFound', /^$/);
    });
  });

  describe('an app that is deleted without what it made', () => {
    test('leaves pods that run on and come back, and no slots', async () => {
      await product.untilReady('let-go', 'db', 2);
      const [before, volumes] = [await belongings('let-go'), await volumesOf('let-go')];
      await product.cluster.kubectl(['delete', 'papp', 'db', '-n', 'let-go', '--cascade=orphan']);
      await product.until('its Reservation is gone', async () => (await product.list('let-go', 'rsv')).length === 0);
      expect(await belongings('let-go')).toEqual(before);
      const { uid } = (await product.get('let-go', 'pod', 'db-0')).metadata;
      await product.cluster.kubectl(['delete', 'pod', 'db-0', '-n', 'let-go']);
      await product.until('the pod is back', async () => {
        const pods = await product.list('let-go', 'pods');
        const back = pods.find(({ metadata }) => metadata.name === 'db-0');
        return back !== undefined && back.metadata.uid !== uid && back.spec.nodeName !== undefined;
      });
      expect(await volumesOf('let-go')).toEqual(volumes);
    });

    test('made again, is told what of the old one is in its way', async () => {
      const before = await belongings('let-go');
      await product.apply(app('let-go', 'db', { spec: { replicas: 2 } }));
      await product.untilCondition(
        'let-go',
        'db',
        'Stalled',
        'ForeignObject',
        /StatefulSet db has the name that this app needs and is not managed by Proffer: rename the app, or remove the StatefulSet/,
      );
      expect(await belongings('let-go')).toEqual(before);
    });
  });
}
