// The extender beside the real kube-scheduler on the real API server: members land on their slots, others keep off what is held, and
// every refusal can be read in the pod's own conditions. Reservations are written by the test, as the allocator would.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCluster } from '../cluster/embedded.ts';
import { startProfferScheduler, type ProfferScheduler } from '../cluster/proffer-scheduler.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { installProduct } from '../support/install-product.ts';

interface Live {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly message?: string }[] };
}

interface SlotSpec {
  readonly member: string;
  readonly node: string;
  readonly cpu?: string;
  readonly state?: string;
}

/** Where the app lives whose operator is away from the beginning: the extender must have seen half a minute of silence. */
const AWAY = 'away';

let cluster: TestCluster;
let scheduler: ProfferScheduler;
let nodes: readonly string[];

beforeAll(async () => {
  cluster = await startCluster({ realNodes: 0, defaultScheduler: false });
  nodes = await cluster.addFakeNodes({ count: 3, cpu: '4', memory: '8Gi' });
  await installProduct(cluster);
  scheduler = await startProfferScheduler(cluster);
  await createAway();
}, 600_000);

afterAll(async () => {
  await scheduler?.stop();
  await cluster?.down();
}, 240_000);

async function create(object: object): Promise<Live> {
  return JSON.parse(
    await cluster.kubectl(['create', '-o', 'json', '-f', '-'], { input: JSON.stringify(object) }),
  ) as Live;
}

async function apply(object: object): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify(object) });
}

/** An app; then its Reservation, if there are slots; then its StatefulSet: in the order of the operator. */
async function createApp(
  name: string,
  replicas: number,
  given: {
    slots?: readonly SlotSpec[];
    priorityClassName?: string;
    launched?: number;
    namespace?: string;
    cpu?: string;
  } = {},
): Promise<Live> {
  const { slots, launched = 0, namespace = 'default', cpu = '500m', ...pod } = given;
  const spec = { ...podSpec(cpu), ...pod };
  const app = await create({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace },
    spec: { replicas, template: { spec } },
  });
  if (slots !== undefined) await reserve(app, slots);
  const labels = { 'proffer.dev/app': name };
  const owner = {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    name,
    uid: app.metadata.uid,
    controller: true,
  };
  await create({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name,
      namespace,
      ownerReferences: [owner],
      annotations: { 'proffer.dev/launched': String(launched) },
    },
    spec: {
      replicas,
      serviceName: name,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  });
  return app;
}

function podSpec(cpu: string): object {
  const container = { name: 'main', image: 'localhost/none', resources: { requests: { cpu, memory: '64Mi' } } };
  return { schedulerName: 'proffer-scheduler', terminationGracePeriodSeconds: 0, containers: [container] };
}

async function reserve(app: Live, slots: readonly SlotSpec[]): Promise<void> {
  const { name, namespace, uid } = app.metadata;
  await apply({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'Reservation',
    metadata: { name, namespace },
    spec: {
      app: { name, uid },
      slots: slots.map(({ member, node, cpu, state }) => ({
        member,
        node,
        resources: { cpu: cpu ?? '500m', memory: '64Mi' },
        state: state ?? 'Held',
        epoch: 1,
        acceptedAt: '2026-01-02T03:04:05Z',
      })),
    },
  });
}

async function pod(name: string, namespace = 'default'): Promise<Live | undefined> {
  const found = await cluster.kubectl(['get', 'pod', name, '-n', namespace, '--ignore-not-found', '-o', 'json']);
  return found.trim() === '' ? undefined : (JSON.parse(found) as Live);
}

async function reasonOf(name: string, namespace?: string): Promise<string | undefined> {
  return (await pod(name, namespace))?.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
}

