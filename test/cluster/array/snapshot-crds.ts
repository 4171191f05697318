const snapshotCrd = (group: string, kind: string) => ({
  module: 'github.com/kubernetes-csi/external-snapshotter/client/v8',
  path: `config/crd/${group}.storage.k8s.io_${kind}.yaml`,
});

/** The kinds of the snapshot controller, as files of its Go module. */
export const SNAPSHOT_CRDS = {
  snapshotClasses: snapshotCrd('snapshot', 'volumesnapshotclasses'),
  snapshotContents: snapshotCrd('snapshot', 'volumesnapshotcontents'),
  snapshots: snapshotCrd('snapshot', 'volumesnapshots'),
  groupClasses: snapshotCrd('groupsnapshot', 'volumegroupsnapshotclasses'),
  groupContents: snapshotCrd('groupsnapshot', 'volumegroupsnapshotcontents'),
  groups: snapshotCrd('groupsnapshot', 'volumegroupsnapshots'),
};
