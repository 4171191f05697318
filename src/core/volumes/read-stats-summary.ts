import { type Json, listOf, objectOf, secondsOf, textOf } from '../facts/json.ts';
import type { VolumeUsage } from './volume-usage.ts';

/** One claim, mounted on the node that was asked. */
export interface MeasuredClaim {
  readonly namespace: string;
  readonly claim: string;
  readonly usage: VolumeUsage;
}

/** The claims in a kubelet's answer to /stats/summary (k8s.io/kubelet/pkg/apis/stats/v1alpha1). What was not measured yet is left out. */
export function readStatsSummary(raw: unknown): readonly MeasuredClaim[] {
  return listOf(objectOf(raw)['pods']).flatMap((pod) =>
    listOf(objectOf(pod)['volume']).flatMap((item) => {
      const volume = objectOf(item);
      const claim = objectOf(volume['pvcRef']);
      const capacityBytes = amountOf(volume, 'capacityBytes');
      if (textOf(claim['name']) === '' || capacityBytes === 0) return [];
      const usage = {
        capacityBytes,
        usedBytes: amountOf(volume, 'usedBytes'),
        availableBytes: amountOf(volume, 'availableBytes'),
        inodes: amountOf(volume, 'inodes'),
        inodesUsed: amountOf(volume, 'inodesUsed'),
        atSeconds: secondsOf(volume['time']) ?? 0,
      };
      return [{ namespace: textOf(claim['namespace']), claim: textOf(claim['name']), usage }];
    }),
  );
}

function amountOf(volume: Json, field: string): number {
  const value = volume[field];
  return typeof value === 'number' && value > 0 ? value : 0;
}
