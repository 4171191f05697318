// A node is lost, and whoever recovers its members is lost, too: killed before and after each write, frozen in the middle, or blind to the
// node's return. There is one recovery of each member, no claim is lost, and whoever was replaced writes nothing more.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import { LEASE, pathOf } from '../../src/kube/resource-type.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { auditPosition } from '../support/audit-writes.ts';
import { APP, APPS, faultApp } from '../support/fault-app.ts';
import { startFaultCluster, type FaultCluster, type OperatorAccess } from '../support/fault-cluster.ts';
import { FaultOperator } from '../support/fault-operator.ts';
import { NAMESPACE } from '../support/install-product.ts';
import type { Fault } from '../support/killing-proxy.ts';
import { OwnNodes } from '../support/own-nodes.ts';
import { startProgram, type Program } from '../support/program.ts';
import { removedPods, uidOfPod, uidsOfClaims } from '../support/recovery-witness.ts';

const TIMEOUT_MILLIS = 400_000;
/** Of any one wait, on a machine that has other things to do. */
const PATIENCE_SECONDS = 150;
const MEMBER = `${APP}-0`;
/** The shortest that counts: a silence of two renewals and a little more. */
const QUICK = { nodeFailure: { suspectAfterSeconds: 15, actAfterSeconds: 25 } };
/** As the product has it, and tried more often. */
const LEASE_TIMES = ['--lease-seconds=15', '--renew-seconds=10', '--retry-seconds=0.5'];

/** More than a recovery has, and fewer. */
const [MOST_WRITES, LEAST_WRITES] = [9, 5];
const FAULTS = ['killBefore', 'killAfter'] as const;

let world: FaultCluster;
let nodes: OwnNodes;
const programs: Program[] = [];
let operator: FaultOperator | undefined;

beforeAll(async () => {
  world = await startFaultCluster();
  // Enough that two of them may look dead at once.
  await world.cluster.addFakeNodes({ count: 6, cpu: '4', memory: '8Gi' });
  const { array } = world.cluster;
  if (array === undefined) throw new Error('the cluster has no array');
  nodes = new OwnNodes(world.client, array);
  await nodes.add('lost', 'silent', 'back');
}, 1_200_000);

afterAll(async () => {
  await Promise.all(programs.map((program) => program.kill('SIGKILL')));
  await operator?.kill();
  await nodes?.stop();
  await world?.close();
}, 120_000);

function startOperator(identity: string, access: OperatorAccess): Program {
  const where = [`--kubeconfig=${access.kubeconfigPath}`, `--namespace=${NAMESPACE}`, '--http-port=off'];
  const program = startProgram(['operator', ...where, `--identity=${identity}`, ...LEASE_TIMES]);
  programs.push(program);
  return program;
}

/** One app of one member in each namespace, all of them on that node, which they may leave. */
async function createOn(node: string, namespaces: readonly string[]): Promise<void> {
  const others = await otherNodes(node);
  // A cordon would move the members that are there.
  const away = 'example.com/others-stay-away';
  await world.cluster.kubectl(['taint', 'nodes', ...others, `${away}=:NoSchedule`]);
  const objects = namespaces.flatMap((name) => {
    const app = faultApp(name, 1) as { readonly spec: object };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    return [namespace, { ...app, spec: { ...app.spec, recovery: QUICK } }];
  });
  await world.cluster.kubectl(['apply', '-f', '-'], {
    input: objects.map((one) => JSON.stringify(one)).join('\n---\n'),
  });
  for (const namespace of namespaces) {
    await until(`${namespace}: ready on ${node}`, async () => isReady(await statusOf(namespace), node));
  }
  await world.cluster.kubectl(['taint', 'nodes', ...others, `${away}:NoSchedule-`]);
}

async function otherNodes(node: string): Promise<readonly string[]> {
  const names = await world.cluster.kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}']);
  return names.split(' ').filter((name) => name !== node);
}

type Status = PersistentApp['status'];

async function statusOf(namespace: string): Promise<Status> {
  return (await world.client.request<PersistentApp>({ method: 'GET', path: pathOf(APPS, namespace, APP) })).status;
}

