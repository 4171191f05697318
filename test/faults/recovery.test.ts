// A node is lost, and whoever recovers its members is lost, too: killed before and after each write, frozen in the middle, or blind to the
// node's return. A zone is lost, and the chart says that its members move. There is one recovery of each member, with a record of it, no
// claim is lost, and whoever was replaced writes nothing more.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import { breakerProblem } from '../../src/core/recovery/circuit-breaker.ts';
import { pathOf } from '../../src/kube/resource-type.ts';
import { DEFAULT_POOLS } from '../cluster/array/pools.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { createAtHome, type HomedApp } from '../support/app-homes.ts';
import { auditPosition } from '../support/audit-writes.ts';
import { APP, APPS } from '../support/fault-app.ts';
import { startFaultCluster, type FaultCluster } from '../support/fault-cluster.ts';
import { FaultOperator } from '../support/fault-operator.ts';
import type { StoppedWrite } from '../support/killing-proxy.ts';
import { befall, freeLease, startReplica, type Replica } from '../support/operator-replicas.ts';
import { OWN_ZONE, OwnNodes } from '../support/own-nodes.ts';
import { attachmentsOf, removedPods, uidOfPod, uidsOfClaims } from '../support/recovery-witness.ts';

const TIMEOUT_MILLIS = 400_000;
/** Of any one wait, on a machine that has other things to do. */
const PATIENCE_SECONDS = 150;
const MEMBER = `${APP}-0`;

/** What the cloud says of a machine that is off: Kubernetes does nothing about it, so that all that comes of it is Proffer's. */
const OFF = 'node.cloudprovider.kubernetes.io/shutdown=:NoSchedule';

/** How many writes a recovery has in its namespace at most, up to Ready, as far as they are hit; and at least. */
const [MOST_WRITES, LEAST_WRITES] = [16, 10];
const FAULTS = ['killBefore', 'killAfter'] as const;

/**
 * Those that are hit at one of their writes, and those that are hit where they detach the volume. Before a write is after the one before it,
 * so only the first is hit before it is made, too.
 */
const HIT = [
  ...Array.from({ length: MOST_WRITES }, (_, at) => ({ fault: 'killAfter' as const, at: at + 1 })),
  { fault: 'killBefore' as const, at: 1 },
  ...FAULTS.map((fault) => ({ fault, at: undefined })),
].map((one) => ({ ...one, namespace: `${one.fault}-${one.at ?? 'detach'}`.toLowerCase() }));

/** `stays`: nobody may move it, and with it the node as a whole: each volume is detached by itself. */
const APPS_AT_HOME: readonly HomedApp[] = [
  ...HIT.map(({ namespace }) => ({ namespace, node: 'lost' })),
  { namespace: 'stays', node: 'lost' },
  { namespace: 'returns', node: 'back' },
  { namespace: 'goes', node: 'silent' },
  { namespace: 'waits', node: 'zonal', pool: 'zonal' },
];

let world: FaultCluster;
let nodes: OwnNodes;
let operator: FaultOperator | undefined;
const replicas: Replica[] = [];

beforeAll(async () => {
  const zonal = { name: 'zonal', scope: 'Zone', capacityBytes: 2 ** 40, storageClassName: 'zonal' } as const;
  world = await startFaultCluster(4, { pools: [...DEFAULT_POOLS, zonal] });
  const { array } = world.cluster;
  if (array === undefined) throw new Error('the cluster has no array');
  const spec = { storageClassName: 'zonal', fencing: 'AttachExclusive' };
  const pool = { apiVersion: APPS.apiVersion, kind: 'StoragePool', metadata: { name: 'zonal' }, spec };
  await world.cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(pool) });
  nodes = new OwnNodes(world.client, array);
  await Promise.all([nodes.add('lost', 'back'), nodes.addApart('silent', 'zonal')]);
}, 1_200_000);

afterAll(async () => {
  await Promise.all(replicas.map(({ program }) => program.kill('SIGKILL')));
  await operator?.kill();
  await nodes?.stop();
  await world?.close();
}, 120_000);

async function start(identity: string): Promise<void> {
  replicas.push(await startReplica(world, identity, ['--zone-loss=automatic']));
}

const knowAll = async () => replicas.every(({ program }) => program.output().includes('caches are synced'));

type Status = PersistentApp['status'];

async function statusOf(namespace: string): Promise<Status> {
  return (await world.client.request<PersistentApp>({ method: 'GET', path: pathOf(APPS, namespace, APP) })).status;
}

