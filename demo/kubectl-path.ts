import { join } from 'node:path';
import { findProgram } from '../test/cluster/find-program.ts';
import type { TestCluster } from '../test/cluster/test-cluster.ts';

/** The kubectl of the cluster's version, or the one on the PATH where the cluster brings none. */
export function kubectlPath(cluster: TestCluster): string | Promise<string> {
  return cluster.binDir === undefined ? findProgram('kubectl') : join(cluster.binDir, 'kubectl');
}
