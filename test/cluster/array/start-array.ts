import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../command.ts';
import { isRunning, logTail, startComponent, stopComponents } from '../component.ts';
import { untilEstablished } from '../established.ts';
import { waitUntil } from '../wait-until.ts';
import type { ArrayControl, ArrayNode } from './array-control.ts';
import { askControl } from './control-client.ts';
import { controlOf } from './control.ts';
import { arrayDir, controlSocket } from './driver-name.ts';
import type { ArrayConfig } from './main-array.ts';
import { csiDriver, snapshotClasses, storageClass } from './manifests.ts';
import { DEFAULT_POOLS, type PoolSpec, storageClassOf } from './pools.ts';
import { findArrayFile } from './protos.ts';
import { sidecars } from './sidecars.ts';
import { SNAPSHOT_CRDS } from './snapshot-crds.ts';

export type { ArrayControl } from './array-control.ts';
export { sweepArray } from './sweep.ts';

export interface ArrayOptions {
  /** The cluster's state folder; the array keeps its things in `array/`, its logs in `log/`, its processes in `pid/`. */
  readonly stateDir: string;
  readonly nodes: readonly ArrayNode[];
  /** Folder of the built programs; sidecars are taken from here, and the protocol files from its `share/` when they are there. */
  readonly binDir: string;
  readonly kubeconfigPath: string;
  /** Whether the real sidecars run, and CSIDriver and StorageClasses are applied. */
  readonly sidecars: boolean;
  /** Whether the snapshot sidecars run too, and their CRDs are applied. Default false. */
  readonly snapshots?: boolean;
  /** Default: DEFAULT_POOLS. */
  readonly pools?: readonly PoolSpec[];
  /** Answer NOT_FOUND for nodes the array was not told of, as the CSI specification wants; false lets fake nodes attach. Default false. */
  readonly strictNodes?: boolean;
  readonly log?: (line: string) => void;
}

const configPath = (stateDir: string): string => join(arrayDir(stateDir), 'config.json');

/** Starts the array; returns when it answers. What an earlier array kept in the same folder is still there, and its nodes are not. */
export async function startArray(options: ArrayOptions): Promise<ArrayControl> {
  const { stateDir, binDir, nodes } = options;
  const log = options.log ?? (() => {});
  const config: ArrayConfig = {
    stateDir,
    nodes,
    pools: options.pools ?? DEFAULT_POOLS,
    strictNodes: options.strictNodes ?? false,
    csiProto: await findArrayFile('csi', binDir, log),
    registrationProto: await findArrayFile('registration', binDir, log),
  };
  mkdirSync(arrayDir(stateDir), { recursive: true });
  rmSync(join(arrayDir(stateDir), 'nodes'), { recursive: true, force: true });
  writeFileSync(configPath(stateDir), JSON.stringify(config, undefined, 2));
  // The CSIDriver first: a kubelet that meets the driver looks for it once.
  if (options.sidecars) await applyObjects(options, config.pools, log);
  await startProcess(stateDir);
  if (options.sidecars) startSidecars(options, config.pools, log);
  return controlOf(stateDir, config, () => startProcess(stateDir));
}

/** The array that was started in this folder, perhaps by another process. Throws when there was none. */
export async function connectArray(stateDir: string): Promise<ArrayControl> {
  if (!existsSync(configPath(stateDir))) throw new Error(`no array was started in ${stateDir}`);
  const config = JSON.parse(readFileSync(configPath(stateDir), 'utf8')) as ArrayConfig;
  return controlOf(stateDir, config, () => startProcess(stateDir));
}

async function startProcess(stateDir: string): Promise<void> {
  // Two arrays on the same records would be two masters of the same disks.
  await stopComponents(stateDir, ['array']);
  rmSync(controlSocket(stateDir), { force: true });
  const args = [join(import.meta.dirname, 'main-array.ts'), configPath(stateDir)];
  startComponent(stateDir, { name: 'array', command: process.execPath, args });
  await waitUntil(
    'the start of the array',
    async () => {
      if (!isRunning(stateDir, 'array')) return 'ended';
      await askControl(controlSocket(stateDir), 'GET', '/faults');
      return 'answers';
    },
    { timeoutSeconds: 30, everyMilliseconds: 50 },
  ).then((state) => {
    if (state === 'ended') throw new Error(`the array ended at once; its log says:\n${logTail(stateDir, 'array')}`);
  });
}

async function applyObjects(
  options: ArrayOptions,
  pools: readonly PoolSpec[],
  log: (line: string) => void,
): Promise<void> {
  await apply(options, [csiDriver(), ...pools.map((pool, index) => storageClass(pool, index === 0))]);
  if (options.snapshots !== true) return;
  const names = Object.keys(SNAPSHOT_CRDS) as (keyof typeof SNAPSHOT_CRDS)[];
  const files = await Promise.all(names.map((name) => findArrayFile(name, options.binDir, log)));
  await kubectl(options, ['apply', '--server-side', ...files.flatMap((file) => ['-f', file])]);
  const kinds = files.map((file) => basename(file, '.yaml').split('_').toReversed().join('.'));
  await untilEstablished((args) => kubectl(options, args), kinds);
  await apply(options, snapshotClasses());
}

function startSidecars(options: ArrayOptions, pools: readonly PoolSpec[], log: (line: string) => void): void {
  const { stateDir, binDir, kubeconfigPath, snapshots = false } = options;
  for (const spec of sidecars({ stateDir, binDir, kubeconfigPath, snapshots })) startComponent(stateDir, spec);
  log(`The array and its sidecars run; storage classes: ${pools.map(storageClassOf).join(', ')}`);
}

async function apply(options: ArrayOptions, items: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(options, ['apply', '--server-side', '-f', '-'], list);
}

async function kubectl(
  { binDir, kubeconfigPath }: ArrayOptions,
  args: readonly string[],
  input?: string,
): Promise<string> {
  return run(
    join(binDir, 'kubectl'),
    [`--kubeconfig=${kubeconfigPath}`, ...args],
    input === undefined ? {} : { input },
  );
}
