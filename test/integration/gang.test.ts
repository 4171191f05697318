// Two apps that start together, against a real control plane: nothing of either before all of both fits, and whole again after the
// operator was killed in the middle of its decision.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { waitUntil } from '../cluster/wait-until.ts';
import { startFaultCluster, type FaultCluster, type OperatorAccess } from '../support/fault-cluster.ts';
import { NAMESPACE } from '../support/install-product.ts';
import type { Fault } from '../support/killing-proxy.ts';
import { startProgram, type Program } from '../support/program.ts';

interface Live {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly slots?: readonly { readonly member: string; readonly node: string; readonly state: string }[];
    readonly committedDecisions?: readonly string[];
  };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
  };
}

const GANG = ['master', 'data'];
/** Its own Lease it takes back at once, so that a long one costs nothing. */
const LEASE = ['--lease-seconds=15', '--renew-seconds=10', '--retry-seconds=0.5'];
const PATHS = { papp: '/apis/proffer.dev/v1alpha1', rsv: '/apis/proffer.dev/v1alpha1', pods: '/api/v1' } as const;
const PLURALS = { papp: 'persistentapps', rsv: 'reservations', pods: 'pods' } as const;

let world: FaultCluster;
let access: OperatorAccess;
let operator: Program | undefined;
let operatorsStarted = 0;

beforeAll(async () => {
  world = await startFaultCluster(4, { volumes: false });
  access = await world.operatorAccess();
}, 1_200_000);

afterEach(async () => {
  await operator?.kill('SIGKILL');
  access.proxy.disarm();
  await world.cluster.kubectl(['delete', 'papp', '--all', '-A', '--wait=true', '--timeout=30s']);
});

afterAll(async () => {
  await operator?.kill('SIGKILL');
  await world?.close();
}, 120_000);

function startOperator(): void {
  operatorsStarted += 1;
  const where = [`--kubeconfig=${access.kubeconfigPath}`, `--namespace=${NAMESPACE}`, '--http-port=off'];
  operator = startProgram(['operator', ...where, '--identity=gangs', ...LEASE]);
}

/** Members of 3 CPU, of which a node of 4 holds one. */
function app(namespace: string, name: string, replicas: number, spec: object = {}): object {
  const resources = { requests: { cpu: '3', memory: '64Mi' } };
  const containers = [{ name: 'main', image: 'localhost/busybox:1', resources }];
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace },
    spec: {
      replicas,
      gang: { apps: GANG },
      template: { spec: { terminationGracePeriodSeconds: 1, containers } },
      capacityRequest: { afterSeconds: 1 },
      ...spec,
    },
  };
}

async function given(namespace: string, ...objects: readonly object[]): Promise<void> {
  await world.cluster.kubectl(['create', 'namespace', namespace]);
  await apply(...objects);
}

async function apply(...objects: readonly object[]): Promise<void> {
  for (const object of objects) {
    const input = JSON.stringify(object);
    await world.cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  }
}

async function list(namespace: string, kind: keyof typeof PATHS): Promise<readonly Live[]> {
  const path = `${PATHS[kind]}/namespaces/${namespace}/${PLURALS[kind]}`;
  return (await world.client.request<{ items: readonly Live[] }>({ method: 'GET', path })).items;
}

const bound = async (namespace: string) =>
  (await list(namespace, 'pods')).filter(({ spec }) => (spec.nodeName ?? '') !== '').length;

/** All slots of the namespace, each as "member state". */
const slots = async (namespace: string) =>
  (await list(namespace, 'rsv')).flatMap(({ spec }) =>
    (spec.slots ?? []).map(({ member, state }) => `${member} ${state}`),
  );

async function says(namespace: string, name: string, type: string): Promise<string> {
  const found = (await list(namespace, 'papp')).find(({ metadata }) => metadata.name === name);
  const condition = found?.status?.conditions?.find((one) => one.type === type);
  return `${condition?.reason}: ${condition?.message}`;
}

async function until(what: string, ask: () => Promise<boolean>, timeoutSeconds = 60): Promise<void> {
  await waitUntil(what, ask, { timeoutSeconds, everyMilliseconds: 300 }).catch(async (error: unknown) => {
    const apps = await world.cluster.kubectl(['get', 'papp,rsv', '-A', '-o', 'yaml']).catch(String);
    const said = operator?.output().slice(-3000);
    throw new Error(`${String(error)}\n${apps.slice(-6000)}\nThe operator said last:\n${said}`, { cause: error });
  });
}

const untilSaid = (namespace: string, name: string, wanted: RegExp) =>
  until(`${name} says ${String(wanted)}`, async () => wanted.test(await says(namespace, name, 'Reserved')));

