// A node is lost with a member on it, once by a partition and once by a power cut: the member goes on elsewhere, from where it left off.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { addressesOf } from '../cluster/addresses.ts';
import { MAY_MOUNT } from '../cluster/array/test-array.ts';
import { doubleWriters } from '../cluster/array/writers.ts';
import { startCluster } from '../cluster/embedded.ts';
import { startProfferScheduler, type ProfferScheduler } from '../cluster/proffer-scheduler.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { NAMESPACE, installProduct } from '../support/install-product.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startSafetyMonitor, type SafetyMonitor } from '../support/safety-monitor.ts';
import { readRecords, startRecorder, type Recorder, type WrittenRecord } from './recorder.ts';

const MEMBER = 'recorder-0';

let cluster: TestCluster;
let client: KubeClient;
let recorder: Recorder;
let operator: Program;
let operatorKubeconfig: string;
let scheduler: ProfferScheduler;
let monitor: SafetyMonitor;

(MAY_MOUNT ? describe : describe.skip)('a member of a lost node (needs root: skipped for others)', () => {
  beforeAll(async () => {
    cluster = await startCluster({ realNodes: 3, fakeNodes: false, array: true, dns: false });
    await installProduct(cluster);
    client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-e2e' });
    recorder = await startRecorder(addressesOf(Number(process.env['PROFFER_CLUSTER_INDEX'] ?? 0)).bridgeIp);
    operatorKubeconfig = await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator');
    operator = startOperator();
    [scheduler, monitor] = await Promise.all([
      startProfferScheduler(cluster),
      startSafetyMonitor(cluster.kubeconfigPath),
    ]);
    await cluster.kubectl(['apply', '-f', '-'], { input: [POOL, appOf(recorder.script)].map(toText).join('\n---\n') });
    await untilReady('');
    await untilAcknowledged(10);
  }, 1_200_000);

  afterAll(async () => {
    await Promise.allSettled([monitor?.stop(), scheduler?.stop(), operator?.kill('SIGTERM'), recorder?.stop()]);
    client?.close();
    await cluster?.down();
  }, 120_000);

  test('after a partition it goes on elsewhere, and the healed node’s old pod writes nothing', async () => {
    const old = await nodeOfMember();
    const next = await lose(old, 'partition', () => cluster.partition(old));
    await checkRecords();
    await cluster.heal(old);
    await untilHeard(old);
    const written = await checkRecords();
    expect(lastOf(written, old)).toBeLessThan(firstOf(written, next));
  }, 120_000);

  test('after a power cut it goes on elsewhere, with all that was acknowledged', async () => {
    const old = await nodeOfMember();
    await lose(old, 'power cut', () => cluster.powerCut(old));
    await checkRecords();
  }, 120_000);

  test('the array saw one writer at a time', async () => {
    const spans = (await cluster.array?.writers()) ?? [];
    expect(new Set(spans.map((span) => span.node)).size).toBeGreaterThan(1);
    expect(doubleWriters(spans)).toEqual([]);
  });

  test('no claim and no volume was touched, and nothing was promised twice', () => {
    // The rule of one node a member is about pods that the API server knows to run: a removed one is not among them.
    expect(monitor.violations).toEqual([]);
  });
});

const POOL = {
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'StoragePool',
  metadata: { name: 'array' },
  spec: { storageClassName: 'array', fencing: 'AttachExclusive' },
};

function appOf(script: string): object {
  const container = {
    name: 'recorder',
    image: 'localhost/busybox:1',
    imagePullPolicy: 'Never',
    command: ['sh', '-c', script],
    resources: { requests: { cpu: '50m', memory: '32Mi' } },
  };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name: 'recorder', namespace: 'default' },
    spec: {
      replicas: 1,
      template: { spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '512Mi', pool: 'array' }],
    },
  };
}

const toText = (object: object): string => JSON.stringify(object);

async function appNow(): Promise<PersistentApp> {
  const path = '/apis/proffer.dev/v1alpha1/namespaces/default/persistentapps/recorder';
  return client.request<PersistentApp>({ method: 'GET', path });
}

async function nodeOfMember(): Promise<string> {
  return (await appNow()).status?.members.find((member) => member.name === MEMBER)?.node ?? '';
}

