// Volumes under running containers on real nodes: they grow because somebody asks, and because a disk is full, which is when nothing else
// works; and one is lost: its member is restarted in vain, and gets a new one by its app's policy. Meanwhile the others go on.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AppOperation } from '../../src/api/app-operation.ts';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { MAY_MOUNT } from '../cluster/array/test-array.ts';
import { doubleWriters } from '../cluster/array/writers.ts';
import { startCluster } from '../cluster/embedded.ts';
import { startProfferScheduler, type ProfferScheduler } from '../cluster/proffer-scheduler.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { NAMESPACE, installProduct } from '../support/install-product.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startSafetyMonitor, type SafetyMonitor } from '../support/safety-monitor.ts';
import { ASKED, ASKED_MOUNTS, FULL, LOG, POOL, askedVolumes, reader } from './volume-apps.ts';

const MEBIBYTE = 2 ** 20;
const BROKEN = 'log-1';
const OTHERS = ['log-0', 'log-2'];

let cluster: TestCluster;
let client: KubeClient;
let operator: Program;
let operatorKubeconfig: string;
let scheduler: ProfferScheduler;
let monitor: SafetyMonitor;
let grown: Promise<void>;
let rebuilt: Promise<void>;

(MAY_MOUNT ? describe : describe.skip)('volumes on real nodes (needs root: skipped for others)', () => {
  beforeAll(async () => {
    cluster = await startCluster({ realNodes: 3, fakeNodes: false, array: true, dns: false });
    await installProduct(cluster);
    client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-e2e' });
    operatorKubeconfig = await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator');
    operator = startOperator();
    [scheduler, monitor] = await Promise.all([
      startProfferScheduler(cluster),
      startSafetyMonitor(cluster.kubeconfigPath),
    ]);
    await apply(POOL, FULL, LOG, ASKED);
    for (const name of ['asked', 'log'])
      await until(`${name} is ready`, async () => (await appNow(name)).status?.readyReplicas === 3, 120);
    for (const member of [BROKEN, ...OTHERS])
      await until(`${member} has records`, async () => (await records(member)).length > 3);
    // Most of both is waiting: they go on side by side.
    grown = heard(grow());
    rebuilt = heard(loseDisk());
  }, 1_200_000);

  afterAll(async () => {
    await Promise.allSettled([monitor?.stop(), scheduler?.stop(), operator?.kill('SIGTERM')]);
    client?.close();
    await cluster?.down();
  }, 120_000);

  test('three of each of three members grow while their containers run on', () => grown, 240_000);

  test(
    'a member whose disk is lost is restarted first, then rebuilt on a new one, and nothing that was written is lost',
    () => rebuilt,
    300_000,
  );

  test('a full disk has grown by itself, although its app was not ready and could not write', async () => {
    await until(
      'a claim that has 400Mi',
      async () => (await claimsOf('full')).every(({ status }) => status.capacity?.['storage'] === '400Mi'),
      240,
    );
    await until('room to write', async () => (await podsOf('full'))[0]?.status.containerStatuses?.[0]?.ready === true);
    expect((await podsOf('full'))[0]?.status.containerStatuses?.[0]?.restartCount).toBe(0);
  }, 320_000);

  test('nobody may read more of nodes than their statistics', async () => {
    const account = `system:serviceaccount:${NAMESPACE}:proffer-volume-stats`;
    const may = async (...what: readonly string[]) => {
      const asked = cluster.kubectl(['auth', 'can-i', 'get', ...what, `--as=${account}`]);
      return (await asked.catch(() => 'no')).trim();
    };
    expect(await may('nodes', '--subresource=stats')).toBe('yes');
    expect(await may('nodes', '--subresource=proxy')).toBe('no');
    expect(await may('secrets')).toBe('no');
  });

  test('no claim was made smaller, and none was deleted but the one', () => {
    expect(monitor.violations).toEqual([]);
  });
});

/** What goes wrong before somebody awaits it is told then. */
function heard(story: Promise<void>): Promise<void> {
  story.catch(() => undefined);
  return story;
}

async function grow(): Promise<void> {
  const before = containers(await podsOf('asked'));
  await apply({ ...ASKED, spec: { ...(ASKED as { spec: object }).spec, volumeClaims: askedVolumes('400Mi') } });
  const seconds = await until('nine file systems of 400Mi', isGrown, 150);
  process.stderr.write(`${JSON.stringify({ growth: '3 x 3 volumes on real nodes', seconds })}\n`);
  for (const name of ASKED_MOUNTS) {
    expect(await fileSystemBytes('asked-0', `/${name}`)).toBeGreaterThan(330 * MEBIBYTE);
  }
  expect(containers(await podsOf('asked'))).toEqual(before);
}