async function untilReady(namespace: string, counts: Readonly<Record<string, number>>): Promise<void> {
  await until(`${JSON.stringify(counts)} are ready`, async () => {
    // As a Deployment would.
    if (operator?.ended() === true) startOperator();
    const apps = await list(namespace, 'papp');
    return apps.every(({ metadata, status }) => (status?.readyReplicas ?? 0) === counts[metadata.name]);
  });
}

/** Members run, each on the node of its slot; no proposal and no commit is left. */
async function expectWhole(namespace: string, members: number): Promise<void> {
  const reservations = await list(namespace, 'rsv');
  const states = reservations.flatMap(({ spec }) => (spec.slots ?? []).map(({ state }) => state));
  expect(states).toEqual(Array.from({ length: members }, () => 'Claimed'));
  expect(reservations.flatMap(({ spec }) => spec.committedDecisions ?? [])).toEqual([]);
  expect(await bound(namespace)).toBe(members);
}

describe('two apps that start together', () => {
  test('wait for each other, then for room; nothing of either binds before all fits', async () => {
    const namespace = 'together';
    startOperator();
    await given(namespace, app(namespace, 'master', 3));
    await untilSaid(namespace, 'master', /^GangIncomplete: .*1 of the 2 apps .*data does not exist: create it/);
    await apply(app(namespace, 'data', 3, { suspend: true }));
    await untilSaid(namespace, 'master', /data is suspended: set spec.suspend to false/);
    await apply(app(namespace, 'data', 3, { gang: { apps: ['data', 'master'] } }));
    await untilSaid(namespace, 'master', /data names another list \(data, master\)/);
    // No node would change any of that: no pods are made for an autoscaler to see.
    expect(await list(namespace, 'pods')).toEqual([]);

    // Six members, and room for five.
    await apply(app(namespace, 'data', 3));
    await untilSaid(
      namespace,
      'data',
      /5 of the 6 members that must start together fit; then \w+-\d: 0 of 5 nodes fit/,
    );
    await untilSaid(namespace, 'master', /5 of the 6 members that must start together fit/);
    await until('six pods wait', async () => (await list(namespace, 'pods')).length === 6);
    expect(await bound(namespace)).toBe(0);
    expect(await slots(namespace)).toEqual([]);

    const added = await world.cluster.addFakeNodes({ count: 1, cpu: '4', memory: '8Gi', prefix: 'added' });
    await untilReady(namespace, { master: 3, data: 3 });
    await expectWhole(namespace, 6);

    // Recovery is for each alone: the others run on. That a node is gone proves nothing, so somebody says that its machine is off.
    const isOff = 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute';
    await world.cluster.kubectl(['taint', 'nodes', ...added, isOff]);
    await world.cluster.removeFakeNodes(added);
    await until('one of them says that it lacks a slot', async () => {
      const said = await Promise.all(GANG.map((name) => says(namespace, name, 'Reserved')));
      return said.some((words) => !words.startsWith('AllMembersPlaced'));
    });
    expect(await bound(namespace)).toBeGreaterThanOrEqual(5);
  }, 300_000);

  // The writes of Reservations: 1 and 2 propose, 3 commits, 4 makes the other's Held, 5 forgets the commit.
  test.each<[number, Fault, string]>([
    [2, 'killAfter', 'master-0 Proposed, master-1 Proposed, data-0 Proposed, data-1 Proposed'],
    [3, 'killBefore', 'master-0 Proposed, master-1 Proposed, data-0 Proposed, data-1 Proposed'],
    [3, 'killAfter', 'master-0 Held, master-1 Held, data-0 Proposed, data-1 Proposed'],
    [4, 'killAfter', 'master-0 Held, master-1 Held, data-0 Held, data-1 Held'],
  ])(
    'end whole when the operator dies at write %i of the decision (%s)',
    async (at, fault, left) => {
      const namespace = `killed-${at}-${fault.toLowerCase()}`;
      startOperator();
      access.proxy.countOnly(`/namespaces/${namespace}/reservations`);
      access.proxy.arm(at, fault, () => void operator?.kill('SIGKILL'));
      await given(namespace, app(namespace, 'master', 2), app(namespace, 'data', 2));
      await until('the operator is dead', async () => operator?.ended() === true);
      access.proxy.disarm();
      expect((await slots(namespace)).toSorted()).toEqual(left.split(', ').toSorted());
      // Nothing binds on what is only proposed.
      if (!left.includes('Held')) expect(await bound(namespace)).toBe(0);

      startOperator();
      await untilReady(namespace, { master: 2, data: 2 });
      await until('nothing is left to settle', async () =>
        (await list(namespace, 'rsv')).every(({ spec }) => (spec.committedDecisions ?? []).length === 0),
      );
      await expectWhole(namespace, 4);
      expect(world.monitor.violations).toEqual([]);
      expect(operatorsStarted).toBeGreaterThan(1);
    },
    240_000,
  );
});
