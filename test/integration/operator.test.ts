// The operator against a real API server and controller manager, with the credentials that the chart gives it. Nodes are fake, volumes come
// from the array through real sidecars, and members go through a real kube-scheduler that asks our extender.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../cluster/embedded.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { auditPosition, writesSince } from '../support/audit-writes.ts';
import { NAMESPACE, installProduct } from '../support/install-product.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startProfferScheduler, type ProfferScheduler } from '../cluster/proffer-scheduler.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

interface Slot {
  readonly member: string;
  readonly node: string;
  readonly state: string;
  readonly epoch: number;
  readonly podUID: string;
}

interface Live {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly nodeName?: string;
    readonly slots?: readonly Slot[];
    readonly volumeName?: string;
    readonly holderIdentity?: string;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly storageClassName?: string;
    readonly pending?: number;
    readonly summary?: { readonly status: string; readonly reason: string; readonly ready: string };
    readonly offers?: { readonly rejected: Record<string, number> };
    readonly conditions?: readonly Condition[];
  };
}

// Long enough for an API server that shares two cores with three other clusters.
const LEASE = ['--lease-seconds', '20', '--renew-seconds', '15', '--retry-seconds', '1'];

let cluster: TestCluster;
let scheduler: ProfferScheduler;
let operatorKubeconfig: string;
let operators: Program[] = [];

beforeAll(async () => {
  cluster = await startCluster({ array: true, defaultScheduler: false });
  await Promise.all([cluster.addFakeNodes({ count: 5, cpu: '4', memory: '8Gi' }), installProduct(cluster)]);
  operatorKubeconfig = await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator');
  scheduler = await startProfferScheduler(cluster);
  await apply({ apiVersion: 'proffer.dev/v1alpha1', kind: 'Framework', metadata: { name: 'default' }, spec: {} });
  await startOperator('first');
}, 1_200_000);

afterAll(async () => {
  await Promise.all(operators.map((operator) => operator.kill('SIGTERM')));
  await scheduler.stop();
  await cluster.down();
}, 240_000);

async function startOperator(identity: string): Promise<Program> {
  const operator = startProgram([
    'operator',
    '--kubeconfig',
    operatorKubeconfig,
    '--namespace',
    NAMESPACE,
    '--identity',
    identity,
    '--http-port',
    '0',
    '--member-priority-class',
    'proffer-member',
    ...LEASE,
  ]);
  operators = [...operators, operator];
  await until(`operator ${identity} is synced`, async () => operator.output().includes('caches are synced'), 90);
  return operator;
}

async function apply(...objects: readonly object[]): Promise<void> {
  for (const object of objects) {
    const input = JSON.stringify(object);
    await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  }
}

interface AppOverrides {
  readonly spec?: Record<string, unknown>;
  readonly container?: Record<string, unknown>;
  readonly pod?: Record<string, unknown>;
}

function app(namespace: string, name: string, { spec, container, pod }: AppOverrides = {}): object {
  const requests = { cpu: '100m', memory: '64Mi' };
  const containers = [{ name: 'main', image: 'localhost/busybox:1', resources: { requests }, ...container }];
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace },
    spec: {
      replicas: 3,
      template: { spec: { terminationGracePeriodSeconds: 1, containers, ...pod } },
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '1Gi', storageClassName: 'array' }],
      placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] },
      update: { minReadySeconds: 0 },
      ...spec,
    },
  };
}

/** A namespace of its own for each test, since names of apps recur. */
async function namespaceFor(name: string): Promise<string> {
  await cluster.kubectl(['create', 'namespace', name]);
  return name;
}

async function get(namespace: string, kind: string, name: string): Promise<Live> {
  return JSON.parse(await cluster.kubectl(['get', kind, name, '-n', namespace, '-o', 'json'])) as Live;
}

async function list(namespace: string, kind: string): Promise<readonly Live[]> {
  return (JSON.parse(await cluster.kubectl(['get', kind, '-n', namespace, '-o', 'json'])) as { items: Live[] }).items;
}

async function slots(namespace: string, name: string): Promise<readonly Slot[]> {
  return (await get(namespace, 'rsv', name)).spec.slots ?? [];
}