function isReady(status: Status, node: string): boolean {
  return status?.members[0]?.state === 'Ready' && status.members[0].node === node;
}

/** Elsewhere, and no recovery is open: where Kubernetes itself put the pod elsewhere before anybody looked, there is no record of one. */
async function hasMoved(namespace: string, from: string): Promise<boolean> {
  const status = await statusOf(namespace);
  const [member] = status?.members ?? [];
  const isOpen = status?.lastRecovery !== undefined && status.lastRecovery.readyAt === undefined;
  return member?.state === 'Ready' && member.node !== from && !isOpen;
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  await waitUntil(what, ask, { timeoutSeconds: PATIENCE_SECONDS, everyMilliseconds: 200 }).catch(
    async (error: unknown) => {
      const each = '-o=jsonpath={range .items[*]}{.metadata.namespace} {.status.members} {.status.lastRecovery}; {end}';
      const apps = await world.cluster.kubectl(['get', 'papp', '-A', each]).catch(String);
      const said = programs.map((program) => program.output().slice(-2500));
      throw new Error(`${String(error)}\n${apps}\nThe operators said last:\n${said.join('\n—\n')}`, {
        cause: error,
      });
    },
  );
}

/** Its holder is dead, and that need not be waited for. */
async function freeLease(): Promise<void> {
  const path = pathOf(LEASE, NAMESPACE, 'proffer-operator');
  const contentType = 'application/merge-patch+json';
  await world.client.request({ method: 'PATCH', path, body: { spec: { holderIdentity: '' } }, contentType });
}

const claimUids = () => uidsOfClaims(world.client);
const podUid = (namespace: string) => uidOfPod(world.client, namespace, MEMBER);
const removals = (since: number) => removedPods(world.cluster.auditLogPath ?? '', since);

test(
  'a leader that does not see the node’s return takes nothing from it; one that is frozen in the middle, or killed around the taint, is followed by another that ends the recovery',
  async () => {
    const accesses = await Promise.all([1, 2, 3, 4].map(() => world.operatorAccess()));
    const start = (index: number): Program => {
      const access = accesses[index];
      if (access === undefined) throw new Error(`there is no access ${index}`);
      return startOperator(`operator-${index}`, access);
    };
    const first = start(0);
    await until('the first leads', async () => first.output().includes('"msg":"leading"'));
    await createOn('back', ['returns']);
    await createOn('silent', ['goes']);
    const standbys = [start(1), start(2)];
    await until('standbys know all', async () => standbys.every((one) => one.output().includes('caches are synced')));
    const [stays, claims] = [await podUid('returns'), await claimUids()];
    const since = await auditPosition(world.cluster.auditLogPath ?? '');
    const proxies = accesses.map(({ proxy }) => proxy);

    // From its first write on, what the first of them hears of nodes is old.
    const returned = new Promise<void>((resolve) => {
      proxies[0]?.armFor(/\/namespaces\/returns\/reservations\//, 1, 'pass', () => {
        proxies[0]?.watches.hold(/kube-node-lease|\/api\/v1\/nodes/);
        void nodes.heal('back').then(resolve);
      });
    });
    const frozen = new Promise<void>((resolve) => {
      const freeze = () => void first.kill('SIGSTOP').then(resolve);
      proxies[0]?.armFor(/DELETE .*\/namespaces\/goes\/pods\//, 1, 'killBefore', freeze);
    });
    /** The first that is about to put the taint dies before it, and the next one after it. */
    const killAtTaint = (alive: readonly number[], [fault, ...others]: readonly Fault[]): void => {
      for (const index of alive) proxies[index]?.disarm();
      if (fault === undefined) return;
      for (const index of alive) {
        const rest = alive.filter((one) => one !== index);
        proxies[index]?.armFor(/PATCH .*\/nodes\/silent/, 1, fault, () => {
          void standbys[index - 1]?.kill('SIGKILL').then(freeLease);
          killAtTaint(rest, others);
        });
      }
    };
    killAtTaint([1, 2], ['killBefore', 'killAfter']);
    nodes.silence('back');
    await sleep(6000);
    nodes.silence('silent');

    await until('the node is back, unseen', () => settled(returned));
    const isStopped = async (): Promise<boolean> => first.output().includes('has renewed its Lease meanwhile');
    await until('the live read stops the first', isStopped);
    expect(await podUid('returns')).toBe(stays);
    proxies[0]?.watches.release();
    await until('the first is frozen', () => settled(frozen));
    await until('both standbys have died', async () => standbys.every((one) => one.ended()));
    // Whoever is new knows nothing of any silence, and ends what was begun all the same.
    const last = start(3);
    await until('the other has moved', () => hasMoved('goes', 'silent'));

    proxies[0]?.disarm();
    await first.kill('SIGCONT');
    await until('the frozen one has ended', async () => first.ended());
    expect(first.exitCode()).toBe(1);
    expect(proxies[0]?.writes).toEqual([]);

    await until('what was not lost is as it was', async () => isReady(await statusOf('returns'), 'back'));
    expect(await podUid('returns')).toBe(stays);
    expect((await statusOf('returns'))?.lastRecovery).toBeUndefined();
    expect(await removals(since)).toEqual({ goes: 1 });
    expect(await claimUids()).toEqual(claims);
    expect(world.monitor.violations).toEqual([]);
    await last.kill('SIGTERM');
  },
  TIMEOUT_MILLIS,
);

