import { NOTHING, type Preset } from './preset.ts';

/**
 * OpenEBS Local PV LVM. Parameters: https://github.com/openebs/lvm-localpv/blob/develop/docs/storageclasses.md; snapshots: docs/snapshot.md;
 * nothing is attached, since volumes are in the node (docs/csi_capability.md, PUBLISH_UNPUBLISH_VOLUME).
 */
export const openebsLvm: Preset = {
  ...NOTHING,
  provider: 'openebs-lvm',
  driver: 'local.csi.openebs.io',
  documentation: 'https://github.com/openebs/lvm-localpv/blob/develop/docs/storageclasses.md',
  knobs: {},
  instead: {
    type: 'make a volume group on the disks you mean, and name it in parameter volgroup of spec.parameters',
    replicas: 'volumes are in one node: let the app replicate',
  },
  fsTypes: ['ext4', 'xfs', 'btrfs'],
  fsTypeParameter: 'fsType',
  required: [['volgroup', 'vgpattern']],
  added: () => ({ storage: 'lvm' }),
  locality: () => 'Node',
  features: ['Snapshots', 'Expansion'],
};
