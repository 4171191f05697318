import { CSI_FSTYPE, NOTHING, type Preset } from './preset.ts';

/**
 * Amazon EBS. Parameters: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md (without a type the driver
 * takes gp3; iops for io1, io2, gp3; throughput for gp3, in MiB/s; iops and iopsPerGB exclude each other). Modification by a
 * VolumeAttributesClass: docs/modify-volume.md there. Several nodes at a time only for ReadWriteMany block volumes of type io2
 * (docs/multi-attach.md), which members never are.
 */
export const awsEbs: Preset = {
  ...NOTHING,
  provider: 'aws-ebs',
  driver: 'ebs.csi.aws.com',
  documentation: 'https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md',
  knobs: {
    type: {
      parameter: 'type',
      values: ['io1', 'io2', 'gp2', 'gp3', 'sc1', 'st1', 'standard', 'sbp1', 'sbg1'],
    },
    iops: { parameter: 'iops', types: ['gp3', 'io1', 'io2', undefined] },
    throughput: { parameter: 'throughput', types: ['gp3', undefined] },
    encrypted: { parameter: 'encrypted' },
  },
  instead: { replicas: 'EBS replicates inside its zone by itself' },
  fsTypes: ['ext4', 'xfs'],
  fsTypeParameter: CSI_FSTYPE,
  contradictions: ({ iops, encrypted }, parameters) => [
    ...(iops !== undefined && parameters['iopsPerGB'] !== undefined
      ? [`spec.iops is ${iops} and parameter iopsPerGB is "${parameters['iopsPerGB']}": the driver takes one of them`]
      : []),
    ...(encrypted === false && parameters['kmsKeyId'] !== undefined
      ? ['spec.encrypted is false and parameter kmsKeyId names a key: remove one of them']
      : []),
  ],
  locality: () => 'Zone',
  features: ['Snapshots', 'Expansion', 'VolumeAttributesClass'],
};
