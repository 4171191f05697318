import { NOTHING, type Preset } from './preset.ts';

const WITH_SPEED = ['UltraSSD_LRS', 'PremiumV2_LRS'];
const MIB = 1_048_576;

/**
 * Azure Disk. Parameters: https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md (iops and throughput
 * for UltraSSD_LRS and PremiumV2_LRS, which take cachingMode None only). DiskMBpsReadWrite is in millions of bytes:
 * https://learn.microsoft.com/dotnet/api/azure.resourcemanager.compute.manageddiskdata.diskmbpsreadwrite. A disk with maxShares above 1 may be
 * attached by several nodes (docs/limitations.md and the shared disk example there).
 */
export const azureDisk: Preset = {
  ...NOTHING,
  provider: 'azure-disk',
  driver: 'disk.csi.azure.com',
  documentation: 'https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md',
  knobs: {
    type: {
      parameter: 'skuName',
      values: [
        'Standard_LRS',
        'Premium_LRS',
        'StandardSSD_LRS',
        'UltraSSD_LRS',
        'Premium_ZRS',
        'StandardSSD_ZRS',
        'PremiumV2_LRS',
      ],
    },
    iops: { parameter: 'DiskIOPSReadWrite', types: WITH_SPEED },
    throughput: {
      parameter: 'DiskMBpsReadWrite',
      types: WITH_SPEED,
      show: (value) => String(Math.ceil((Number(value) * MIB) / 1_000_000)),
    },
  },
  instead: {
    replicas: 'use a type that ends in _ZRS for copies in several zones',
    encrypted: 'for keys of your own set parameter diskEncryptionSetID in spec.parameters',
  },
  fsTypes: ['ext4', 'xfs', 'btrfs'],
  fsTypeParameter: 'fsType',
  added: ({ type }) => (type !== undefined && WITH_SPEED.includes(type) ? { cachingMode: 'None' } : {}),
  contradictions: ({ type }, { cachingMode }) =>
    type !== undefined && WITH_SPEED.includes(type) && cachingMode !== undefined && cachingMode !== 'None'
      ? [
          `spec.type is ${type} and parameter cachingMode is "${cachingMode}": such disks are not cached; remove cachingMode`,
        ]
      : [],
  locality: () => 'Zone',
  sharing: (parameters) => {
    // Parameter names of this driver are case-insensitive.
    const shares = Object.entries(parameters).find(([name]) => name.toLowerCase() === 'maxshares')?.[1];
    return shares === undefined || shares === '1'
      ? undefined
      : `maxShares "${shares}" lets several nodes attach a disk`;
  },
  features: ['Snapshots', 'Expansion'],
};
