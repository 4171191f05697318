import type { PersistentApp } from '../../../api/persistent-app.ts';
import type { KubeObject } from '../plan.ts';
import { ownedMetadata, selectorLabels } from './owned-metadata.ts';

/**
 * What evictions must leave; none for an app of fewer than two replicas, whose drain it would only block. A stopped app keeps its
 * budget: there is nothing to evict.
 */
export function buildDisruptionBudget(app: PersistentApp): KubeObject | undefined {
  const { podDisruptionBudget, minAvailable, unhealthyPodEviction } = app.spec.availability;
  if (podDisruptionBudget === 'None' || app.spec.replicas < 2) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownedMetadata(app),
    spec: {
      ...(minAvailable === undefined ? { maxUnavailable: app.spec.update.maxUnavailable } : { minAvailable }),
      selector: { matchLabels: selectorLabels(app) },
      unhealthyPodEvictionPolicy: unhealthyPodEviction,
    },
  };
}
