// The law: a node that the allocator accepts passes kube-scheduler's filters, and what it refuses for a rule of Kubernetes kube-scheduler
// refuses too. Asked of the real kube-scheduler, on random clusters, pods and templates with fixed seeds.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { API_VERSION } from '../../src/api/group.ts';
import { parsePersistentApp } from '../../src/api/parse.ts';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { buildPodTemplate } from '../../src/core/app/build/pod-template.ts';
import { memberPods } from '../../src/core/app/member-pods.ts';
import { placementRules } from '../../src/core/app/placement-rules.ts';
import { memberLabels } from '../../src/core/facts/member-pods.ts';
import { readNode } from '../../src/core/facts/read-node.ts';
import { readPod } from '../../src/core/facts/read-pod.ts';
import { AppPlacement } from '../../src/core/placement/app-placement.ts';
import { memberNeed } from '../../src/core/placement/member-need.ts';
import { PlacementEngine } from '../../src/core/placement/placement-engine.ts';
import { podRequests } from '../../src/core/resources/pod-requests.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import { type ApiClient, apiClient } from '../cluster/api-client.ts';
import { startCluster } from '../cluster/embedded.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { ASKED_SCHEDULER, AskedScheduler } from './asked-scheduler.ts';
import { NAMESPACES, type RandomApp, type RandomNode, type RandomPod, randomRound } from './random-pods.ts';

interface Live {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: object;
  };
  readonly spec: { readonly nodeName?: string; readonly taints?: readonly { readonly key: string }[] };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface List {
  readonly items: readonly Live[];
}

const ROUNDS = 10;
const APPS = 15;
const NODES = Array.from({ length: 8 }, (_, i) => `n${i}`);
/** Where the pod lives that finds out whether kube-scheduler has seen the nodes as they are now. */
const LOOKOUT = 'lookout';

let cluster: TestCluster;
let client: ApiClient;
const scheduler = new AskedScheduler();

beforeAll(async () => {
  cluster = await startCluster({ realNodes: 0, fakeNodes: false, defaultScheduler: false });
  client = apiClient(cluster.kubeconfigPath);
  for (const [name, labels] of [...Object.entries(NAMESPACES), [LOOKOUT, {}] as const]) {
    await client.send('POST', '/api/v1/namespaces', { metadata: { name, labels } });
    await waitUntil(
      `the service account of ${name}`,
      () => client.send('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`),
      { timeoutSeconds: 100 },
    );
  }
  for (const name of NODES)
    await client.send('POST', '/api/v1/nodes', {
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      status: { conditions: [readyNow()] },
    });
  await scheduler.start(cluster);
}, 600_000);

afterAll(async () => {
  await scheduler.stop();
  client?.close();
  await cluster?.down();
}, 240_000);

function readyNow(): object {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    type: 'Ready',
    status: 'True',
    reason: 'Test',
    message: '',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
}

async function shapeNode(
  name: string,
  round: number,
  { labels, taints, unschedulable, allocatable }: RandomNode,
): Promise<void> {
  const status = { conditions: [readyNow()], allocatable, capacity: allocatable };
  await client.send('PATCH', `/api/v1/nodes/${name}/status`, { status });
  const path = `/api/v1/nodes/${name}`;
  await client.send('PATCH', path, {
    metadata: { labels: { ...labels, round: String(round) } },
    spec: { taints, unschedulable },
  });
}

/** Kubernetes itself takes a while to see that a new node is ready. */
async function nodesInOrder(): Promise<void> {
  await waitUntil(
    'the nodes losing the taints of new ones',
    async () => {
      const { items } = await client.send<List>('GET', '/api/v1/nodes');
      return items.every(({ spec }) => !(spec.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/not-ready'));
    },
    { timeoutSeconds: 100 },
  );
}

/** Kube-scheduler knows of a change of a node when it lets a pod there that wants it. */
async function schedulerHasSeen(round: number): Promise<void> {
  await waitUntil(
    `kube-scheduler seeing the nodes of round ${round}`,
    async () => {
      const { metadata } = await createPod(
        LOOKOUT,
        `lookout-${round}-${performance.now().toFixed(0)}`,
        {},
        {
          schedulerName: ASKED_SCHEDULER,
          nodeSelector: { round: String(round) },
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name: 'main', image: 'localhost/none' }],
        },
      );
      const answer = await waitUntil('an answer', () => scheduler.passed.get(metadata.uid), {
        timeoutSeconds: 1,
        everyMilliseconds: 20,
      });
      return answer.length === NODES.length;
    },
    { timeoutSeconds: 20, everyMilliseconds: 50 },
  );
}

function createPod(namespace: string, name: string, labels: object, spec: object): Promise<Live> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return client.send('POST', path, {
    metadata: { name, labels },
    spec: { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, ...spec },
  });
}

