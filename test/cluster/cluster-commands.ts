import { run } from './command.ts';
import type { CommandOptions, TestCluster } from './test-cluster.ts';

/** kubectl and helm against one cluster, with the programs at these paths (or names to find on the PATH). */
export function clusterCommands(
  programs: { kubectl: string; helm: string },
  kubeconfigPath: string,
): Pick<TestCluster, 'kubectl' | 'helm'> {
  const runIn =
    (program: string) =>
    (args: readonly string[], options: CommandOptions = {}) =>
      run(program, args, {
        env: { KUBECONFIG: options.kubeconfigPath ?? kubeconfigPath },
        timeoutSeconds: options.timeoutSeconds ?? 60,
        ...(options.input === undefined ? {} : { input: options.input }),
      });
  return { kubectl: runIn(programs.kubectl), helm: runIn(programs.helm) };
}