function lastWords(): string {
  return operators.map((operator) => operator.output().slice(-3000)).join('\n');
}

function until(what: string, ask: () => Promise<boolean>, timeoutSeconds = 100): Promise<boolean> {
  return waitUntil(what, ask, { timeoutSeconds, everyMilliseconds: 300 }).catch((error: unknown) => {
    throw new Error(`${String(error)}\nThe operators said last:\n${lastWords()}`, { cause: error });
  });
}

async function untilReady(namespace: string, name: string, replicas: number): Promise<void> {
  await until(`${namespace}/${name} has ${replicas} ready members`, async () => {
    const { metadata, status } = await get(namespace, 'papp', name);
    const told = status?.observedGeneration === metadata.generation;
    return told && status.readyReplicas === replicas && (await list(namespace, 'pods')).length === replicas;
  });
}

async function untilCondition(namespace: string, name: string, type: string, reason: string): Promise<Condition> {
  let found: Condition | undefined;
  await until(`${type} of ${namespace}/${name} says ${reason}`, async () => {
    const { status } = await get(namespace, 'papp', name);
    found = status?.conditions?.find((condition) => condition.type === type);
    return found?.reason === reason;
  });
  if (found === undefined) throw new Error('no such condition');
  return found;
}

describe('an app of three members with volumes', () => {
  const namespace = 'life';

  test('gets its Service, budget, slots, StatefulSet and volumes, and becomes ready on its slots', async () => {
    await namespaceFor(namespace);
    await apply(app(namespace, 'db'));
    await untilReady(namespace, 'db', 3);
    await until('every slot is claimed', async () =>
      (await slots(namespace, 'db')).every((slot) => slot.state === 'Claimed'),
    );
    const [held, pods, claims] = [
      await slots(namespace, 'db'),
      await list(namespace, 'pods'),
      await list(namespace, 'pvc'),
    ];
    expect(held.map((slot) => `${slot.member} ${slot.node} ${slot.podUID}`).toSorted()).toEqual(
      pods.map((pod) => `${pod.metadata.name} ${pod.spec.nodeName} ${pod.metadata.uid}`).toSorted(),
    );
    expect(new Set(held.map((slot) => slot.node)).size).toBe(3);
    expect(claims.map((claim) => claim.metadata.name).toSorted()).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
    expect((await get(namespace, 'svc', 'db')).metadata.name).toBe('db');
    expect((await get(namespace, 'pdb', 'db')).metadata.name).toBe('db');
    const { status } = await get(namespace, 'papp', 'db');
    expect(status?.summary).toMatchObject({ ready: '3/3', status: 'Running' });
  }, 240_000);

  test('is left alone at rest, and by an operator that starts again', async () => {
    await sleep(3_000);
    const from = await auditPosition(cluster.auditLogPath ?? '');
    await sleep(20_000);
    expect(await writesSince(cluster.auditLogPath ?? '', from, 'proffer-operator')).toEqual([]);
    const [before] = operators;
    await before?.kill('SIGTERM');
    expect(before?.exitCode()).toBe(0);
    expect(before?.output()).toContain('released the leader lease');
    operators = [];
    const after = await startOperator('second');
    await until('the new operator leads', async () => after.output().includes('"leading"'));
    await sleep(5_000);
    expect(await writesSince(cluster.auditLogPath ?? '', from, 'proffer-operator')).toEqual([]);
  }, 240_000);

  test('follows kubectl scale out and in; the volume of the member that left is kept and retired', async () => {
    await cluster.kubectl(['scale', 'papp', 'db', '-n', namespace, '--replicas=4']);
    await untilReady(namespace, 'db', 4);
    expect(await slots(namespace, 'db')).toHaveLength(4);
    await cluster.kubectl(['scale', 'papp', 'db', '-n', namespace, '--replicas=2']);
    await untilReady(namespace, 'db', 2);
    await until('the slots of the others are free', async () => (await slots(namespace, 'db')).length === 2);
    await until('their claims are retired', async () => {
      const retired = (await list(namespace, 'pvc')).filter(
        (claim) => claim.metadata.annotations?.['proffer.dev/retired-at'] !== undefined,
      );
      return (
        retired
          .map((claim) => claim.metadata.name)
          .toSorted()
          .join() === 'data-db-2,data-db-3'
      );
    });
  }, 240_000);

  test('paused, it is left as it is', async () => {
    await patch(namespace, 'db', { spec: { paused: true, replicas: 1 } });
    await until(
      'it says Paused',
      async () => (await get(namespace, 'papp', 'db')).status?.summary?.status === 'Paused',
    );
    await sleep(2_000);
    expect((await get(namespace, 'sts', 'db')).spec.replicas).toBe(2);
    await patch(namespace, 'db', { spec: { paused: false, replicas: 2 } });
    await untilReady(namespace, 'db', 2);
  }, 240_000);

  test('suspended, it has no pods and keeps its volumes; resumed, it uses the same ones', async () => {
    const volumes = await volumesOf(namespace);
    await patch(namespace, 'db', { spec: { suspend: true } });
    await until('no pod is left', async () => (await list(namespace, 'pods')).length === 0);
    await untilCondition(namespace, 'db', 'Suspended', 'Suspended');
    expect(await volumesOf(namespace)).toEqual(volumes);
    await patch(namespace, 'db', { spec: { suspend: false } });
    await untilReady(namespace, 'db', 2);
    expect(await volumesOf(namespace)).toEqual(volumes);
  }, 240_000);

  test('deleted, it takes its pods along and leaves its claims', async () => {
    const volumes = await volumesOf(namespace);
    await cluster.kubectl(['delete', 'papp', 'db', '-n', namespace]);
    await until('all but the claims is gone', async () => {
      const rest = await Promise.all(['pods', 'sts', 'svc', 'pdb', 'rsv'].map((kind) => list(namespace, kind)));
      return rest.every((items) => items.length === 0);
    });
    expect(await volumesOf(namespace)).toEqual(volumes);
  }, 240_000);

  test('made again under the same name, it refuses the old volumes unless it is told to adopt them', async () => {
    await apply(app(namespace, 'db', { spec: { replicas: 1 } }));
    await untilCondition(namespace, 'db', 'Stalled', 'StaleVolume');
    expect(await list(namespace, 'pods')).toEqual([]);
    await patch(namespace, 'db', { spec: { retention: { reuse: 'Adopt' } } });
    await untilReady(namespace, 'db', 1);
  }, 240_000);
});

