// npm run cluster -- up|down|status: a cluster to play with, as the tests and the demo have it.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { addressesOf, indexFromEnvironment } from './addresses.ts';
import { whyNoRealNodes } from './debian-packages.ts';
import { leftovers, takeDown } from './down.ts';
import { deleteKindCluster } from './kind.ts';
import { ownerOf } from './owner.ts';
import { flavourOf, selectCluster } from './select-cluster.ts';
import { clusterStatus } from './status.ts';

const USAGE = `npm run cluster -- up|down|status [options]

  up       starts a cluster and leaves it running; prints how to reach it
  down     stops it and removes all that it put on this machine
  status   tells what runs

  --cluster=embedded|kind   default embedded (also from PROFFER_CLUSTER)
  --index=0..29             clusters of different index live side by side; default PROFFER_CLUSTER_INDEX, or 0
  --real-nodes=0..9         nodes that run containers; default 3 as root on Linux, else 0
  --fake-nodes=N            nodes that only seem to; default 0
  --array, --no-array       the test CSI driver with its sidecars; default with real nodes`;

interface Arguments {
  readonly command: 'up' | 'down' | 'status';
  readonly flavour: ReturnType<typeof flavourOf>;
  readonly index: number;
  readonly realNodes: number;
  readonly fakeNodes: number;
  readonly array: boolean;
}

function parse(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    allowNegative: true,
    options: {
      cluster: { type: 'string' },
      index: { type: 'string' },
      'real-nodes': { type: 'string' },
      'fake-nodes': { type: 'string', default: '0' },
      array: { type: 'boolean' },
    },
  });
  const [command, ...more] = positionals;
  if ((command !== 'up' && command !== 'down' && command !== 'status') || more.length > 0)
    throw new Error('Say one of up, down, status.');
  const realNodes = wholeNumber('real-nodes', values['real-nodes'] ?? (whyNoRealNodes() === undefined ? '3' : '0'));
  return {
    command,
    flavour: flavourOf(values.cluster),
    index: values.index === undefined ? indexFromEnvironment() : wholeNumber('index', values.index),
    realNodes,
    fakeNodes: wholeNumber('fake-nodes', values['fake-nodes']),
    array: values.array ?? realNodes > 0,
  };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new Error(`--${option}=${text} is not a whole number`);
  return Number(text);
}

const started = performance.now();

function progress(line: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

async function up(options: Arguments): Promise<number> {
  const addresses = addressesOf(options.index);
  if (options.flavour === 'embedded') {
    if (ownerOf(addresses.stateDir)?.kind === 'person') {
      console.log((await clusterStatus(addresses)).lines.join('\n'));
      return 0;
    }
    cleanUpWhenInterrupted(options.index);
  }
  const cluster = await selectCluster(options.flavour, { ...options, fakeNodes: true, onProgress: progress });
  if (options.fakeNodes > 0) {
    progress(`Adding ${options.fakeNodes} fake nodes`);
    await cluster.addFakeNodes({ count: options.fakeNodes });
  }
  cluster.leaveRunning();
  console.log(`\nexport KUBECONFIG=${cluster.kubeconfigPath}`);
  if (cluster.binDir !== undefined) console.log(`export PATH=${cluster.binDir}:$PATH   # kubectl, helm`);
  return 0;
}

/** The removal runs in a child that this process waits for without doing anything else, so that nothing is started meanwhile. */
function cleanUpWhenInterrupted(index: number): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      console.error('\nInterrupted; removing what was started');
      spawnSync(process.execPath, [import.meta.filename, 'down', `--index=${index}`], { stdio: 'inherit' });
      process.exit(code);
    });
  }
}

async function down(options: Arguments): Promise<number> {
  if (options.flavour === 'kind') {
    await deleteKindCluster(options.index);
    return 0;
  }
  const addresses = addressesOf(options.index);
  if (leftovers(addresses).length === 0) {
    console.log(`Cluster ${options.index} is not up`);
    return 0;
  }
  await takeDown(addresses);
  console.log(`Cluster ${options.index} is down`);
  return 0;
}

async function status(options: Arguments): Promise<number> {
  const { up, lines } = await clusterStatus(addressesOf(options.index));
  console.log(lines.join('\n'));
  return up ? 0 : 1;
}

async function main(): Promise<number> {
  let options: Arguments;
  try {
    options = parse(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  try {
    return await { up, down, status }[options.command](options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

process.exit(await main());
