import type { KubeClient } from '../kube/client.ts';
import { AccountToken } from '../kube/account-token.ts';
import { systemClock } from '../kube/clock.ts';
import { KubeconfigConnection } from '../kube/kubeconfig.ts';
import { KubeletStats } from '../kube/kubelet-stats.ts';
import type { Stores } from './caches.ts';
import type { OperatorOptions } from './options.ts';
import { VolumeUsageWatch } from './volume-usage-watch.ts';

/** The watch over how full volumes are, with the rights of a service account that can do nothing else. */
export function buildVolumeUsage(
  options: OperatorOptions,
  client: KubeClient,
  stores: Stores,
  wakeApp: (key: string) => void,
): VolumeUsageWatch {
  const { volumeStats, volumeStatsSeconds, volumeStatsAccount, namespace, kubeconfigPath } = options;
  let own: KubeconfigConnection | undefined;
  const kubelets =
    volumeStats === 'off'
      ? undefined
      : new KubeletStats({
          client,
          token: new AccountToken(client, systemClock, { namespace, name: volumeStatsAccount }),
          authority: async () => (await (own ??= new KubeconfigConnection(kubeconfigPath, systemClock)).options()).ca,
          verify: volumeStats === 'verify',
          clock: systemClock,
        });
  return new VolumeUsageWatch({ stores, kubelets, clock: systemClock, everySeconds: volumeStatsSeconds, wakeApp });
}
