import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Addresses } from './addresses.ts';
import { startComponent } from './component.ts';
import { kubeconfigPathOf } from './credentials.ts';

/** Starts the cluster's own kube-scheduler, with its usual lease kube-system/kube-scheduler: Proffer's pods need one, too. */
export function startDefaultScheduler({ stateDir, ports }: Addresses, binDir: string): void {
  const config = join(stateDir, 'scheduler.json');
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      leaderElection: { leaderElect: true },
      clientConnection: { kubeconfig: kubeconfigPathOf(stateDir, 'scheduler'), qps: 500, burst: 1000 },
    }),
  );
  startComponent(stateDir, {
    name: 'kube-scheduler',
    command: join(binDir, 'kube-scheduler'),
    args: [
      `--config=${config}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.scheduler}`,
      `--cert-dir=${join(stateDir, 'pki', 'scheduler')}`,
    ],
  });
}