test(
  'an operator that is killed before and after each write of a recovery ends it once',
  async () => {
    const { proxy, kubeconfigPath } = await world.operatorAccess();
    // Each app that stands still keeps a worker.
    operator = new FaultOperator(world.cluster, kubeconfigPath, ['--concurrency=64']);
    const cases = Array.from({ length: MOST_WRITES }, (_, index) => index + 1).flatMap((at) =>
      FAULTS.map((fault) => ({ at, fault, namespace: `${fault.toLowerCase()}-${at}` })),
    );
    const namespaces = cases.map(({ namespace }) => namespace);
    await operator.ensure();
    await createOn('lost', namespaces);
    const [claims, since] = [await claimUids(), await auditPosition(world.cluster.auditLogPath ?? '')];
    const before = await Promise.all(namespaces.map(podUid));
    const stops = cases.map(({ at, fault, namespace }) => ({
      namespace,
      stopped: proxy.stopAt(`/namespaces/${namespace}/`, at, fault),
    }));
    // Somebody's word, so that whoever is started anew need not wait for silence.
    await nodes.crash('lost');
    await world.cluster.kubectl(['taint', 'nodes', 'lost', 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute']);
    for (const { namespace, stopped } of stops) {
      const isThere = async (): Promise<boolean> => stopped.hit !== undefined || hasMoved(namespace, 'lost');
      await until(`${namespace}: stands still, or had fewer writes`, isThere);
    }
    await operator.kill();
    proxy.letGo();
    await operator.ensure();
    for (const namespace of namespaces) await until(`${namespace}: has moved`, () => hasMoved(namespace, 'lost'));
    const hits = stops.flatMap(({ namespace, stopped: { hit } }) =>
      hit === undefined
        ? []
        : `${namespace}: ${hit.method} ${hit.path.split('?')[0]?.replace(`/${namespace}/`, '/NS/')}`,
    );
    process.stderr.write(`recovery: a death at ${hits.length} writes\n  ${hits.toSorted().join('\n  ')}\n`);

    expect(hits.length).toBeGreaterThanOrEqual(2 * LEAST_WRITES);
    const after = await Promise.all(namespaces.map(podUid));
    expect(after.filter((uid) => before.includes(uid))).toEqual([]);
    const counts = Object.values(await removals(since));
    expect(Math.max(0, ...counts)).toBeLessThanOrEqual(1);
    expect(await claimUids()).toEqual(claims);
    expect(world.monitor.violations).toEqual([]);
  },
  TIMEOUT_MILLIS,
);

async function settled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), sleep(10, false)]);
}
