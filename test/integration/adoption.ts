// A StatefulSet that somebody runs becomes a PersistentApp and a plain StatefulSet again: by the plugin, the operator, and the real
// StatefulSet controller and garbage collector. No pod and no claim is another one afterwards.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { runPluginHere } from '../support/plugin-run.ts';
import { type SafetyMonitor, startSafetyMonitor } from '../support/safety-monitor.ts';
import { adoptionUnderKills } from './adoption-under-kills.ts';
import { type Live, type RunningProduct } from './running-product.ts';

const NAMESPACE = 'theirs';
const LABELS = { app: 'db' };

let product: RunningProduct;
let monitor: SafetyMonitor;

interface Pod extends Live {
  readonly spec: Live['spec'] & { readonly schedulerName?: string; readonly subdomain?: string };
}

interface StatefulSet extends Live {
  readonly spec: Live['spec'] & {
    readonly serviceName?: string;
    readonly updateStrategy?: { readonly type: string };
    readonly template?: { readonly spec: { readonly schedulerName?: string; readonly priorityClassName?: string } };
  };
}

const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: NAMESPACE },
  spec: { clusterIP: 'None', selector: LABELS, ports: [{ port: 5432 }] },
});

function statefulSet(name: string, metadata: object = {}, spec: object = {}): object {
  const requests = { cpu: '50m', memory: '32Mi' };
  const mounts = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: NAMESPACE, ...metadata },
    spec: {
      replicas: 3,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: 'localhost/busybox:1', resources: { requests }, ...mounts }],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'array',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
      ...spec,
    },
  };
}

const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'keep-two', namespace: NAMESPACE },
  spec: { minAvailable: 2, selector: { matchLabels: LABELS } },
};

const scaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'grow', namespace: NAMESPACE },
  spec: {
    minReplicas: 1,
    maxReplicas: 3,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'scaled' },
  },
};

const plugin = (...args: readonly string[]) =>
  runPluginHere([...args, '-n', NAMESPACE, '--kubeconfig', product.cluster.kubeconfigPath]);

const ofDb = (items: readonly Live[]) => items.filter(({ metadata }) => /(^|-)db-\d+$/.test(metadata.name));
const pods = async () => ofDb(await product.list(NAMESPACE, 'pods')) as readonly Pod[];
const claims = async () => ofDb(await product.list(NAMESPACE, 'pvc'));
const set = (): Promise<StatefulSet> => product.get(NAMESPACE, 'sts', 'db');
const uids = (items: readonly Live[]) => items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).toSorted();
const places = (items: readonly Live[]) =>
  items.map(({ metadata, spec }) => `${metadata.name} ${spec.nodeName ?? spec.volumeName ?? ''}`).toSorted();
const owners = (items: readonly Live[]) =>
  items.flatMap(({ metadata }) => (metadata.ownerReferences ?? []) as readonly { readonly uid?: string }[]);

async function without(kind: string, name: string): Promise<boolean> {
  const found = await product.list(NAMESPACE, kind);
  return found.every(({ metadata }) => metadata.name !== name);
}