async function putPod(name: string, { namespace, labels, place, terminating, spec }: RandomPod): Promise<void> {
  const nodeName = NODES[place % NODES.length];
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  await createPod(namespace, name, labels, { ...spec, nodeName, tolerations: [{ operator: 'Exists' }] });
  if (!terminating) return;
  await client.send('PATCH', path, { metadata: { finalizers: ['example.com/stays'] } });
  await client.send('DELETE', path);
}

async function removePods(): Promise<void> {
  for (const namespace of [...Object.keys(NAMESPACES), LOOKOUT]) {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { items } = await client.send<List>('GET', path);
    for (const { metadata } of items) {
      if (metadata.name.startsWith('p'))
        await client.send('PATCH', `${path}/${metadata.name}`, { metadata: { finalizers: null } });
    }
    await client.send('DELETE', `${path}?gracePeriodSeconds=0`);
  }
}

function appOf(name: string, { namespace, labels, constraints, spec }: RandomApp): PersistentApp {
  return parsePersistentApp({
    apiVersion: API_VERSION,
    kind: 'PersistentApp',
    metadata: { name, namespace, uid: `uid-${name}`, generation: 1 },
    spec: { replicas: 1, placement: { constraints }, template: { metadata: { labels }, spec } },
  });
}

/** The member's pod as it will be, or the question about it. */
function askKubeScheduler(app: PersistentApp): Promise<Live> {
  const { name, namespace } = app.metadata;
  const built = buildPodTemplate(app, [], '', ASKED_SCHEDULER);
  const { labels } = built.metadata;
  return createPod(namespace, `${name}-0`, memberLabels({ ...memberPods(app), labels }, `${name}-0`), built.spec);
}

/** The nodes of every pod's answer: those that passed, or none once kube-scheduler says that the pod is unschedulable. */
async function answers(asked: readonly Live[]): Promise<readonly (readonly string[])[]> {
  const refused = new Set<string>();
  await waitUntil(
    'kube-scheduler answering',
    async () => {
      const missing = asked.filter(({ metadata }) => !scheduler.passed.has(metadata.uid) && !refused.has(metadata.uid));
      for (const { metadata } of missing) {
        const found = await client.send<Live>('GET', `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`);
        const condition = found.status.conditions?.find(({ type }) => type === 'PodScheduled');
        if (condition?.status === 'False' && condition.message?.startsWith('0/') === true) refused.add(metadata.uid);
      }
      return missing.length === 0;
    },
    { timeoutSeconds: 30, everyMilliseconds: 50 },
  );
  return asked.map(({ metadata }) => [...(scheduler.passed.get(metadata.uid) ?? [])].toSorted());
}

async function viewOfCluster(): Promise<ClusterView> {
  const view = new ClusterView();
  for (const raw of (await client.send<List>('GET', '/api/v1/nodes')).items) view.setNode(readNode(raw));
  for (const [name, labels] of Object.entries(NAMESPACES)) view.pods.setNamespace(name, labels);
  for (const namespace of Object.keys(NAMESPACES)) {
    for (const raw of (await client.send<List>('GET', `/api/v1/namespaces/${namespace}/pods`)).items)
      view.setPod(readPod(raw));
  }
  return view;
}