async function volumesOf(namespace: string): Promise<readonly string[]> {
  const claims = await list(namespace, 'pvc');
  return claims.map(({ metadata, spec }) => `${metadata.name} ${metadata.uid} ${spec.volumeName}`).toSorted();
}

async function patch(namespace: string, name: string, change: object): Promise<void> {
  await cluster.kubectl(['patch', 'papp', name, '-n', namespace, '--type=merge', '-p', JSON.stringify(change)]);
}

describe('what cannot work is said, and nothing half is made', () => {
  const volume = { name: 'data', mountPath: '/data', size: '1Gi' };

  test.each([
    ['nobody', { framework: 'nobody' }, 'FrameworkNotFound', /nobody/],
    ['nopool', { volumeClaims: [{ ...volume, pool: 'nopool' }] }, 'PoolNotFound', /nopool/],
    ['noclass', { volumeClaims: [{ ...volume, storageClassName: 'noclass' }] }, 'StorageClassNotFound', /noclass/],
  ])(
    '%s does not exist',
    async (name, spec, reason, says) => {
      const namespace = await namespaceFor(`bad-${name}`);
      await apply(app(namespace, 'db', { spec }));
      const stalled = await untilCondition(namespace, 'db', 'Stalled', reason);
      expect(stalled.status).toBe('True');
      expect(stalled.message).toMatch(says);
      expect(await list(namespace, 'pods')).toEqual([]);
      await until('an event says so', async () => (await list(namespace, 'events.events.k8s.io')).length > 0);
    },
    240_000,
  );

  test('a mistyped field of the pod template is found by the API server', async () => {
    const namespace = await namespaceFor('bad-template');
    await apply(app(namespace, 'db', { container: { imagePullPolicy: 'Sometimes', comand: ['sleep'] } }));
    const stalled = await untilCondition(namespace, 'db', 'Stalled', 'InvalidTemplate');
    expect(stalled.message).toMatch(/comand|imagePullPolicy/);
    expect(await list(namespace, 'sts')).toEqual([]);
  }, 240_000);

  test('a StatefulSet of somebody else is not touched', async () => {
    const namespace = await namespaceFor('foreign');
    const labels = { app: 'theirs' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'localhost/busybox:1' }] } };
    const spec = { replicas: 0, serviceName: 'theirs', selector: { matchLabels: labels }, template };
    await apply({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace }, spec });
    await until(
      'its controller has seen it',
      async () => (await get(namespace, 'sts', 'db')).status?.observedGeneration === 1,
    );
    const before = await get(namespace, 'sts', 'db');
    await apply(app(namespace, 'db'));
    await untilCondition(namespace, 'db', 'Stalled', 'ForeignObject');
    expect((await get(namespace, 'sts', 'db')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  }, 240_000);

  test('a gang of five on three nodes waits whole, with numbers, also when its pods show the lack', async () => {
    const namespace = await namespaceFor('gang');
    const nodes = await cluster.addFakeNodes({
      count: 3,
      prefix: 'trio',
      cpu: '4',
      memory: '8Gi',
      labels: { set: 'trio' },
    });
    const spec = { replicas: 5, capacityRequest: { afterSeconds: 2 } };
    await apply(app(namespace, 'db', { spec, pod: { nodeSelector: { set: 'trio' } } }));
    await until('the reasons are told', async () => {
      const { status } = await get(namespace, 'papp', 'db');
      return Object.keys(status?.offers?.rejected ?? {}).length > 0;
    });
    const reserved = await untilCondition(namespace, 'db', 'Reserved', 'GangIncomplete');
    expect(reserved.message).toMatch(/3 of the 5 members.*3 ConstraintUnique/);
    await until('pods show the lack', async () => (await list(namespace, 'pods')).length === 5);
    await sleep(3_000);
    expect((await list(namespace, 'pods')).filter((pod) => pod.spec.nodeName !== undefined)).toEqual([]);
    await until(
      'the framework counts it',
      async () => ((await get('', 'framework', 'default')).status?.pending ?? 0) > 0,
    );
    await cluster.addFakeNodes({ count: 2, prefix: 'trio', cpu: '4', memory: '8Gi', labels: { set: 'trio' } });
    await untilReady(namespace, 'db', 5);
    await cluster.kubectl(['delete', 'papp', 'db', '-n', namespace]);
    await until('its pods are gone', async () => (await list(namespace, 'pods')).length === 0);
    await cluster.removeFakeNodes([...nodes, 'trio-3', 'trio-4']);
  }, 240_000);

  test('an AppOperation is told that its app is not there, and an AppBackup what the cluster lacks', async () => {
    const namespace = await namespaceFor('later');
    const base = { apiVersion: 'proffer.dev/v1alpha1', metadata: { name: 'now', namespace } };
    await apply(
      { ...base, kind: 'AppOperation', spec: { type: 'Restart', app: 'db' } },
      { ...base, kind: 'AppBackup', spec: { app: 'db' } },
    );
    for (const [kind, reason] of [
      ['aop', 'AppNotFound'],
      ['appbackups', 'SnapshotKindsMissing'],
    ] as const) {
      await until(`${kind} is answered`, async () => {
        const { status } = await get(namespace, kind, 'now');
        return status?.conditions?.some((condition) => condition.reason === reason) ?? false;
      });
    }
  }, 240_000);
});

