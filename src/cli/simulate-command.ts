import { addCopies } from '../core/explain/node-copies.ts';
import { type SimulatedApp, simulate } from '../core/explain/simulate.ts';
import { LoadedCluster } from '../core/view/load-objects.ts';
import { systemClock } from '../kube/clock.ts';
import {
  CLUSTER_FLAGS,
  type CommandHelp,
  NAMESPACE_FLAG,
  OUTPUT_FLAG,
  type ParsedLine,
  valueOf,
  wantsJson,
  wrong,
} from './command-line.ts';
import { namespaceFor, readLive } from './live-cluster.ts';
import { printText } from './print-text.ts';
import type { ReadCluster } from './read-cluster.ts';
import { type FileObject, readObjects } from './read-files.ts';
import { showSimulation, simulationJson } from './show-simulation.ts';
import { terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { withClusterIdentity } from './cluster-identity.ts';

export const SIMULATE_HELP: CommandHelp = {
  name: 'simulate',
  usage: 'simulate -f FILE [--from DUMP] [--nodes N --like NODE] [-n NAMESPACE] [-o json]',
  title: 'whether and where an app would fit, without writing anything',
  text: `Answers whether the PersistentApps of FILE would fit, and where their members would go, in the cluster of the kubeconfig or in
one that was dumped to a file. FILE may hold several documents: apps, Frameworks, StoragePools; they stand beside or in place of
what the cluster has. A dump is made by
  kubectl get nodes,pods,pv,pvc,sc,csinodes,csidrivers,csistoragecapacities,volumeattachments,namespaces,statefulsets,papp,rsv,frameworks,storagepools -A -o yaml
and needs no cluster to be read. With --nodes N --like NODE there are N nodes more, each as NODE would be if it were new.

Exit code: 0 all fit, 1 not all fit, 2 bad usage, bad input or a cluster that cannot be read.`,
  flags: [
    {
      name: 'filename',
      short: 'f',
      value: 'FILE',
      many: true,
      help: 'a file with the apps, - for standard input; may be given several times',
    },
    {
      name: 'from',
      value: 'DUMP',
      many: true,
      help: 'a file of objects that is the cluster; may be given several times',
    },
    { name: 'nodes', value: 'N', help: 'so many nodes more; needs --like' },
    { name: 'like', value: 'NODE', help: 'the node that they are like' },
    NAMESPACE_FLAG,
    OUTPUT_FLAG,
    ...CLUSTER_FLAGS,
  ],
  positionals: [],
};

/** More is a mistyped number. */
const MOST_NODES = 10_000;

/** Answers the exit code. */
export async function runSimulate(line: ParsedLine): Promise<number> {
  const json = wantsJson(SIMULATE_HELP, line);
  const files = line.values.get('filename') ?? [];
  if (files.length === 0) throw wrong(SIMULATE_HELP, 'it needs -f FILE: which app?');
  const more = nodesToAdd(line);
  const wanted = files.flatMap(readObjects);
  const dumps = line.values.get('from') ?? [];
  const namespace = dumps.length > 0 ? (valueOf(line, 'namespace') ?? 'default') : namespaceFor(line);
  const { cluster, notKnown } = dumps.length > 0 ? fromDumps(dumps) : await readLive(line, namespace);
  const keys = addWanted(cluster, wanted, { namespace, files });
  const added = more === undefined ? [] : copies(cluster, more);
  const apps = simulate(cluster, keys, systemClock.epochSeconds());
  const shown = { apps, nodes: cluster.view.nodeCount, added, notKnown };
  const terminal = terminalOf(process.stdout, process.env);
  await printText(json ? `${JSON.stringify(simulationJson(shown), null, 2)}\n` : showSimulation(shown, terminal));
  return apps.every(({ fits }: SimulatedApp) => fits) ? 0 : 1;
}

interface MoreNodes {
  readonly count: number;
  readonly like: string;
}

function nodesToAdd(line: ParsedLine): MoreNodes | undefined {
  const [nodes, like] = [valueOf(line, 'nodes'), valueOf(line, 'like')];
  if (nodes === undefined && like === undefined) return undefined;
  if (nodes === undefined || like === undefined) {
    throw wrong(
      SIMULATE_HELP,
      `--${nodes === undefined ? 'like' : 'nodes'} needs --${nodes === undefined ? 'nodes N' : 'like NODE'} beside it`,
    );
  }
  const count = Number(nodes);
  if (!Number.isInteger(count) || count < 1 || count > MOST_NODES) {
    throw wrong(SIMULATE_HELP, `--nodes is "${nodes}": it must be a whole number from 1 to ${MOST_NODES}`);
  }
  return { count, like };
}

function copies(cluster: LoadedCluster, { count, like }: MoreNodes): readonly string[] {
  try {
    return addCopies(cluster, like, count).names;
  } catch (error) {
    throw new UsageError(`simulate: --like ${like}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function fromDumps(paths: readonly string[]): ReadCluster {
  const cluster = new LoadedCluster();
  for (const { object, where } of paths.flatMap(readObjects)) add(cluster, object, where);
  if (cluster.view.nodeCount === 0) {
    throw new UsageError(
      `simulate: ${paths.join(', ')} ${paths.length === 1 ? 'has' : 'have'} no Node: dump it with kubectl get nodes,pods,… -A -o yaml`,
    );
  }
  const missing = EXPECTED.filter(({ kind }) => !cluster.counts.has(kind));
  return { cluster, notKnown: missing.map(({ kind, without }) => `the dump has no ${kind}: ${without}`) };
}

/** Kinds that nearly every cluster has, and without which the answer is worth less. */
const EXPECTED = [
  { kind: 'Pod', without: 'every node counts as empty' },
  { kind: 'Namespace', without: 'a Framework with a namespaceSelector may refuse what it would allow' },
] as const;

/** The objects of the files beside or in place of the cluster's; answers the keys of the apps. */
function addWanted(
  cluster: LoadedCluster,
  wanted: readonly FileObject[],
  { namespace, files }: { readonly namespace: string; readonly files: readonly string[] },
): readonly string[] {
  const keys = wanted.flatMap(({ object, where }) => {
    const named = withClusterIdentity(object, cluster, namespace);
    add(cluster, named.object, where);
    return object['kind'] === 'PersistentApp' ? [named.key] : [];
  });
  if (keys.length > 0) return [...new Set(keys)];
  throw new UsageError(
    `simulate: ${files.join(', ')} ${files.length === 1 ? 'has' : 'have'} no PersistentApp: name a file with one`,
  );
}

function add(cluster: LoadedCluster, object: unknown, where: string): void {
  try {
    cluster.add(object);
  } catch (error) {
    throw new UsageError(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