function demandOf(app: PersistentApp): Demand {
  const { name, namespace, uid } = app.metadata;
  const member = {
    member: `${name}-0`,
    ordinal: 0,
    requests: podRequests(app.spec.template.spec),
    volumes: [],
    previousNode: '',
  };
  return {
    app: { name, namespace, uid },
    framework: 'default',
    priority: 0,
    pendingSinceSeconds: 0,
    members: [member],
    minMembers: 1,
    rules: placementRules({ app, framework: undefined }),
    placed: [],
    pods: memberPods(app),
  };
}

/** By node: why the allocator refuses it; empty for one that it accepts. */
function ourAnswer(view: ClusterView, demand: Demand): ReadonlyMap<string, readonly string[]> {
  const { run, rules, suitability } = new PlacementEngine(view, 0);
  const found = new Map<string, readonly string[]>();
  for (const member of demand.members) {
    const placement = new AppPlacement(run, suitability, {
      rules: rules.of(demand.rules),
      placed: [],
      demand,
      pods: run.pods.of(demand),
    });
    const need = memberNeed(view, demand, member);
    for (const name of NODES) {
      const reasons: string[] = [];
      placement.tell(view.nodeTable.rowOf(name) ?? -1, need, (reason, message) =>
        reasons.push(`${reason}: ${message()}`),
      );
      found.set(name, reasons);
    }
    const admitted = [...found.values()].filter((reasons) => reasons.length === 0).length;
    expect(placement.countAdmitting(need, NODES.length)).toBe(admitted);
  }
  return found;
}

test(`on ${ROUNDS} random clusters the allocator and kube-scheduler agree about ${ROUNDS * APPS} random members`, async () => {
  await nodesInOrder();
  const counts = { agreed: 0, refused: 0, stricter: 0 };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { nodes, pods, apps } = randomRound(round, { nodes: NODES.length, apps: APPS });
    await removePods();
    await Promise.all(nodes.map((node, i) => shapeNode(NODES[i] ?? '', round, node)));
    await schedulerHasSeen(round);
    await Promise.all(pods.map((pod, i) => putPod(`p${round}-${i}`, pod)));
    const view = await viewOfCluster();
    const asked = apps.map((app, i) => appOf(`m${round}-${i}`, app));
    const theirs = await answers(await Promise.all(asked.map(askKubeScheduler)));
    for (const [i, app] of asked.entries()) {
      const ours = ourAnswer(view, demandOf(app));
      const accepted = NODES.filter((name) => ours.get(name)?.length === 0);
      const passed = theirs[i] ?? [];
      const detail = JSON.stringify({ round, ours: Object.fromEntries(ours), passed, app: apps[i], nodes, pods });
      const wrong = accepted.filter((name) => !passed.includes(name));
      if (wrong.length > 0) throw new Error(`we accept ${wrong.join(', ')}, kube-scheduler does not: ${detail}`);
      const missed = passed.filter((name) => !accepted.includes(name));
      // A constraint of the app may refuse more; a rule of Kubernetes may not.
      const unasked = missed.filter((name) => ours.get(name)?.some((reason) => !reason.startsWith('Constraint')));
      if (unasked.length > 0) throw new Error(`we refuse ${unasked.join(', ')}, kube-scheduler does not: ${detail}`);
      counts.agreed += passed.length - missed.length;
      counts.stricter += missed.length;
      counts.refused += NODES.length - passed.length;
    }
  }
  console.log(
    `accepted by both ${counts.agreed}, refused by both ${counts.refused}, by a constraint alone ${counts.stricter}`,
  );
  // The law is only worth something if both answers are common.
  expect(Math.min(counts.agreed, counts.refused)).toBeGreaterThan(ROUNDS * APPS);
}, 240_000);
