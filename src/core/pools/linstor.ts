import { CSI_FSTYPE, NOTHING, type Preset } from './preset.ts';

/**
 * LINSTOR (Piraeus). Parameters: https://github.com/piraeusdatastore/linstor-csi/blob/master/examples/k8s/class.yaml and
 * pkg/volume/parameter.go there; snapshots: https://github.com/piraeusdatastore/piraeus-operator/blob/v2/docs/tutorial/snapshots.md.
 * Encryption is a layer (layerList), which the parameter `encryption` alone does not add, hence no knob.
 */
export const linstor: Preset = {
  ...NOTHING,
  provider: 'linstor',
  driver: 'linstor.csi.linbit.com',
  documentation: 'https://github.com/piraeusdatastore/linstor-csi/blob/master/examples/k8s/class.yaml',
  knobs: { replicas: { parameter: 'linstor.csi.linbit.com/placementCount' } },
  instead: {
    type: 'name the storage pool in parameter linstor.csi.linbit.com/storagePool of spec.parameters',
    iops: 'limits are parameters qos.linbit.com/riops and wiops of spec.parameters, and need the nri-volume-qos plugin',
    throughput:
      'limits are parameters qos.linbit.com/rbps and wbps of spec.parameters, and need the nri-volume-qos plugin',
    encrypted:
      'set parameters linstor.csi.linbit.com/encryption and linstor.csi.linbit.com/layerList (with luks) in spec.parameters',
  },
  fsTypes: ['ext4', 'xfs'],
  fsTypeParameter: CSI_FSTYPE,
  locality: (parameters) =>
    parameters['linstor.csi.linbit.com/allowRemoteVolumeAccess'] === 'false' ? 'Node' : 'Cluster',
  features: ['Snapshots', 'Expansion'],
};