async function loseDisk(): Promise<void> {
  const { array } = cluster;
  if (array === undefined) throw new Error('no array');
  const old = await claimOf(`data-${BROKEN}`);
  const before = await Promise.all(OTHERS.map((member) => claimOf(`data-${member}`)));
  const written = await records(BROKEN);
  const disk = await array.volumeOfClaim(`default/data-${BROKEN}`);
  // The one deletion that the policy asks for.
  monitor.allowDelete(old.metadata.uid);

  await array.inject({ kind: 'lost', volume: disk?.id ?? '' });
  const seen = await until(
    'status says that the volume failed',
    async () =>
      (await appNow('log')).status?.conditions.some(
        ({ type, reason }) => type === 'VolumesHealthy' && reason === 'VolumeFailed',
      ) === true,
  );
  const seconds = seen + (await until('it was rebuilt', isRebuilt, 150));
  process.stderr.write(`${JSON.stringify({ lostDiskOf: BROKEN, seenSeconds: seen, rebuiltSeconds: seconds })}\n`);

  expect((await operations()).map(({ spec }) => spec.type).toSorted()).toEqual(['Rebuild', 'Restart']);
  expect((await claimOf(`data-${BROKEN}`)).spec.volumeName).not.toBe(old.spec.volumeName);
  const after = await Promise.all(OTHERS.map((member) => claimOf(`data-${member}`)));
  expect(after.map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
  for (const member of OTHERS) {
    const now = await records(member);
    expect(now).toEqual(now.map((_, index) => index + 1));
  }
  await until('status lists the old claim', async () => (await retired()).length === 1);
  const keeper = await claimOf((await retired())[0]?.claim ?? '');
  expect(keeper.spec.volumeName).toBe(old.spec.volumeName);

  await array.heal('lost');
  await apply(reader(keeper.metadata.name));
  await until('the old volume is read', async () => (await podsOf('reader'))[0]?.status.phase === 'Succeeded');
  const kept = numbers(await cluster.kubectl(['logs', 'reader']));
  expect(kept.slice(0, written.length)).toEqual(written);
  expect(doubleWriters(await array.writers())).toEqual([]);
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly containerID: string;
      readonly restartCount: number;
      readonly ready: boolean;
    }[];
  };
}

interface Claim {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly volumeName?: string };
  readonly status: { readonly capacity?: Readonly<Record<string, string>> };
}

const APPS = '/apis/proffer.dev/v1alpha1/namespaces/default';
const CORE = '/api/v1/namespaces/default';

const get = <T>(path: string) => client.request<T>({ method: 'GET', path });
const appNow = (name: string) => get<PersistentApp>(`${APPS}/persistentapps/${name}`);
const claimOf = (name: string) => get<Claim>(`${CORE}/persistentvolumeclaims/${name}`);
const operations = async () => (await get<{ items: readonly AppOperation[] }>(`${APPS}/appoperations`)).items;
const podsOf = async (name: string) =>
  (await get<{ items: readonly Pod[] }>(`${CORE}/pods`)).items.filter(({ metadata }) => metadata.name.startsWith(name));
const claimsOf = async (name: string) =>
  (await get<{ items: readonly Claim[] }>(`${CORE}/persistentvolumeclaims`)).items.filter(({ metadata }) =>
    metadata.name.includes(`-${name}-`),
  );
const isGrown = async () => (await claimsOf('asked')).every(({ status }) => status.capacity?.['storage'] === '400Mi');
const isRebuilt = async () =>
  (await operations()).some(({ spec, status }) => spec.type === 'Rebuild' && status?.state === 'Complete');
const retired = async () => (await appNow('log')).status?.retiredClaims ?? [];
/** What never changes while nothing restarts. */
const containers = (pods: readonly Pod[]) =>
  pods.map(({ metadata, status }) => [metadata.uid, status.containerStatuses?.map(({ containerID }) => containerID)]);

async function apply(...objects: readonly object[]): Promise<void> {
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  await cluster.kubectl(['apply', '-f', '-'], { input });
}

async function records(member: string): Promise<readonly number[]> {
  return numbers(await cluster.kubectl(['exec', member, '--', 'cat', '/data/log']));
}

function numbers(text: string): readonly number[] {
  return text.trim().split('\n').map(Number);
}

/** Bytes that the file system of a mount has. */
async function fileSystemBytes(pod: string, path: string): Promise<number> {
  const answer = await cluster.kubectl(['exec', pod, '--', 'df', '-k', path]);
  return Number(answer.trim().split('\n').at(-1)?.split(/\s+/)[1] ?? 0) * 1024;
}

function startOperator(): Program {
  const where = ['--kubeconfig', operatorKubeconfig, '--namespace', NAMESPACE, '--http-port', '0', '--identity', 'one'];
  // The nodes' certificates are their own.
  return startProgram(['operator', ...where, '--volume-stats', 'insecure', '--volume-stats-seconds', '5']);
}

/** Answers after how many seconds it was so. */
async function until(what: string, ask: () => Promise<boolean>, timeoutSeconds = 60): Promise<number> {
  const started = performance.now();
  const again = async () => {
    // One that lost its Lease, as on a machine that is too busy, ends; a kubelet would start it again.
    if (operator.ended()) operator = startOperator();
    return ask();
  };
  await waitUntil(what, again, { timeoutSeconds, everyMilliseconds: 250 }).catch(async (error: unknown) => {
    const told = await cluster.kubectl(['get', 'papp,appoperations', '-o', 'yaml']).catch(String);
    const events = await cluster.kubectl(['get', 'events', '-A', '--sort-by=.lastTimestamp']).catch(String);
    throw new Error(
      `${String(error)}\n${told.slice(-6000)}\n${events.slice(-4000)}\nThe operator said last:\n${operator.output().slice(-3000)}`,
      { cause: error },
    );
  });
  return Math.round((performance.now() - started) / 100) / 10;
}
