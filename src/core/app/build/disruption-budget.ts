import { ANNOTATION_GIVES_BACK } from '../../../api/labels.ts';
import type { PersistentApp } from '../../../api/persistent-app.ts';
import type { KubeObject } from '../plan.ts';
import { ownedMetadata, selectorLabels } from './owned-metadata.ts';

/** Of an app whose framework is revocable, itself or by one above it: how many members, once launched, have no place, or have given theirs up. */
export interface GivenBack {
  readonly members: number;
}

/**
 * What evictions must leave; none for an app of fewer than two replicas, whose drain it would only block. A stopped app keeps its
 * budget: there is nothing to evict. The members that gave back what was lent are not coming back soon, so they do not use up what may be
 * unavailable: else an app would give back one member and no more. A budget by `minAvailable` is what the user says, whoever asks.
 */
export function buildDisruptionBudget(app: PersistentApp, givenBack?: GivenBack): KubeObject | undefined {
  const { podDisruptionBudget, minAvailable, unhealthyPodEviction } = app.spec.availability;
  if (podDisruptionBudget === 'None' || app.spec.replicas < 2) return undefined;
  const metadata = ownedMetadata(app);
  const follows = givenBack !== undefined && minAvailable === undefined;
  const maxUnavailable = app.spec.update.maxUnavailable + (givenBack?.members ?? 0);
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: follows ? { ...metadata, annotations: { [ANNOTATION_GIVES_BACK]: 'true' } } : metadata,
    spec: {
      ...(minAvailable === undefined ? { maxUnavailable } : { minAvailable }),
      selector: { matchLabels: selectorLabels(app) },
      unhealthyPodEvictionPolicy: unhealthyPodEviction,
    },
  };
}
