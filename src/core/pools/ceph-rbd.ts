import { CSI_FSTYPE, NOTHING, type Parameters, type Preset } from './preset.ts';

const SECRET_NAME = 'csi.storage.k8s.io/provisioner-secret-name';
const SECRET_NAMESPACE = 'csi.storage.k8s.io/provisioner-secret-namespace';

/**
 * Ceph RBD. Parameters: https://github.com/ceph/ceph-csi/blob/devel/examples/rbd/storageclass.yaml, of snapshots: snapshotclass.yaml beside it.
 * Rook installs the driver with its namespace before the name (rook-ceph.rbd.csi.ceph.com).
 */
export const cephRbd: Preset = {
  ...NOTHING,
  provider: 'ceph-rbd',
  driver: 'rbd.csi.ceph.com',
  hasAlias: (driver) => driver.endsWith('.rbd.csi.ceph.com'),
  documentation: 'https://github.com/ceph/ceph-csi/blob/devel/examples/rbd/storageclass.yaml',
  knobs: { encrypted: { parameter: 'encrypted' } },
  instead: {
    type: 'make a Ceph pool on the disks you mean, and name it in parameter pool',
    replicas: 'the Ceph pool says how many copies there are (ceph osd pool set POOL size N)',
  },
  fsTypes: ['ext4', 'xfs'],
  fsTypeParameter: CSI_FSTYPE,
  required: [
    ['clusterID'],
    ['pool', 'topologyConstrainedPools'],
    [SECRET_NAME],
    [SECRET_NAMESPACE],
    ['csi.storage.k8s.io/node-stage-secret-name'],
    ['csi.storage.k8s.io/node-stage-secret-namespace'],
  ],
  locality: () => 'Cluster',
  features: ['Snapshots', 'Expansion'],
  snapshotParameters: (parameters) =>
    onlySet({
      clusterID: parameters['clusterID'],
      'csi.storage.k8s.io/snapshotter-secret-name': parameters[SECRET_NAME],
      'csi.storage.k8s.io/snapshotter-secret-namespace': parameters[SECRET_NAMESPACE],
    }),
};

function onlySet(parameters: Readonly<Record<string, string | undefined>>): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
