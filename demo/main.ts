// `npm run demo`: a cluster, Proffer installed by Helm, and a persistent app that loses a pod and goes on where it left off.
import { connect } from '../src/kube/client.ts';
import { selectCluster } from '../test/cluster/select-cluster.ts';
import type { TestCluster } from '../test/cluster/test-cluster.ts';
import { auditPosition, writesSince } from '../test/support/audit-writes.ts';
import { playEtcd, type EtcdSummary } from './etcd-scenario.ts';
import { RELEASE_NAMESPACE, installProffer } from './install-proffer.ts';
import { DEMO_USAGE, parseDemoOptions, type DemoOptions } from './options.ts';
import { createScreen, type Screen } from './screen.ts';

interface Summary extends EtcdSummary {
  /** Writes of Proffer that the API server saw while nothing happened; null where there is no audit log to read. */
  readonly writesAtRest: number | null;
  readonly restSeconds: number;
  readonly totalSeconds: number;
}

async function play(options: DemoOptions, cluster: TestCluster, screen: Screen, startedAt: number): Promise<Summary> {
  screen.say(`helm install proffer charts/proffer --namespace ${RELEASE_NAMESPACE}`);
  await installProffer(cluster);
  screen.say('Proffer is installed: operator and scheduler are ready');
  const client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-demo' });
  try {
    const etcd = await playEtcd(cluster, client, cluster.flavour === 'embedded' ? 'array' : options.pool, screen);
    const writesAtRest = await watchRest(cluster, options.restSeconds, screen);
    return {
      ...etcd,
      writesAtRest,
      restSeconds: options.restSeconds,
      totalSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
    };
  } finally {
    client.close();
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

function succeeded(summary: Summary): boolean {
  return (
    summary.ready === summary.members &&
    summary.slotKept &&
    summary.sameClaim &&
    summary.recordsReadBack === summary.recordsWritten &&
    (summary.writesAtRest ?? 0) === 0
  );
}

async function run(options: DemoOptions): Promise<number> {
  const startedAt = performance.now();
  const screen = createScreen(options.json ? process.stderr : process.stdout, startedAt);
  const cluster = await selectCluster(options.cluster, {
    realNodes: 3,
    array: true,
    onProgress: (line) => screen.say(line),
  });
  let keep = false;
  try {
    const summary = await play(options, cluster, screen, startedAt);
    const ok = succeeded(summary);
    screen.say(ok ? 'Done: everything is where it was.' : 'Something is not as it should be: see the summary.');
    keep = !options.once;
    if (keep) {
      screen.say(
        `The cluster stays up. To play with it:\n\n  export KUBECONFIG=${cluster.kubeconfigPath}\n  kubectl get papp,rsv,pods,pvc\n`,
      );
      screen.say('To remove it: npm run cluster -- down');
    }
    if (options.json) console.log(JSON.stringify(summary));
    return ok ? 0 : 1;
  } finally {
    if (keep) cluster.leaveRunning();
    else await cluster.down();
  }
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