/** Deletes the pod, and answers the one that takes its place once it runs. */
async function madeAgain(name: string): Promise<Pod> {
  const before = (await pods()).find(({ metadata }) => metadata.name === name);
  await product.cluster.kubectl(['delete', 'pod', name, '-n', NAMESPACE, '--wait=false']);
  let found: Pod | undefined;
  await product.until(`another ${name} runs`, async () => {
    found = (await pods()).find(({ metadata }) => metadata.name === name);
    const isReady = found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return found?.metadata.uid !== before?.metadata.uid && isReady === true;
  });
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** Part of three-nodes.test.ts, on its cluster. */
export function describeAdoption(running: () => RunningProduct): void {
  beforeAll(async () => {
    product = running();
    monitor = await startSafetyMonitor(product.cluster.kubeconfigPath);
    await product.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      service('db'),
      budget,
      statefulSet('db'),
    );
    await product.until('the StatefulSet runs', async () => {
      return (await product.get(NAMESPACE, 'sts', 'db')).status?.readyReplicas === 3;
    });
  }, 1_200_000);

  afterAll(async () => {
    await monitor?.stop();
  }, 240_000);

  afterEach(() => {
    expect(monitor.violations).toEqual([]);
  });

  test('what cannot be adopted is refused with what to do, and nothing is written', async () => {
    const long = `a${'b'.repeat(52)}`;
    const { uid } = (await product.get(NAMESPACE, 'service', 'db')).metadata;
    await product.apply(
      statefulSet(
        'owned',
        { ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'db', uid }] },
        { replicas: 0 },
      ),
      statefulSet(
        long,
        {},
        {
          replicas: 0,
          serviceName: 'x',
          selector: { matchLabels: LABELS },
          template: {
            metadata: { labels: LABELS },
            spec: { containers: [{ name: 'main', image: 'localhost/busybox:1' }] },
          },
          volumeClaimTemplates: [],
        },
      ),
      statefulSet(
        'greedy',
        {},
        { replicas: 0, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' }, ordinals: { start: 3 } },
      ),
      statefulSet('scaled', {}, { replicas: 0 }),
      scaler,
    );
    const cases: readonly (readonly [string, RegExp])[] = [
      ['owned', /it belongs to Service db/],
      [long, /its name has 53 characters, and the name of an app may have 52/],
      ['greedy', /its ordinals start at 3.*persistentVolumeClaimRetentionPolicy deletes claims \(whenDeleted\)/s],
      ['scaled', /HorizontalPodAutoscaler grow scales it: let it scale the app first/],
    ];
    for (const [name, says] of cases) {
      const { code, stdout } = await plugin('adopt', `sts/${name}`, '--yes', '-o', 'json');
      expect({ name, code, refused: (JSON.parse(stdout) as { refused: string[] }).refused.join('\n') }).toEqual({
        name,
        code: 1,
        refused: expect.stringMatching(says),
      });
    }
    expect(await plugin('adopt', 'sts/nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no StatefulSet nobody'),
    });
    expect(await product.list(NAMESPACE, 'papp')).toEqual([]);
  });

  test('an app of another UID, or of smaller volumes, is refused by the operator with numbers, and the StatefulSet stays', async () => {
    const before = { set: (await set()).metadata.uid, pods: await pods(), claims: await claims() };
    const { stdout } = await plugin('adopt', 'sts/db', '-o', 'json');
    const { manifest } = JSON.parse(stdout) as {
      manifest: { metadata: { annotations: object }; spec: { volumeClaims: readonly object[] } };
    };
    const wrong = { ...manifest, metadata: { ...manifest.metadata, annotations: { 'proffer.dev/adopt': 'nobody' } } };
    await product.apply(wrong);
    await product.untilCondition(NAMESPACE, 'db', 'Stalled', 'AdoptionRefused', /and nobody was to be adopted/);
    await product.cluster.kubectl(['delete', 'papp', 'db', '-n', NAMESPACE]);
    const volumeClaims = manifest.spec.volumeClaims.map((volume) => ({ ...volume, size: '512Mi' }));
    await product.apply({ ...manifest, spec: { ...manifest.spec, volumeClaims } });
    await product.untilCondition(
      NAMESPACE,
      'db',
      'Stalled',
      'AdoptionRefused',
      /claim data-db-0 has 1Gi and the app asks for 512Mi/,
    );
    await product.cluster.kubectl(['delete', 'papp', 'db', '-n', NAMESPACE]);
    await product.until('its Reservation is gone', () => without('rsv', 'db'));
    expect((await set()).metadata.uid).toBe(before.set);
    expect(uids(await pods())).toEqual(uids(before.pods));
    expect(await claims()).toEqual(before.claims);
  });

  test('a StatefulSet becomes an app: dry run first, the same pods, claims and places; members come back to their slots', async () => {
    const before = { set: await set(), pods: await pods(), claims: await claims() };
    const dry = await plugin('adopt', 'sts/db');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('3 pods run on, none restarts');
    expect(dry.stdout).toContain('+ updateStrategy: {"type":"OnDelete"}');
    expect(dry.stdout).toContain('PodDisruptionBudget keep-two stays yours');
    expect(await product.list(NAMESPACE, 'papp')).toEqual([]);

    const started = Date.now();
    const done = await plugin('adopt', 'sts/db', '--yes', '--timeout', '60');
    process.stderr.write(`${JSON.stringify({ adoption: '3 pods', seconds: (Date.now() - started) / 1000 })}\n`);
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('has taken over 3 pods; none was restarted'),
    });
    const after = await set();
    expect(after.metadata.uid).not.toBe(before.set.metadata.uid);
    expect(after.spec.serviceName).toBe('db');
    expect(uids(await pods())).toEqual(uids(before.pods));
    expect(places(await pods())).toEqual(places(before.pods));
    expect(owners(await pods()).map(({ uid }) => uid)).toEqual([1, 2, 3].map(() => after.metadata.uid));
    expect(uids(await claims())).toEqual(uids(before.claims));
    expect(places(await claims())).toEqual(places(before.claims));
    const { spec } = await product.get(NAMESPACE, 'rsv', 'db');
    expect(spec.slots?.map(({ member, node }) => `${member} ${node}`)).toEqual(places(before.pods));
    await product.untilReady(NAMESPACE, 'db', 3);
    expect((await product.list(NAMESPACE, 'pdb')).map(({ metadata }) => metadata.name)).toEqual(['keep-two']);
    expect(await plugin('adopt', 'sts/db')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('it belongs to PersistentApp db'),
    });

    const [first] = before.pods;
    const again = await madeAgain('db-0');
    expect(again.spec).toMatchObject({
      schedulerName: 'proffer-scheduler',
      nodeName: first?.spec.nodeName,
      subdomain: 'db',
    });
    await product.untilReady(NAMESPACE, 'db', 3);
    expect(uids(await pods()).filter((one) => !one.startsWith('db-0'))).toEqual(uids(before.pods.slice(1)));
  });

  test('an app is released: the same pods under a plain StatefulSet, and the default scheduler brings one back', async () => {
    const before = { set: await set(), pods: await pods(), claims: await claims() };
    const dry = await plugin('release', 'papp/db');
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('proffer-scheduler is replaced by default-scheduler'),
    });
    expect((await set()).metadata.resourceVersion).toBe(before.set.metadata.resourceVersion);

    const done = await plugin('release', 'papp/db', '--yes');
    expect(done).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('StatefulSet db is a plain one'),
    });
    const after = await set();
    expect(after.metadata.uid).toBe(before.set.metadata.uid);
    expect(after.metadata.ownerReferences ?? []).toEqual([]);
    expect(after.spec.updateStrategy?.type).toBe('OnDelete');
    expect(after.spec.template?.spec).toMatchObject({ schedulerName: 'default-scheduler' });
    expect(after.spec.template?.spec.priorityClassName).toBeUndefined();
    expect(uids(await pods())).toEqual(uids(before.pods));
    expect(uids(await claims())).toEqual(uids(before.claims));
    await product.until('its Reservation is gone', () => without('rsv', 'db'));
    expect(await plugin('release', 'papp/db', '--yes')).toMatchObject({ code: 0, stderr: '' });

    const again = await madeAgain('db-2');
    expect(again.spec.schedulerName).toBe('default-scheduler');
    expect(uids(await pods()).filter((one) => !one.startsWith('db-2'))).toEqual(uids(before.pods.slice(0, 2)));
  });

  test('what was released is adopted again', async () => {
    const before = { pods: await pods(), claims: await claims() };
    expect(await plugin('adopt', 'sts/db', '--yes', '--timeout', '60')).toMatchObject({ code: 0 });
    expect(uids(await pods())).toEqual(uids(before.pods));
    expect(uids(await claims())).toEqual(uids(before.claims));
    await product.untilReady(NAMESPACE, 'db', 3);
  });

  describe('killed at every write', () => {
    adoptionUnderKills(
      () => product,
      (namespace) => statefulSet('db', { namespace }, { replicas: 1 }),
    );
  });
}