describe('a storage pool', () => {
  test('of provider custom becomes a StorageClass that binds late and retains', async () => {
    await apply({
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'StoragePool',
      metadata: { name: 'made' },
      spec: { provider: 'custom', custom: { provisioner: 'array.proffer.dev', parameters: { pool: 'shared' } } },
    });
    await until(
      'it has its class',
      async () => (await get('', 'storagepool', 'made')).status?.storageClassName === 'made',
    );
    const made = JSON.parse(await cluster.kubectl(['get', 'sc', 'made', '-o', 'json'])) as object;
    expect(made).toMatchObject({
      provisioner: 'array.proffer.dev',
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    });
  }, 240_000);
});

describe('a node that is set aside for members', () => {
  test('takes a member, whose pod tolerates the taint without being told', async () => {
    const namespace = await namespaceFor('aside');
    const taints = [{ key: 'proffer.dev/reserved', effect: 'NoSchedule' }] as const;
    const [node = ''] = await cluster.addFakeNodes({ count: 1, prefix: 'aside', labels: { set: 'aside' }, taints });
    await apply(app(namespace, 'db', { spec: { replicas: 1 }, pod: { nodeSelector: { set: 'aside' } } }));
    await untilReady(namespace, 'db', 1);
    expect((await get(namespace, 'pod', 'db-0')).spec.nodeName).toBe(node);
    await cluster.kubectl(['delete', 'papp', 'db', '-n', namespace]);
    await until('its pod is gone', async () => (await list(namespace, 'pods')).length === 0);
    await cluster.removeFakeNodes([node]);
  }, 240_000);
});

