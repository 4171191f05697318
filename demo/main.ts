// `npm run demo`: a cluster, Proffer, and a story: a persistent app that loses a pod, teams that share what there is, volumes, or a disaster.
import { connect } from '../src/kube/client.ts';
import { selectCluster } from '../test/cluster/select-cluster.ts';
import type { TestCluster } from '../test/cluster/test-cluster.ts';
import { disasterStory } from './disasters/disaster-story.ts';
import { playEtcd, type EtcdSummary } from './etcd-scenario.ts';
import { RELEASE_NAMESPACE, installProffer } from './install-proffer.ts';
import { TOLERANCE, playOffers } from './offers/offers-scenario.ts';
import { DEMO_USAGE, parseDemoOptions, type DemoOptions, type Scenario } from './options.ts';
import { startProfferProcesses } from './proffer-processes.ts';
import { createScreen, type Screen } from './screen.ts';
import { storageStory } from './storage/storage-story.ts';
import type { Story, Told } from './story.ts';
import { watchRest } from './watch-rest.ts';

async function playEtcdStory(options: DemoOptions, cluster: TestCluster, screen: Screen): Promise<Told> {
  screen.say(`helm install proffer charts/proffer --namespace ${RELEASE_NAMESPACE}`);
  await installProffer(cluster, {}, options.set);
  screen.say('Proffer is installed: operator and scheduler are ready');
  const client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-demo' });
  try {
    const etcd = await playEtcd(cluster, client, cluster.flavour === 'embedded' ? 'array' : options.pool, screen);
    const { restSeconds } = options;
    const writesAtRest = await watchRest(cluster, restSeconds, screen);
    return { summary: { ...etcd, writesAtRest, restSeconds }, ok: isBack(etcd) && (writesAtRest ?? 0) === 0 };
  } finally {
    client.close();
  }
}

function isBack(summary: EtcdSummary): boolean {
  return (
    summary.ready === summary.members &&
    summary.slotKept &&
    summary.sameClaim &&
    summary.recordsReadBack === summary.recordsWritten
  );
}

async function playOffersStory(_options: DemoOptions, cluster: TestCluster, screen: Screen): Promise<Told> {
  screen.say('Proffer runs beside the cluster: fake nodes run no containers');
  const proffer = await startProfferProcesses(cluster);
  try {
    const summary = await playOffers(cluster, screen);
    const isFair = summary.frameworks.every(({ share, fairShare }) => Math.abs(share - fairShare) <= TOLERANCE);
    const { gang } = summary;
    return { summary, ok: isFair && gang.explained && gang.ready === gang.members, stop: () => proffer.stop() };
  } catch (error) {
    await proffer.stop();
    throw error;
  }
}

const STORIES: Readonly<Record<Scenario, Story>> = {
  etcd: { needs: async () => ({ realNodes: 3, array: true, fakeNodes: false }), play: playEtcdStory },
  offers: { needs: async () => ({}), play: playOffersStory },
  storage: storageStory,
};

function storyOf({ scenario, disaster }: DemoOptions): Story {
  return disaster === undefined ? STORIES[scenario] : disasterStory(disaster);
}

async function run(options: DemoOptions): Promise<number> {
  const startedAt = performance.now();
  const screen = createScreen(options.json ? process.stderr : process.stdout, startedAt);
  const { needs, play } = storyOf(options);
  const onProgress = (line: string): void => screen.say(line);
  const cluster = await selectCluster(options.cluster, { ...(await needs(onProgress)), onProgress });
  let keep = false;
  try {
    const { summary, ok, stop } = await play(options, cluster, screen);
    screen.say(ok ? 'Done: everything is as it should be.' : 'Something is not as it should be: see the summary.');
    if (!options.once) invite(cluster, screen);
    const totalSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
    if (options.json) console.log(JSON.stringify({ ...summary, totalSeconds }));
    if (!options.once && stop !== undefined) await untilInterrupted(screen);
    await stop?.();
    keep = !options.once && stop === undefined;
    return ok ? 0 : 1;
  } finally {
    if (keep) cluster.leaveRunning();
    else await cluster.down();
  }
}

function invite(cluster: TestCluster, screen: Screen): void {
  const commands = [`export KUBECONFIG=${cluster.kubeconfigPath}`, 'kubectl get papp,rsv,frameworks,pods,pvc -A'];
  screen.say(`To play with the cluster:\n\n${commands.map((command) => `  ${command}`).join('\n')}\n`);
  screen.say('To remove it: npm run cluster -- down');
}

/** What runs beside the cluster ends with this command, so it stays until a person ends it. */
async function untilInterrupted(screen: Screen): Promise<void> {
  screen.say('Proffer runs as long as this command does: Ctrl-C ends it and removes the cluster');
  const interrupted = Promise.withResolvers<void>();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.resolve());
  await interrupted.promise;
}

async function main(): Promise<number> {
  let options: DemoOptions;
  try {
    options = parseDemoOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${DEMO_USAGE}`);
    return 2;
  }
  try {
    return await run(options);
  } catch (error) {
    console.error(`The demo stopped: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

process.exit(await main());
