// The second story: three teams share a cluster by weight and guarantee, and a gang that waits is told what would help it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import type { Screen } from '../screen.ts';
import { FAST_NODES, GANG, NAMESPACE, TEAMS, appsOf, frameworks, gang, namespace } from './teams.ts';

export interface OffersSummary {
  readonly frameworks: readonly { readonly name: string; readonly share: number; readonly fairShare: number }[];
  readonly gang: {
    readonly members: number;
    /** Whether `kubectl proffer explain` said why it waits. */
    readonly explained: boolean;
    readonly smallestChange: string;
    readonly ready: number;
  };
}

interface Item {
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const NODES = 20;
/** How far a share may be from the fair one: one app of four members is a twentieth of the cluster, so this is far less than one app. */
export const TOLERANCE = 0.01;

/** Needs a cluster without nodes on which Proffer runs. */
export async function playOffers(cluster: TestCluster, screen: Screen): Promise<OffersSummary> {
  await shareTheCluster(cluster, screen);
  const shares = await bankArrives(cluster, screen);
  return { frameworks: shares, gang: await gangWaits(cluster, screen) };
}

async function shareTheCluster(cluster: TestCluster, screen: Screen): Promise<void> {
  await apply(cluster, [namespace(), ...frameworks(), ...appsOf('web'), ...appsOf('search')]);
  screen.say(
    'web (weight 1) and search (weight 2) ask for 60 CPU each; bank is guaranteed 20 that it does not lend, and sleeps',
  );
  await until('all apps of web and search wait', 60, async () => {
    const waiting = (await list(cluster, 'frameworks')).reduce(
      (sum, { status }) => sum + Number(status?.['pending'] ?? 0),
      0,
    );
    return waiting === 30;
  });
  screen.say(`30 apps wait, there is no node. ${NODES} nodes of 4 CPU arrive: 80 CPU`);
  await cluster.addFakeNodes({ count: NODES, cpu: '4', memory: '16Gi' });
  await until('60 CPU are in use', 90, async () => (await readyApps(cluster)) === 15);
  await tell(cluster, screen);
}

async function bankArrives(cluster: TestCluster, screen: Screen): Promise<OffersSummary['frameworks']> {
  screen.say('20 CPU stayed free for bank, though others wait. Now bank wants them');
  const asked = performance.now();
  await apply(cluster, appsOf('bank'));
  await until('bank has what it is guaranteed', 60, async () => (await readyApps(cluster)) === 20);
  screen.say(
    `bank runs its 20 CPU ${((performance.now() - asked) / 1000).toFixed(1)} s later; nobody was moved for it`,
  );
  await until('shares are told', 30, async () =>
    (await sharesOf(cluster)).every(({ name, share }) => share > 0 || !isTeam(name)),
  );
  return tell(cluster, screen);
}

async function gangWaits(cluster: TestCluster, screen: Screen): Promise<OffersSummary['gang']> {
  await cluster.addFakeNodes({ ...FAST_NODES, count: GANG.members - 1, cpu: '4', memory: '16Gi' });
  await apply(cluster, [gang()]);
  screen.say(
    `search wants a gang of ${GANG.members}, each on a node with a fast disk of its own; there are ${GANG.members - 1}`,
  );
  await until('the gang waits', 60, async () => {
    const { status } = await get(cluster, 'papp', GANG.name);
    return ((status?.['offers'] ?? {}) as { pendingSince?: string }).pendingSince !== undefined;
  });
  screen.say(`kubectl proffer explain ${GANG.name} -n ${NAMESPACE}`);
  const text = await plugin(cluster, ['explain', GANG.name, '-n', NAMESPACE]);
  screen.say(`\n${text}`);
  const told = JSON.parse(await plugin(cluster, ['explain', GANG.name, '-n', NAMESPACE, '-o', 'json'])) as Explained;
  const smallestChange = told.refused?.smallestChange ?? '';
  screen.say(`the smallest change: ${smallestChange}. So be it`);
  await cluster.addFakeNodes({ ...FAST_NODES, count: 1, cpu: '4', memory: '16Gi' });
  await until('the gang runs', 60, async () => (await readyMembers(cluster)) === GANG.members);
  screen.say(`all ${GANG.members} members of ${GANG.name} run, and none ran before all could`);
  return {
    members: GANG.members,
    explained: text.includes(smallestChange) && smallestChange !== '',
    smallestChange,
    ready: await readyMembers(cluster),
  };
}

interface Explained {
  readonly refused?: { readonly smallestChange: string } | null;
}

const isTeam = (name: string): boolean => TEAMS.some((team) => team.name === name);

async function sharesOf(cluster: TestCluster): Promise<OffersSummary['frameworks']> {
  const found = (await list(cluster, 'frameworks')).filter(({ metadata }) => isTeam(metadata.name));
  return found.map(({ metadata, status }) => ({
    name: metadata.name,
    share: Number(status?.['share'] ?? 0),
    fairShare: Number(status?.['fairShare'] ?? 0),
  }));
}

/** Shares beside the computed fair ones, once the status has caught up. */
async function tell(cluster: TestCluster, screen: Screen): Promise<OffersSummary['frameworks']> {
  // Figures are told once a second.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const shares = await sharesOf(cluster);
  const rows = shares.map(
    ({ name, share, fairShare }) => `${name.padEnd(8)} ${percent(share)}   fair ${percent(fairShare)}`,
  );
  screen.say(`shares of the cluster:\n${rows.map((row) => `            ${row}`).join('\n')}`);
  return shares;
}

const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`;

async function apply(cluster: TestCluster, objects: readonly object[]): Promise<void> {
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input, timeoutSeconds: 120 });
}

async function list(cluster: TestCluster, kind: string): Promise<readonly Item[]> {
  const found = await cluster.kubectl(['get', kind, '-n', NAMESPACE, '-o', 'json']);
  return (JSON.parse(found) as { items: Item[] }).items;
}

async function get(cluster: TestCluster, kind: string, name: string): Promise<Item> {
  return JSON.parse(await cluster.kubectl(['get', kind, name, '-n', NAMESPACE, '-o', 'json'])) as Item;
}

async function readyApps(cluster: TestCluster): Promise<number> {
  const apps = await list(cluster, 'papp');
  return apps.filter(({ spec, status }) => status?.['readyReplicas'] === spec['replicas']).length;
}

async function readyMembers(cluster: TestCluster): Promise<number> {
  return Number((await get(cluster, 'papp', GANG.name)).status?.['readyReplicas'] ?? 0);
}

function until(what: string, timeoutSeconds: number, ask: () => Promise<boolean>): Promise<unknown> {
  return waitUntil(what, ask, { timeoutSeconds, everyMilliseconds: 500 });
}

const PLUGIN = join(import.meta.dirname, '..', '..', 'bin', 'kubectl-proffer');

/** What the kubectl plugin prints, as a person would call it. Throws with what it said when it cannot answer. */
async function plugin(cluster: TestCluster, args: readonly string[]): Promise<string> {
  const child = spawn(PLUGIN, args, {
    env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath, NO_COLOR: '1' },
    timeout: 60_000,
  });
  let said = '';
  let problem = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  // 1 says that it does not fit: an answer, too.
  if (code !== 0 && code !== 1) throw new Error(`kubectl proffer ${args.join(' ')}: ${problem || said}`);
  return said;
}