describe('a slot that an earlier leader gave away twice', () => {
  test('gives way to the better one', async () => {
    const namespace = await namespaceFor('twice');
    const requests = { cpu: '3', memory: '64Mi' };
    await cluster.addFakeNodes({ count: 1, prefix: 'solo', cpu: '4', memory: '8Gi', labels: { set: 'solo' } });
    const spec = { replicas: 1, volumeClaims: [] };
    const one = { container: { resources: { requests } }, pod: { nodeSelector: { set: 'solo' } } };
    await apply(
      app(namespace, 'first', { ...one, spec }),
      app(namespace, 'second', { ...one, spec: { ...spec, paused: true } }),
    );
    await untilReady(namespace, 'first', 1);
    const { uid } = (await get(namespace, 'papp', 'second')).metadata;
    const slot = {
      member: 'second-0',
      node: 'solo-0',
      state: 'Held',
      epoch: 0,
      acceptedAt: '2026-01-01T00:00:00Z',
      resources: requests,
    };
    await apply({
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'Reservation',
      metadata: { name: 'second', namespace },
      spec: { app: { name: 'second', uid }, slots: [slot] },
    });
    await until('it is marked', async () => (await slots(namespace, 'second'))[0]?.state === 'Conflicted');
    expect((await slots(namespace, 'first'))[0]?.state).toBe('Claimed');
    await cluster.kubectl(['delete', 'papp', '--all', '-n', namespace]);
    await cluster.removeFakeNodes(['solo-0']);
  }, 240_000);
});

describe('two operators', () => {
  afterEach(async () => {
    await cluster.kubectl(['delete', 'papp', '--all', '-n', 'takeover', '--ignore-not-found']);
  });

  test('one leads; when it is killed the other goes on, and nothing doubles', async () => {
    const namespace = await namespaceFor('takeover');
    const [leader] = operators;
    await apply(app(namespace, 'db', { spec: { volumeClaims: [] } }));
    await untilReady(namespace, 'db', 3);
    const before = {
      slots: await slots(namespace, 'db'),
      pods: (await list(namespace, 'pods')).map((pod) => pod.metadata.uid).toSorted(),
    };
    const standby = await startOperator('third');
    await sleep(1_500);
    expect(standby.output()).not.toContain('"leading"');
    await leader?.kill('SIGKILL');
    await cluster.kubectl(['scale', 'papp', 'db', '-n', namespace, '--replicas=4']);
    await untilReady(namespace, 'db', 4);
    expect((await get(NAMESPACE, 'lease', 'proffer-operator')).spec.holderIdentity).toBe('third');
    const after = await slots(namespace, 'db');
    expect(after).toHaveLength(4);
    expect(after.filter((slot) => slot.member !== 'db-3')).toEqual(before.slots);
    const epochs = after.map((slot) => slot.epoch);
    expect(Math.max(...epochs)).toBeGreaterThan(Math.min(...epochs));
    const uids = (await list(namespace, 'pods')).map((pod) => pod.metadata.uid);
    expect(uids).toEqual(expect.arrayContaining(before.pods));
  }, 240_000);
});
