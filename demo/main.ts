// `npm run demo`: a cluster, Proffer, and a story: a persistent app that loses a pod, or teams that share what there is.
import { connect } from '../src/kube/client.ts';
import { selectCluster } from '../test/cluster/select-cluster.ts';
import type { ClusterOptions, TestCluster } from '../test/cluster/test-cluster.ts';
import { auditPosition, writesSince } from '../test/support/audit-writes.ts';
import { playEtcd, type EtcdSummary } from './etcd-scenario.ts';
import { RELEASE_NAMESPACE, installProffer } from './install-proffer.ts';
import { TOLERANCE, playOffers } from './offers/offers-scenario.ts';
import { DEMO_USAGE, parseDemoOptions, type DemoOptions, type Scenario } from './options.ts';
import { startProfferProcesses } from './proffer-processes.ts';
import { createScreen, type Screen } from './screen.ts';

/** What a story leaves: one summary for programs, and whether all went as told. */
interface Told {
  readonly summary: object;
  readonly ok: boolean;
  /** Ends what runs beside the cluster; absent: Proffer runs in it. */
  readonly stop?: () => Promise<void>;
}

async function playEtcdStory(options: DemoOptions, cluster: TestCluster, screen: Screen): Promise<Told> {
  screen.say(`helm install proffer charts/proffer --namespace ${RELEASE_NAMESPACE}`);
  await installProffer(cluster, {}, options.set);
  screen.say('Proffer is installed: operator and scheduler are ready');
  const client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-demo' });
  try {
    const etcd = await playEtcd(cluster, client, cluster.flavour === 'embedded' ? 'array' : options.pool, screen);
    const { restSeconds } = options;
    // Writes of Proffer that the API server saw while nothing happened; null where there is no audit log to read.
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

async function watchRest(cluster: TestCluster, restSeconds: number, screen: Screen): Promise<number | null> {
  if (cluster.auditLogPath === undefined) {
    screen.say('writes at rest: not measured, this cluster gives no audit log');
    return null;
  }
  await new Promise((resolve) => setTimeout(resolve, 3000)); // the last transition's status and events are not rest
  const position = await auditPosition(cluster.auditLogPath);
  await new Promise((resolve) => setTimeout(resolve, restSeconds * 1000));
  const writes = await writesSince(cluster.auditLogPath, position, `system:serviceaccount:${RELEASE_NAMESPACE}:`);
  screen.say(`at rest: ${writes.length} writes of Proffer in ${restSeconds} s, by the API server's audit log`);
  for (const write of writes) screen.say(`  ${write.verb} ${write.resource} ${write.key} by ${write.user}`);
  return writes.length;
}

interface Story {
  readonly needs: ClusterOptions;
  readonly play: (options: DemoOptions, cluster: TestCluster, screen: Screen) => Promise<Told>;
}

const STORIES: Readonly<Record<Scenario, Story>> = {
  etcd: { needs: { realNodes: 3, array: true, fakeNodes: false }, play: playEtcdStory },
  offers: { needs: {}, play: playOffersStory },
};

async function run(options: DemoOptions): Promise<number> {
  const startedAt = performance.now();
  const screen = createScreen(options.json ? process.stderr : process.stdout, startedAt);
  const { needs, play } = STORIES[options.scenario];
  const cluster = await selectCluster(options.cluster, { ...needs, onProgress: (line) => screen.say(line) });
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
