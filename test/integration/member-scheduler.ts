// The scheduler that members go through, as processes: our extender, and a kube-scheduler of the cluster's version that asks it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedulerConfig } from '../../src/extender/scheduler-config.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { startProgram } from '../support/program.ts';

export interface MemberScheduler {
  stop(): Promise<void>;
}

/** Resolves when both are ready. Needs a cluster that brings its own kube-scheduler program, and namespace `kube-system` for the lease. */
export async function startMemberScheduler(cluster: TestCluster): Promise<MemberScheduler> {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-scheduler-'));
  const [extenderPort, securePort] = [await freePort(), await freePort()];
  const { kubeconfigPath, binDir = '' } = cluster;
  const extender = startProgram(['extender', '--kubeconfig', kubeconfigPath, '--port', String(extenderPort)]);
  const configPath = join(folder, 'config.json');
  writeFileSync(
    configPath,
    JSON.stringify(schedulerConfig({ extenderPort, leaseNamespace: 'kube-system', kubeconfigPath })),
  );
  await waitUntil('the extender is ready', async () => (await fetch(`http://127.0.0.1:${extenderPort}/readyz`)).ok, {
    timeoutSeconds: 30,
  });
  const scheduler = spawn(
    join(binDir, 'kube-scheduler'),
    [`--config=${configPath}`, '--bind-address=127.0.0.1', `--secure-port=${securePort}`, `--cert-dir=${folder}`],
    { stdio: 'ignore' },
  );
  const ended = once(scheduler, 'exit');
  ended.catch(() => undefined);
  const killWithUs = () => scheduler.kill('SIGKILL');
  process.once('exit', killWithUs);
  return {
    async stop() {
      process.off('exit', killWithUs);
      scheduler.kill('SIGTERM');
      await Promise.all([ended, extender.kill('SIGTERM')]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