function isReady(status: Status, node: string): boolean {
  return status?.members[0]?.state === 'Ready' && status.members[0].node === node;
}

/** Elsewhere, and the status says how it came there. */
async function hasMoved(namespace: string, from: string): Promise<boolean> {
  const status = await statusOf(namespace);
  const [member] = status?.members ?? [];
  return member?.state === 'Ready' && member.node !== from && status?.lastRecovery?.readyAt !== undefined;
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  await waitUntil(what, ask, { timeoutSeconds: PATIENCE_SECONDS, everyMilliseconds: 200 }).catch(
    async (error: unknown) => {
      const each = '-o=jsonpath={range .items[*]}{.metadata.namespace} {.status.members} {.status.lastRecovery}; {end}';
      const apps = await world.cluster.kubectl(['get', 'papp', '-A', each]).catch(String);
      const said = replicas.map(({ program }) => program.output().slice(-2500));
      throw new Error(`${String(error)}\n${apps}\nThe operators said last:\n${said.join('\n—\n')}`, {
        cause: error,
      });
    },
  );
}

async function arrives<T>(what: string, promise: Promise<T>): Promise<T> {
  let isThere = false;
  void promise.then(() => (isThere = true));
  await until(what, async () => isThere);
  return promise;
}

const claimUids = () => uidsOfClaims(world.client);
const podUids = async () => ({ returns: await podUid('returns'), waits: await podUid('waits') });
const podUid = (namespace: string) => uidOfPod(world.client, namespace, MEMBER);
const removals = (since: number) => removedPods(world.cluster.auditLogPath ?? '', since);
const position = () => auditPosition(world.cluster.auditLogPath ?? '');
const isSaid = (words: string) => async (): Promise<boolean> =>
  replicas.some(({ program }) => program.output().includes(words));

/** A leader is told nothing of nodes any more, from its first write on for the app that lives on this one: at that moment the node is back. */
function blindLeader(node: string, namespace: string): Promise<Replica> {
  const { promise, resolve } = Promise.withResolvers<Replica>();
  for (const replica of replicas)
    replica.proxy.armFor(new RegExp(`/namespaces/${namespace}/reservations/`), 1, 'pass', () => {
      replica.proxy.watches.hold(/kube-node-lease|\/api\/v1\/nodes/);
      void nodes.heal(node).then(() => resolve(replica));
    });
  return promise;
}

