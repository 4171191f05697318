// The first story: a three-member etcd gets its slots and volumes, takes records, loses a pod, and goes on where it left off.
import { join } from 'node:path';
import type { KubeClient } from '../src/kube/client.ts';
import type { TestCluster } from '../test/cluster/test-cluster.ts';
import { waitUntil } from '../test/cluster/wait-until.ts';
import { openEtcd } from './etcd-client.ts';
import { kubectlPath } from './kubectl-path.ts';
import { observeApp, type ObservedApp, type ObservedMember } from './observed-app.ts';
import type { Screen } from './screen.ts';

export interface EtcdSummary {
  readonly members: number;
  readonly ready: number;
  /** From `kubectl apply` to all members Ready. */
  readonly readySeconds: number;
  /** Every member came back to the node of its slot. */
  readonly slotKept: boolean;
  /** The same claim and the same volume, by UID and name, before and after. */
  readonly sameClaim: boolean;
  /** From the deletion of the pod to its successor being Ready. */
  readonly returnSeconds: number;
  readonly recordsWritten: number;
  readonly recordsReadBack: number;
}

const NAMESPACE = 'default';
const APP = 'etcd';
const RECORDS = 50;
const VICTIM = `${APP}-1`;
const EXAMPLES = join(import.meta.dirname, '..', 'examples');

export async function playEtcd(
  cluster: TestCluster,
  client: KubeClient,
  pool: string,
  screen: Screen,
): Promise<EtcdSummary> {
  const applied = performance.now();
  screen.say(`kubectl apply -f examples/pools/${pool}.yaml -f examples/etcd.yaml`);
  await cluster.kubectl([
    'apply',
    '-n',
    NAMESPACE,
    '-f',
    join(EXAMPLES, 'pools', `${pool}.yaml`),
    '-f',
    join(EXAMPLES, 'etcd.yaml'),
  ]);
  const running = await untilReady(client, screen, 180, () => true);
  const readySeconds = secondsSince(applied);
  screen.say(
    `${running.members.length}/${running.members.length} members Ready ${readySeconds} s after apply, each on its own slot and volume`,
  );

  const written = await writeRecords(cluster, screen);
  const victim = memberOf(running, VICTIM);
  screen.say(`kubectl delete pod ${VICTIM}: its slot on ${victim.slotNode} is held for it`);
  const deleted = performance.now();
  await cluster.kubectl(['delete', 'pod', '-n', NAMESPACE, VICTIM, '--wait=false']);
  const after = await untilReady(client, screen, 120, (app) => memberOf(app, VICTIM).podUid !== victim.podUid);
  const returnSeconds = secondsSince(deleted);
  const back = memberOf(after, VICTIM);
  screen.say(`${VICTIM} is Ready again after ${returnSeconds} s: node ${back.podNode}, volume ${back.volume}`);

  const recordsReadBack = await readRecords(cluster, written, screen);
  return {
    members: after.members.length,
    ready: after.members.filter((member) => member.ready).length,
    readySeconds,
    slotKept: after.members.every(
      (member) => member.podNode === member.slotNode && member.slotNode === memberOf(running, member.name).slotNode,
    ),
    sameClaim: after.members.every((member) => sameVolume(member, memberOf(running, member.name))),
    returnSeconds,
    recordsWritten: written.size,
    recordsReadBack,
  };
}

function sameVolume(after: ObservedMember, before: ObservedMember): boolean {
  return (
    after.claimUid !== '' && after.claimUid === before.claimUid && after.volume !== '' && after.volume === before.volume
  );
}

function memberOf(app: ObservedApp, name: string): ObservedMember {
  const member = app.members.find((candidate) => candidate.name === name);
  if (member === undefined) throw new Error(`the app has no member ${name}`);
  return member;
}

const secondsSince = (start: number): number => Math.round((performance.now() - start) / 100) / 10;

async function untilReady(
  client: KubeClient,
  screen: Screen,
  timeoutSeconds: number,
  also: (app: ObservedApp) => boolean,
): Promise<ObservedApp> {
  const look = async (): Promise<ObservedApp | undefined> => {
    const seen = await observeApp(client, NAMESPACE, APP);
    screen.show(seen);
    return seen.members.length > 0 && seen.members.every((member) => member.ready) && also(seen) ? seen : undefined;
  };
  const app = await waitUntil('all members Ready', look, { timeoutSeconds, everyMilliseconds: 250 });
  screen.settle();
  return app;
}

async function writeRecords(cluster: TestCluster, screen: Screen): Promise<ReadonlyMap<string, string>> {
  const written = new Map<string, string>();
  const etcd = await openEtcd(await kubectlPath(cluster), cluster.kubeconfigPath, NAMESPACE, `${APP}-0`);
  try {
    const putFirst = async (): Promise<true> => {
      await etcd.put('record/0', 'value 0');
      return true;
    };
    await waitUntil('the first record being acknowledged', putFirst, { timeoutSeconds: 30 });
    written.set('record/0', 'value 0');
    for (let number = 1; number < RECORDS; number += 1) {
      await etcd.put(`record/${number}`, `value ${number}`);
      written.set(`record/${number}`, `value ${number}`);
    }
  } finally {
    etcd.close();
  }
  screen.say(`wrote ${written.size} records through ${APP}-0's client port; each was acknowledged`);
  return written;
}

/** Through the member that was gone: what it answers comes from its own volume and its peers' agreement. */
async function readRecords(
  cluster: TestCluster,
  written: ReadonlyMap<string, string>,
  screen: Screen,
): Promise<number> {
  const etcd = await openEtcd(await kubectlPath(cluster), cluster.kubeconfigPath, NAMESPACE, VICTIM);
  let found = 0;
  try {
    for (const [key, value] of written) {
      if ((await etcd.get(key)) === value) found += 1;
    }
  } finally {
    etcd.close();
  }
  screen.say(`read ${found} of ${written.size} records back through ${VICTIM}`);
  return found;
}