function bound(name: string, timeoutSeconds = 100, namespace = 'default'): Promise<string> {
  const nodeOf = async () => (await pod(name, namespace))?.spec.nodeName;
  return waitUntil(`pod ${name} bound`, nodeOf, { timeoutSeconds }).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${await reasonOf(name, namespace)}\n${scheduler.output().slice(-4000)}`);
  });
}

function refusedWith(name: string, reason: RegExp, namespace?: string): Promise<string> {
  const ask = async (): Promise<string | undefined> => {
    const message = await reasonOf(name, namespace);
    return message !== undefined && reason.test(message) ? message : undefined;
  };
  return waitUntil(`pod ${name} refused with ${String(reason)}`, ask, { timeoutSeconds: 100 }).catch(
    async (error: unknown) => {
      const { spec } = (await pod(name, namespace)) ?? {};
      throw new Error(`${String(error)}: on node "${spec?.nodeName ?? ''}": ${await reasonOf(name, namespace)}`);
    },
  );
}

async function metricsSay(line: string): Promise<boolean> {
  const text = await (await fetch(`${scheduler.extenderUrl}/metrics`)).text();
  return text.includes(`${line}\n`);
}

function saysAway(): Promise<boolean> {
  return metricsSay('proffer_extender_operator_away 1');
}

/** An app with two slots, one on a node that is gone, and the Lease of an operator that does not renew it. */
async function createAway(): Promise<void> {
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: AWAY } });
  const slots = [
    { member: 'away-0', node: nodes[0] ?? '', cpu: '100m' },
    { member: 'away-1', node: 'gone', cpu: '100m' },
  ];
  await createApp('away', 2, { slots, launched: 2, namespace: AWAY, cpu: '100m' });
  await refusedWith('away-1', /away-1 is held on gone, which does not exist any more/, AWAY);
  await apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'proffer-operator', namespace: 'proffer-system' },
    spec: { holderIdentity: 'nobody', leaseDurationSeconds: 15 },
  });
}

/** Empties the cluster of what a test made. */
async function removeAll(): Promise<void> {
  const kinds = 'persistentapps.proffer.dev,reservations.proffer.dev,statefulsets,pods';
  await cluster.kubectl(['delete', kinds, '--all', '-n', 'default', '--wait=true', '--grace-period=0', '--force']);
}

describe('kube-scheduler with the extender', () => {
  test('binds every member to the node of its slot, whatever it would prefer itself', async () => {
    const node = nodes[1] ?? '';
    await createApp('pinned', 3, { slots: ['pinned-0', 'pinned-1', 'pinned-2'].map((member) => ({ member, node })) });
    expect(await Promise.all(['pinned-0', 'pinned-1', 'pinned-2'].map((name) => bound(name)))).toEqual([
      node,
      node,
      node,
    ]);
    await removeAll();
  }, 240_000);

  test('keeps a member without a slot pending, says why, and binds it within seconds of the slot', async () => {
    const app = await createApp('waiting', 1);
    const reason = await refusedWith('waiting-0', /waiting-0 has no slot/);
    expect(reason).toMatch(
      /^0\/3 nodes are available: 3 waiting-0 has no slot: the allocator has not answered yet \(NoSlot\)/,
    );
    // Long enough that kube-scheduler has put it aside for good.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const node = nodes[2] ?? '';
    await reserve(app, [{ member: 'waiting-0', node }]);
    const started = performance.now();
    expect(await bound('waiting-0', 10)).toBe(node);
    console.log(`bound ${((performance.now() - started) / 1000).toFixed(1)} s after its slot was written`);
    await removeAll();
  }, 240_000);

  test('says which node holds a member when that node cannot take it', async () => {
    const node = nodes[0] ?? '';
    await cluster.kubectl(['cordon', node]);
    await createApp('cordoned', 1, { slots: [{ member: 'cordoned-0', node }] });
    await refusedWith('cordoned-0', new RegExp(`2 cordoned-0 is held on ${node}, which is cordoned`));
    await cluster.kubectl(['uncordon', node]);
    expect(await bound('cordoned-0')).toBe(node);
    await removeAll();
  }, 240_000);

  test('keeps other pods off what slots hold, and lets them in when the slots end', async () => {
    const slots = nodes.map((node, index) => ({ member: `holder-${index}`, node, cpu: '3' }));
    await createApp('holder', 0, { slots });
    // With those of the app whose operator is away. What is not heard of yet holds nothing.
    const known = () => metricsSay(`proffer_extender_slots ${slots.length + 2}`);
    await waitUntil('the extender knows the slots', known, { timeoutSeconds: 100 });
    await create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'small', namespace: 'default' },
      spec: podSpec('1'),
    });
    // Until it is bound it may come to any node, and has room on each.
    await bound('small');
    await create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'large', namespace: 'default' },
      spec: podSpec('2'),
    });
    // 900m when half a minute has passed, and the member whose operator is away is on the last node.
    await refusedWith(
      'large',
      /3 room is held for members of persistent apps: the pod asks for 2000m cpu, and beside the slots at most (?:1000|900)m is free/,
    );
    await cluster.kubectl(['delete', 'reservation', 'holder', '-n', 'default']);
    await bound('large', 10);
    await removeAll();
  }, 240_000);

  test('refuses a pod that only wears a member’s labels', async () => {
    const metadata = { name: 'impostor', namespace: 'default', labels: { 'proffer.dev/member': 'es-0' } };
    await create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec('100m') });
    await refusedWith(
      'impostor',
      /carries the label proffer.dev\/member, but no StatefulSet controls it: remove the label/,
    );
    await removeAll();
  }, 240_000);

  test('preempts a squatter on the slot’s node, and nowhere else', async () => {
    await apply({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'vital' },
      value: 1000,
    });
    // Of another scheduler, which knows no slots: it is bound by hand.
    for (const [index, node] of nodes.entries()) {
      const metadata = { name: `squatter-${index}`, namespace: 'default' };
      await create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...podSpec('3800m'), nodeName: node } });
    }
    const node = nodes[1] ?? '';
    await createApp('vital', 1, { slots: [{ member: 'vital-0', node }], priorityClassName: 'vital' });
    expect(await bound('vital-0')).toBe(node);
    expect(await Promise.all([0, 1, 2].map(async (index) => (await pod(`squatter-${index}`)) !== undefined))).toEqual([
      true,
      false,
      true,
    ]);
    await removeAll();
  }, 240_000);

  test('lets a member whose node is gone go elsewhere once nobody renews the operator’s Lease', async () => {
    expect(await bound('away-0', 30, AWAY)).toBe(nodes[0]);
    // Half a minute of silence, a look every five seconds, and the way through the scheduler's queue.
    expect(nodes).toContain(await bound('away-1', 60, AWAY));
    await waitUntil('the metrics say that the operator is away', saysAway, { timeoutSeconds: 10 });
  }, 240_000);

  test('measures itself where kube-scheduler does not', async () => {
    const text = await (await fetch(`${scheduler.extenderUrl}/metrics`)).text();
    expect(text).toMatch(/proffer_extender_request_duration_seconds_count\{verb="filter",outcome="admitted"\} [1-9]/);
    expect(text).toMatch(/proffer_extender_rejections_total\{reason="NoSlot"\} [1-9]/);
    expect(text).toMatch(/proffer_extender_double_booked_nodes 0/);
  });
});