/** Whoever leads is frozen in the middle of the recovery; the next one dies before it puts the taint, and the one after that after it. */
function befallLeaders(): Promise<Replica> {
  const { promise, resolve } = Promise.withResolvers<Replica>();
  befall(world, replicas, [
    { write: /DELETE .*\/namespaces\/goes\/pods\//, fault: 'killBefore', signal: 'SIGSTOP', onMet: resolve },
    { write: /PATCH .*\/nodes\/silent/, fault: 'killBefore', signal: 'SIGKILL', onMet: () => undefined },
    { write: /PATCH .*\/nodes\/silent/, fault: 'killAfter', signal: 'SIGKILL', onMet: () => undefined },
  ]);
  return promise;
}

test(
  'an operator that is killed after each write of a recovery, and before the first and the detach, ends it once',
  async () => {
    const { proxy, kubeconfigPath } = await world.operatorAccess();
    // Each app that stands still keeps a worker.
    operator = new FaultOperator(world.cluster, kubeconfigPath, [
      '--concurrency=64',
      '--lease-seconds=60',
      '--renew-seconds=50',
    ]);
    await operator.ensure();
    const areAtHome = async (): Promise<void> => {
      for (const { namespace, node } of APPS_AT_HOME)
        await until(`${namespace}: ready on ${node}`, async () => isReady(await statusOf(namespace), node));
    };
    await createAtHome(world.cluster, APPS_AT_HOME, areAtHome);
    const paused = JSON.stringify({ spec: { paused: true } });
    await world.cluster.kubectl(['patch', 'papp', APP, '-n', 'stays', '--type=merge', '-p', paused]);
    const namespaces = HIT.map(({ namespace }) => namespace);
    const [claims, since, attachments] = [await claimUids(), await position(), await attachmentsOf(world.client)];
    const before = await Promise.all([...namespaces, 'stays'].map(podUid));
    const stops = HIT.map(({ at, fault, namespace }): { namespace: string; stopped: StoppedWrite } => {
      const detach = new RegExp(`/volumeattachments/${attachments[namespace]}$`);
      const stopped = at === undefined ? proxy.stopAt(detach, 1, fault) : proxy.stopAt(`/${namespace}/`, at, fault);
      return { namespace, stopped };
    });
    await nodes.crash('lost');
    await world.cluster.kubectl(['taint', 'nodes', 'lost', OFF]);
    for (const { namespace, stopped } of stops) {
      const isThere = async (): Promise<boolean> => stopped.hit !== undefined || hasMoved(namespace, 'lost');
      await until(`${namespace}: stands still, or had fewer writes`, isThere);
    }
    // Not before: on a busy machine one of them would take the Lease.
    await Promise.all(['one', 'two', 'three'].map(start));
    await until('the others know all', knowAll);
    await operator.kill();
    proxy.letGo();
    await freeLease(world);
    for (const namespace of namespaces) await until(`${namespace}: has moved`, () => hasMoved(namespace, 'lost'));
    const hits = stops.flatMap(({ namespace, stopped: { hit } }) =>
      hit === undefined
        ? []
        : `${namespace}: ${hit.method} ${hit.path.split('?')[0]?.replace(`/${namespace}/`, '/NS/')}`,
    );
    process.stderr.write(`recovery: a death at ${hits.length} writes\n  ${hits.toSorted().join('\n  ')}\n`);

    expect(hits.length).toBeGreaterThanOrEqual(LEAST_WRITES);
    expect(hits.filter((hit) => hit.includes('-detach: DELETE'))).toHaveLength(FAULTS.length);
    const after = await Promise.all([...namespaces, 'stays'].map(podUid));
    expect(after.filter((uid) => before.includes(uid))).toEqual(before.slice(-1));
    expect(await removals(since)).toEqual(Object.fromEntries(namespaces.map((namespace) => [namespace, 1])));
    expect(await claimUids()).toEqual(claims);
    expect(world.monitor.violations).toEqual([]);
  },
  TIMEOUT_MILLIS,
);

test(
  'of a zone that is lost a member moves, and one whose volume is there waits; a leader that is frozen in the middle, or killed around the taint, is followed by another that ends the recovery; one that does not see a node’s return takes nothing from it',
  async () => {
    const [before, claims, since] = [await podUids(), await claimUids(), await position()];
    const { items } = await world.client.request<{ items: object[] }>({ method: 'GET', path: '/api/v1/nodes' });
    expect(breakerProblem({ dead: 2, nodes: items.length })).toBeDefined();
    const begun = blindLeader('back', 'returns');
    await nodes.crash('back');
    await world.cluster.kubectl(['taint', 'nodes', 'back', OFF]);
    const blind = await arrives('the recovery of one that is back soon has begun', begun);
    await world.cluster.kubectl(['taint', 'nodes', 'back', `${OFF}-`]);
    await until('the live read stops it', isSaid('has renewed its Lease meanwhile'));
    expect(await podUid('returns')).toBe(before.returns);
    blind.proxy.watches.release();

    const frozen = befallLeaders();
    nodes.silence('silent', 'zonal');
    const waiting = async () => (await statusOf('waits'))?.members[0]?.message ?? '';
    const told = `the member waits for the zone: all nodes of zone ${OWN_ZONE} are lost`;
    await until('one is told to wait', async () => (await waiting()).includes(told));
    const first = await arrives('a leader is frozen', frozen);
    await until('both others have died', async () => replicas.filter(({ program }) => program.ended()).length === 2);
    // Whoever is new knows nothing of any silence, and ends what was begun all the same.
    await start('last');
    await until('it has moved', () => hasMoved('goes', 'silent'));

    first.proxy.disarm();
    await first.program.kill('SIGCONT');
    await until('the frozen one has ended', async () => first.program.ended());
    expect(first.program.exitCode()).toBe(1);
    expect(first.proxy.writes).toEqual([]);

    await until('what was not lost is as it was', async () => isReady(await statusOf('returns'), 'back'));
    expect(await podUid('returns')).toBe(before.returns);
    expect((await statusOf('returns'))?.lastRecovery).toBeUndefined();
    expect(await podUid('waits')).toBe(before.waits);
    const { goes, returns, waits } = await removals(since);
    expect({ goes, returns, waits }).toEqual({ goes: 1 });
    expect(await claimUids()).toEqual(claims);
    expect(world.monitor.violations).toEqual([]);
  },
  TIMEOUT_MILLIS,
);
