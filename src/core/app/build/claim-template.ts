import type { PersistentApp } from '../../../api/persistent-app.ts';
import type { StoragePool } from '../../../api/storage-pool.ts';
import type { VolumeClaim } from '../../../api/volume-claim.ts';
import { selectorLabels } from './owned-metadata.ts';

/**
 * One entry of `volumeClaimTemplates`. The claims carry the app's UID, by which a volume that a deleted app of the same name left behind
 * is told from our own. `size` is what a new claim asks for: absent, what the app says.
 */
export function buildClaimTemplate(
  app: PersistentApp,
  volume: VolumeClaim,
  storageClassName: string,
  pool: StoragePool | undefined,
  size: string = String(volume.size),
): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: volume.name, labels: selectorLabels(app) },
    spec: {
      accessModes: [volume.accessMode ?? defaultAccessMode(pool)],
      storageClassName,
      resources: { requests: { storage: size } },
      ...(volume.volumeAttributesClassName === undefined
        ? {}
        : { volumeAttributesClassName: volume.volumeAttributesClassName }),
    },
  };
}

/**
 * A pool with a provider is served by a CSI driver, and those have ReadWriteOncePod: one pod at a time may use the volume, even on one
 * node. A class that exists may belong to a driver outside CSI, which would refuse it.
 */
function defaultAccessMode(pool: StoragePool | undefined): string {
  return pool?.spec.provider === undefined ? 'ReadWriteOnce' : 'ReadWriteOncePod';
}
