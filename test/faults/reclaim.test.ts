// The operator is killed while it lets a member go for somebody's guarantee: before, between and after the two writes that are it. Whoever
// leads next ends it; one member goes, not two, and nothing is promised twice on the way.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { waitUntil } from '../cluster/wait-until.ts';
import { startFaultCluster, type FaultCluster, type OperatorAccess } from '../support/fault-cluster.ts';
import { NAMESPACE } from '../support/install-product.ts';
import type { Fault } from '../support/killing-proxy.ts';
import { startProgram, type Program } from '../support/program.ts';

interface Live {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly slots?: readonly { readonly member: string; readonly state: string }[];
  };
  readonly status?: { readonly readyReplicas?: number };
}

/** Its own Lease it takes back at once, so that a long one costs nothing. */
const LEASE = ['--lease-seconds=15', '--renew-seconds=10', '--retry-seconds=0.5'];
const LENT = 5;

let world: FaultCluster;
let access: OperatorAccess;
let operator: Program | undefined;

beforeAll(async () => {
  world = await startFaultCluster(4, { volumes: false });
  access = await world.operatorAccess();
  await apply(
    own('Framework', 'owner', undefined, { guarantee: { cpu: '4', memory: '1Gi' } }),
    own('Framework', 'guest', undefined, { revocable: true }),
  );
}, 1_200_000);

afterEach(async () => {
  access.proxy.disarm();
  await world.cluster.kubectl([
    'delete',
    'papp',
    '--all',
    '-A',
    '--wait=true',
    '--cascade=foreground',
    '--timeout=60s',
  ]);
  await operator?.kill('SIGKILL');
});

afterAll(async () => {
  await operator?.kill('SIGKILL');
  await world?.close();
}, 120_000);

function own(kind: string, name: string, namespace: string | undefined, spec: object): object {
  return { apiVersion: 'proffer.dev/v1alpha1', kind, metadata: { name, namespace }, spec };
}

/** Members of 3 CPU, of which a node of 4 holds one. */
function app(namespace: string, name: string, framework: string, replicas: number): object {
  const containers = [
    { name: 'main', image: 'localhost/busybox:1', resources: { requests: { cpu: '3', memory: '64Mi' } } },
  ];
  const template = { spec: { terminationGracePeriodSeconds: 1, containers } };
  return own('PersistentApp', name, namespace, { framework, replicas, template });
}

function startOperator(): void {
  const where = [`--kubeconfig=${access.kubeconfigPath}`, `--namespace=${NAMESPACE}`, '--http-port=off'];
  operator = startProgram(['operator', ...where, '--identity=reclaim', ...LEASE]);
}

async function apply(...objects: readonly object[]): Promise<void> {
  for (const object of objects) {
    const input = JSON.stringify(object);
    await world.cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  }
}

async function list(namespace: string, kind: string): Promise<readonly Live[]> {
  const found = await world.cluster.kubectl(['get', kind, '-n', namespace, '-o', 'json']);
  return (JSON.parse(found) as { items: readonly Live[] }).items;
}

async function until(what: string, ask: () => Promise<boolean>, timeoutSeconds = 120): Promise<void> {
  await waitUntil(what, ask, { timeoutSeconds, everyMilliseconds: 500 }).catch((error: unknown) => {
    throw new Error(`${String(error)}\nThe operator said last:\n${operator?.output().slice(-3000)}`, { cause: error });
  });
}

async function untilReady(namespace: string, name: string, members: number): Promise<void> {
  await until(`${members} members of ${name} are ready`, async () => {
    // As a Deployment would.
    if (operator?.ended() === true) startOperator();
    const found = (await list(namespace, 'papp')).find(({ metadata }) => metadata.name === name);
    return (found?.status?.readyReplicas ?? 0) === members;
  });
}

const slots = async (namespace: string) =>
  (await list(namespace, 'rsv')).flatMap(({ spec }) =>
    (spec.slots ?? []).map(({ member, state }) => `${member.split('-')[0]} ${state}`),
  );

const uids = async (namespace: string) =>
  (await list(namespace, 'pods')).filter(({ spec }) => spec.nodeName !== undefined).map(({ metadata }) => metadata.uid);

describe('one member goes for a guarantee', () => {
  test.each<[Fault, string, string]>([
    ['killBefore', '/reservations/lent', 'Claimed'],
    // Between them: the slot is given up, and is its member's again after a minute (given-up-slot.ts).
    ['killBefore', '/eviction', 'Moving'],
    ['killAfter', '/eviction', ''],
  ])(
    'though the operator dies: %s the write of %s',
    async (fault, write, left) => {
      const namespace = `${fault}${write.replaceAll('/', '-')}`.toLowerCase();
      startOperator();
      await world.cluster.kubectl(['create', 'namespace', namespace]);
      await apply(app(namespace, 'lent', 'guest', LENT));
      await untilReady(namespace, 'lent', LENT);
      await until('all slots are claimed', async () =>
        (await slots(namespace)).every((state) => state === 'lent Claimed'),
      );
      const before = await uids(namespace);
      access.proxy.countOnly(write);
      access.proxy.arm(1, fault, () => void operator?.kill('SIGKILL'));
      await apply(app(namespace, 'claims', 'owner', 1));
      await until('the operator is dead', async () => operator?.ended() === true);
      access.proxy.disarm();
      const states = await slots(namespace);
      expect(states.filter((state) => state === `lent ${left}`).length).toBeGreaterThanOrEqual(left === '' ? 0 : 1);

      await untilReady(namespace, 'claims', 1);
      await until('every slot has its pod', async () => {
        const now = await slots(namespace);
        return now.length === LENT && now.every((state) => state.endsWith(' Claimed'));
      });
      const after = await uids(namespace);
      expect(after).toHaveLength(LENT);
      expect(before.filter((uid) => after.includes(uid))).toHaveLength(LENT - 1);
      expect(world.monitor.violations).toEqual([]);
    },
    300_000,
  );
});