function startOperator(): Program {
  const where = ['--kubeconfig', operatorKubeconfig, '--namespace', NAMESPACE, '--http-port', '0', '--identity', 'one'];
  return startProgram(['operator', ...where]);
}

/** Waits until the member is Ready on another node than that one. */
async function untilReady(lost: string): Promise<string> {
  return waitUntil(
    `${MEMBER} ready elsewhere than on "${lost}"`,
    async () => {
      // One that lost its Lease, as on a machine that is too busy, ends; a kubelet would start it again.
      if (operator.ended()) operator = startOperator();
      const member = (await appNow()).status?.members.find((candidate) => candidate.name === MEMBER);
      return member?.state === 'Ready' && member.node !== lost && member.node;
    },
    { timeoutSeconds: 100, everyMilliseconds: 250 },
  ).catch(async (error: unknown) => {
    const status = JSON.stringify((await appNow()).status, undefined, 1);
    throw new Error(`${String(error)}\n${status}\nThe operator said last:\n${operator.output().slice(-4000)}`, {
      cause: error,
    });
  });
}

/** Loses the node, waits until its member is ready and writes elsewhere, and prints how long each phase took from the loss. */
async function lose(node: string, how: string, strike: () => Promise<void>): Promise<string> {
  const before = recorder.acknowledged.length;
  const lostAt = Date.now();
  await strike();
  const next = await untilReady(node);
  const seenReady = Date.now();
  const firstRecord = await waitUntil(
    'a record from the new node',
    async () => recorder.acknowledged.slice(before).find((record) => record.node === next)?.at ?? false,
    { timeoutSeconds: 20, everyMilliseconds: 100 },
  );
  const { lastRecovery } = (await appNow()).status ?? {};
  const seconds = (at: number | string | undefined): number =>
    Math.round((new Date(at ?? Number.NaN).getTime() - lostAt) / 100) / 10;
  const figures = {
    detectedSeconds: seconds(lastRecovery?.detectedAt),
    fencedSeconds: seconds(lastRecovery?.fencedAt),
    boundSeconds: seconds(lastRecovery?.boundAt),
    readySeconds: seconds(seenReady),
    firstRecordSeconds: seconds(firstRecord),
  };
  process.stderr.write(`${how} of ${node}, ${MEMBER} goes on on ${next}: ${JSON.stringify(figures)}\n`);
  expect(lastRecovery).toMatchObject({ member: MEMBER, evidence: expect.stringContaining('one node only') });
  return next;
}

async function untilAcknowledged(count: number): Promise<void> {
  const enough = async () => recorder.acknowledged.length >= count;
  await waitUntil(`${count} records acknowledged`, enough, { timeoutSeconds: 30 }).catch(async (error: unknown) => {
    const said = await cluster.kubectl(['logs', MEMBER]);
    throw new Error(`${String(error)}\n${MEMBER} said:\n${said}`, { cause: error });
  });
}

/** Every record once and in order, and every acknowledged one among them, written by the node that told of it. */
async function checkRecords(): Promise<readonly WrittenRecord[]> {
  const acknowledged = [...recorder.acknowledged];
  const written = readRecords(await cluster.kubectl(['exec', MEMBER, '--', 'cat', '/data/log']));
  expect(written.map((record) => record.number)).toEqual(written.map((_, index) => index + 1));
  const missing = acknowledged.filter(({ number, node }) => written[number - 1]?.node !== node);
  expect(missing).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(10);
  return written;
}

function lastOf(written: readonly WrittenRecord[], node: string): number {
  return written.findLast((record) => record.node === node)?.number ?? 0;
}

function firstOf(written: readonly WrittenRecord[], node: string): number {
  return written.find((record) => record.node === node)?.number ?? 0;
}

/** Waits until the node is well again and had the time to write, if it could. */
async function untilHeard(node: string): Promise<void> {
  const ready = `-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  await waitUntil(`${node} is ready`, async () => (await cluster.kubectl(['get', 'node', node, ready])) === 'True', {
    timeoutSeconds: 40,
    everyMilliseconds: 1000,
  });
  await new Promise((resolve) => setTimeout(resolve, 12_000));
}
