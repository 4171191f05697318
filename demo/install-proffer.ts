import { join } from 'node:path';
import type { TestCluster } from '../test/cluster/test-cluster.ts';

export const RELEASE_NAMESPACE = 'proffer-system';

const CHART = join(import.meta.dirname, '..', 'charts', 'proffer');

/**
 * Values for a cluster whose images were made on the spot: names on `localhost`, never pulled, and small requests, since three nodes share
 * one machine. Any other cluster takes the chart's defaults and what the user sets.
 */
const EMBEDDED_VALUES: Readonly<Record<string, string>> = {
  'image.repository': 'localhost/proffer',
  'image.tag': 'dev',
  'image.pullPolicy': 'Never',
  'scheduler.image.repository': 'localhost/kube-scheduler',
  'scheduler.image.pullPolicy': 'Never',
  'operator.resources.requests.cpu': '50m',
  'scheduler.resources.requests.cpu': '50m',
  'scheduler.extenderResources.requests.cpu': '50m',
};

/** `helm install` (or upgrade) of the chart, waiting until both Deployments are available. `more`: `name=value` as for `helm --set`. */
export async function installProffer(
  cluster: TestCluster,
  values: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<void> {
  const all = { ...(cluster.flavour === 'current' ? {} : EMBEDDED_VALUES), ...values };
  const assignments = [...Object.entries(all).map(([name, value]) => `${name}=${value}`), ...more];
  const sets = assignments.flatMap((assignment) => ['--set', assignment]);
  await cluster.helm(
    [
      'upgrade',
      '--install',
      'proffer',
      CHART,
      '--namespace',
      RELEASE_NAMESPACE,
      '--create-namespace',
      '--wait',
      '--timeout',
      '120s',
      ...sets,
    ],
    { timeoutSeconds: 150 },
  );
}
