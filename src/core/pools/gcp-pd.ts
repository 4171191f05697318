import { CSI_FSTYPE, NOTHING, type Preset } from './preset.ts';

const WITHOUT_PROVISIONED_SPEED = ['pd-standard', 'pd-ssd', 'pd-balanced'];

/**
 * Persistent Disk and Hyperdisk of Google Cloud. Parameters:
 * https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver/blob/master/README.md (without a type the driver takes
 * pd-standard; replication-type none or regional-pd). Throughput carries the unit Mi, as in
 * https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/hyperdisk.
 */
export const gcpPd: Preset = {
  ...NOTHING,
  provider: 'gcp-pd',
  driver: 'pd.csi.storage.gke.io',
  documentation: 'https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver/blob/master/README.md',
  knobs: {
    type: { parameter: 'type' },
    iops: { parameter: 'provisioned-iops-on-create' },
    throughput: { parameter: 'provisioned-throughput-on-create', show: (value) => `${value}Mi` },
    replicas: {
      parameter: 'replication-type',
      values: ['1', '2'],
      show: (value) => (value === 1 ? 'none' : 'regional-pd'),
    },
  },
  instead: {
    encrypted: 'for a key of your own set parameter disk-encryption-kms-key in spec.parameters',
  },
  fsTypes: ['ext4', 'xfs', 'btrfs'],
  fsTypeParameter: CSI_FSTYPE,
  contradictions: ({ type, iops, throughput }) => {
    const kind = type ?? 'pd-standard';
    if (!WITHOUT_PROVISIONED_SPEED.includes(kind)) return [];
    const set = [iops === undefined ? '' : 'spec.iops', throughput === undefined ? '' : 'spec.throughput'].filter(
      Boolean,
    );
    if (set.length === 0) return [];
    return [
      `${set.join(' and ')}: disks of type ${kind}${type === undefined ? ' (what the driver takes when spec.type is not set)' : ''} cannot be given a speed of their own: use a hyperdisk type (or pd-extreme for iops), or remove it`,
    ];
  },
  locality: () => 'Zone',
  features: ['Snapshots', 'Expansion', 'VolumeAttributesClass'],
};
