// A leader that stands still (a paused machine, a long garbage collection) and comes back does not know that time has passed. While it was
// away another one leads; it must write nothing more, though it was stopped in the middle of its work, and end.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LEASE, pathOf } from '../../src/kube/resource-type.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { faultApp, hasReadyMembers } from '../support/fault-app.ts';
import { startFaultCluster, type FaultCluster, type OperatorAccess } from '../support/fault-cluster.ts';
import { NAMESPACE } from '../support/install-product.ts';
import { startProgram, type Program } from '../support/program.ts';

const TIMEOUT_MILLIS = 180_000;
const REPLICAS = 3;
/** Long enough for slow machines, short enough to wait for its end. */
const LEASE_TIMES = ['--lease-seconds=6', '--renew-seconds=4', '--retry-seconds=0.5'];

let world: FaultCluster;
const programs: Program[] = [];

beforeAll(async () => {
  world = await startFaultCluster();
}, TIMEOUT_MILLIS);

afterAll(async () => {
  for (const program of programs) await program.kill('SIGKILL');
  await world?.close();
}, 60_000);

function startOperator(identity: string, { kubeconfigPath }: OperatorAccess): Program {
  const where = [`--kubeconfig=${kubeconfigPath}`, `--namespace=${NAMESPACE}`, '--http-port=off'];
  const program = startProgram(['operator', ...where, `--identity=${identity}`, ...LEASE_TIMES]);
  programs.push(program);
  return program;
}

async function untilSays(program: Program, words: string): Promise<void> {
  await waitUntil(`an operator says ${words}`, async () => program.output().includes(words), { timeoutSeconds: 90 });
}

interface Lease {
  readonly spec: { readonly holderIdentity: string; readonly leaseTransitions: number };
}

async function lease(): Promise<Lease['spec']> {
  const path = pathOf(LEASE, NAMESPACE, 'proffer-operator');
  const { holderIdentity, leaseTransitions } = (await world.client.request<Lease>({ method: 'GET', path })).spec;
  return { holderIdentity, leaseTransitions };
}

async function create(namespace: string): Promise<void> {
  await world.cluster.kubectl(['create', 'namespace', namespace]);
  await world.cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(faultApp(namespace, REPLICAS)) });
}

async function untilReady(namespace: string): Promise<void> {
  const isReady = (): Promise<boolean> => hasReadyMembers(world.client, namespace, REPLICAS);
  await waitUntil(`${namespace}: all members ready`, isReady, { timeoutSeconds: 60 });
}

test(
  'a leader that was frozen in the middle of its work writes nothing after its lease is gone, and ends',
  async () => {
    const [firstAccess, secondAccess] = [await world.operatorAccess(), await world.operatorAccess()];
    const first = startOperator('first', firstAccess);
    await untilSays(first, '"msg":"leading"');
    const second = startOperator('second', secondAccess);
    await untilSays(second, 'caches are synced');
    expect(secondAccess.proxy.writes).toEqual([]);

    // The third write of an app's birth never arrives, and whoever sent it stands still from there on.
    const frozen = new Promise<void>((resolve) => {
      firstAccess.proxy.arm(3, 'killBefore', () => {
        void first.kill('SIGSTOP').then(resolve);
      });
    });
    await create('begun');
    await frozen;
    const before = await lease();
    expect(before.holderIdentity).toBe('first');

    await untilSays(second, '"msg":"leading"');
    await untilReady('begun');
    const after = { holderIdentity: 'second', leaseTransitions: before.leaseTransitions + 1 };
    expect(await lease()).toEqual(after);
    // More for the frozen one to see when it comes back: what it knows of this app will be older than what is there.
    await create('meanwhile');
    await untilReady('meanwhile');

    firstAccess.proxy.disarm();
    await first.kill('SIGCONT');
    await waitUntil('the frozen leader has ended', async () => first.ended(), { timeoutSeconds: 15 });
    expect(first.exitCode()).toBe(1);
    expect(first.output()).toContain('lost the leader lease');
    expect(firstAccess.proxy.writes).toEqual([]);
    expect(await lease()).toEqual(after);
    expect(world.monitor.violations).toEqual([]);
  },
  TIMEOUT_MILLIS,
);
