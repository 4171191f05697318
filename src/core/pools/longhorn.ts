import { NOTHING, type Preset } from './preset.ts';

const NODE_SECRETS = ['csi.storage.k8s.io/node-stage-secret-name', 'csi.storage.k8s.io/node-publish-secret-name'];

/**
 * Longhorn. Parameters: https://longhorn.io/docs/latest/references/storage-class-parameters; encryption needs secrets in the class:
 * https://longhorn.io/docs/latest/advanced-resources/security/volume-encryption. Snapshots in the cluster have type snap:
 * https://documentation.suse.com/cloudnative/storage/1.7.0/en/snapshots-backups/csi-snapshots/csi-snapshot-longhorn-snapshot.html.
 */
export const longhorn: Preset = {
  ...NOTHING,
  provider: 'longhorn',
  driver: 'driver.longhorn.io',
  documentation: 'https://longhorn.io/docs/latest/references/storage-class-parameters',
  knobs: { replicas: { parameter: 'numberOfReplicas' }, encrypted: { parameter: 'encrypted' } },
  instead: { type: 'tag the disks and name the tags in parameter diskSelector of spec.parameters' },
  fsTypes: ['ext4', 'xfs'],
  fsTypeParameter: 'fsType',
  contradictions: ({ encrypted }, parameters) => {
    const missing = encrypted === true ? NODE_SECRETS.filter((name) => parameters[name] === undefined) : [];
    return missing.length === 0
      ? []
      : [`spec.encrypted needs the secret with the key: set ${missing.join(' and ')} in spec.parameters`];
  },
  locality: ({ dataLocality }) => (dataLocality === 'strict-local' ? 'Node' : 'Cluster'),
  features: ['Snapshots', 'Expansion'],
  snapshotParameters: () => ({ type: 'snap' }),
};
