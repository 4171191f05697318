import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedulerConfig } from '../../src/extender/scheduler-config.ts';
import { type Program, startCommand, startProgram } from '../support/program.ts';
import type { TestCluster } from './test-cluster.ts';
import { waitUntil } from './wait-until.ts';

export interface ProfferSchedulerOptions {
  /** Whose rights both programs have; default: the chart's service account when there is one, else the administrator's. */
  readonly kubeconfigPath?: string;
  /** Default `proffer-scheduler`. */
  readonly schedulerName?: string;
  /** Default true; false: the same kube-scheduler without its extender, to compare with. */
  readonly extender?: boolean;
  /** Default false: one process, started at once. */
  readonly leaderElect?: boolean;
}

/** Two programs compile themselves, and on a machine that is busy with others they get little of it. */
const START_SECONDS = 120;

/** Our kube-scheduler and its extender as two processes, as they run in the chart's pod. */
export interface ProfferScheduler {
  /** Of the extender, for /metrics; undefined without it. */
  readonly extenderUrl: string | undefined;
  /** What both said, for a failing test's message. */
  output(): string;
  /** Names of those that have ended by themselves. */
  ended(): readonly string[];
  /** Kills both, and waits until they are gone. */
  stop(): Promise<void>;
}

/** Starts both and waits until the extender is ready and kube-scheduler answers. Needs a cluster that brings its binaries. */
export async function startProfferScheduler(
  cluster: TestCluster,
  options: ProfferSchedulerOptions = {},
): Promise<ProfferScheduler> {
  if (cluster.binDir === undefined)
    throw new Error(`a ${cluster.flavour} cluster brings no kube-scheduler to run here`);
  const folder = mkdtempSync(join(tmpdir(), 'proffer-scheduler-'));
  const programs: Program[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.kill('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const kubeconfigPath = options.kubeconfigPath ?? (await shippedKubeconfig(cluster));
    const [extenderPort, schedulerPort] = await freePorts();
    const withExtender = options.extender ?? true;
    if (withExtender) programs.push(startExtender(kubeconfigPath, extenderPort, options));
    const extenderUrl = withExtender ? `http://127.0.0.1:${extenderPort}` : undefined;
    if (extenderUrl !== undefined) await answers(`${extenderUrl}/readyz`, programs);
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify(configOf(kubeconfigPath, extenderPort, options)));
    const args = [
      `--config=${config}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${schedulerPort}`,
      `--cert-dir=${folder}`,
      '--pod-max-in-unschedulable-pods-duration=60s', // as in the chart
    ];
    programs.push(startCommand('kube-scheduler', join(cluster.binDir, 'kube-scheduler'), args));
    await listens(schedulerPort, programs);
    const ended = () => programs.filter((program) => program.ended()).map(({ name }) => name);
    return { extenderUrl, stop, ended, output: () => outputOf(programs) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startExtender(kubeconfigPath: string, port: number, options: ProfferSchedulerOptions): Program {
  const flags = { kubeconfig: kubeconfigPath, port, 'http-port': 'off', 'scheduler-name': options.schedulerName ?? '' };
  const args = Object.entries(flags).flatMap(([flag, value]) => (value === '' ? [] : [`--${flag}=${value}`]));
  return startProgram(['extender', ...args]);
}

function configOf(kubeconfigPath: string, extenderPort: number, options: ProfferSchedulerOptions): object {
  const { schedulerName, extender, leaderElect } = options;
  const config = schedulerConfig({
    kubeconfigPath,
    extenderPort,
    leaseNamespace: 'proffer-system',
    leaderElect: leaderElect ?? false,
    ...(schedulerName === undefined ? {} : { schedulerName }),
  });
  return extender === false ? { ...config, extenders: [] } : config;
}

/** The credentials of the chart's scheduler pod, so that a right that it lacks shows in tests. */
async function shippedKubeconfig(cluster: TestCluster): Promise<string> {
  const account = ['proffer-system', 'proffer-scheduler'] as const;
  try {
    return await cluster.serviceAccountKubeconfig(...account);
  } catch (error) {
    if (error instanceof Error && error.message.includes('not found')) return cluster.kubeconfigPath;
    throw error;
  }
}

/** Two ports that nobody has right now. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  const [first, second] = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return [first ?? 0, second ?? 0];
}

async function answers(url: string, programs: readonly Program[]): Promise<void> {
  const ask = async (): Promise<boolean> => {
    for (const program of programs) program.expectAlive();
    const reply = await fetch(url, { signal: AbortSignal.timeout(2000) });
    if (!reply.ok) throw new Error(`${reply.status} ${(await reply.text()).trim()}`);
    return true;
  };
  await waitFor(`${url} answering`, ask, programs);
}

/** kube-scheduler listens with a certificate that it made itself: a connection is proof enough. */
async function listens(port: number, programs: readonly Program[]): Promise<void> {
  const { connect } = await import('node:net');
  const ask = async (): Promise<boolean> => {
    for (const program of programs) program.expectAlive();
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } finally {
      socket.destroy();
    }
  };
  await waitFor('kube-scheduler listening', ask, programs);
}

async function waitFor(what: string, ask: () => Promise<boolean>, programs: readonly Program[]): Promise<void> {
  try {
    await waitUntil(what, ask, { timeoutSeconds: START_SECONDS });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${outputOf(programs).slice(-3000)}`, {
      cause: error,
    });
  }
}

const outputOf = (programs: readonly Program[]): string =>
  programs.map((program) => `── ${program.name} ──\n${program.output()}`).join('\n');
