import { z } from 'zod';
import { conditions } from './condition.ts';
import { API_VERSION } from './group.ts';
import type { Immutable } from './immutable.ts';
import { listMap } from './list-map.ts';
import { ObjectMeta } from './object-meta.ts';
import { quantity } from './quantity.ts';
import { keeps, rules } from './rules.ts';
import { objectName, text } from './text.ts';

export const PROVIDERS = [
  'aws-ebs',
  'gcp-pd',
  'azure-disk',
  'ceph-rbd',
  'longhorn',
  'openebs-lvm',
  'topolvm',
  'linstor',
  'custom',
] as const;

/**
 * Providers whose completed detach proves that the old node can no longer write: the storage itself attaches a volume to one
 * node at a time, and ControllerUnpublish waits for it. The other presets detach by request of the node, or not at all.
 */
export const EXCLUSIVE_ATTACH_PROVIDERS = [
  'aws-ebs',
  'gcp-pd',
  'azure-disk',
] as const satisfies readonly (typeof PROVIDERS)[number][];

const LOCALITIES = ['Node', 'Zone', 'Cluster'] as const;
const FEATURES = ['Snapshots', 'Expansion', 'VolumeAttributesClass'] as const;

function parameters() {
  return z.record(z.string().max(253), text(1024)).meta({ maxProperties: 64 });
}

const Custom = z.object({
  provisioner: text(253).min(1).describe('Name of the CSI driver.'),
  parameters: parameters().default({}).describe('Parameters of the StorageClass, as the driver documents them.'),
});

const Capacity = z
  .object({
    source: z
      .enum(['CSI', 'Declared'])
      .default('CSI')
      .describe(
        'CSI: what the driver publishes; a driver that publishes nothing counts as unlimited. Declared: what stands in `perZone`.',
      ),
    perZone: listMap(
      z.object({
        zone: text(253).describe('The zone; empty for nodes without one.'),
        size: quantity().describe('What the pool may hold there.'),
      }),
      'zone',
      64,
    )
      .default([])
      .describe('For Declared: the budget of each zone.'),
    group: text(63)
      .optional()
      .describe(
        'Name of the disks that the pool lies on, where other pools lie on them too: pools with the same name share what their drivers publish. Declared budgets stay their own.',
      ),
  })
  .meta(
    rules({
      // `default: {}` is judged before the defaults inside it are filled, hence has().
      rule: `!has(self.source) || self.source != 'Declared' || (has(self.perZone) && size(self.perZone) > 0)`,
      message: 'a declared capacity needs perZone: name each zone and its size',
      fieldPath: '.perZone',
    }),
  );

const Snapshots = z.object({
  enabled: z.boolean().default(false).describe('Make a VolumeSnapshotClass for the pool.'),
  snapshotClassName: objectName().optional().describe('Use this VolumeSnapshotClass as it is.'),
  deletionPolicy: z
    .enum(['Retain', 'Delete'])
    .default('Retain')
    .describe('What becomes of a snapshot whose object is deleted.'),
  parameters: parameters()
    .default({})
    .describe('Parameters of the VolumeSnapshotClass that is made, beside those that the provider needs.'),
});

const IMMUTABLE = 'cannot change once the pool is made, since its volumes have it: make a new pool';
const DISK_KNOBS = ['type', 'iops', 'throughput', 'replicas', 'encrypted'] as const;
const KNOBS = [...DISK_KNOBS, 'fsType'] as const;

export const StoragePoolSpec = z
  .object({
    storageClassName: objectName()
      .optional()
      .describe('Use this StorageClass as it is. Exactly one of this and provider.'),
    provider: z
      .enum(PROVIDERS)
      .optional()
      .describe('Make a StorageClass for this provider. Exactly one of this and storageClassName.'),
    custom: Custom.optional().describe('For provider custom: the driver and its parameters.'),
    type: text(63).optional().describe('Kind of disk, in the words of the provider (gp3, pd-ssd, Premium_LRS).'),
    iops: z.int().min(1).max(10_000_000).optional().describe('Provisioned operations per second.'),
    throughput: z.int().min(1).max(1_000_000).optional().describe('Provisioned throughput in MiB per second.'),
    replicas: z.int().min(1).max(16).optional().describe('Copies of the data, where the provider replicates.'),
    encrypted: z.boolean().optional().describe('Encrypt at rest. Absent: what the provider does.'),
    fsType: z.enum(['ext4', 'xfs', 'btrfs']).optional().describe('File system. Absent: what the driver does.'),
    parameters: parameters()
      .optional()
      .describe(
        'For known providers: further parameters of the StorageClass, as the driver documents them, such as the clusterID of Ceph.',
      ),
    driver: text(253)
      .min(1)
      .optional()
      .describe(
        'Name under which the driver of the provider is installed, where it is not the usual one (Rook, old TopoLVM).',
      ),
    capacity: Capacity.prefault({}).describe('How much the pool holds.'),
    locality: z
      .enum(LOCALITIES)
      .optional()
      .describe(
        'From where a volume can be reached. Absent: as the provider is known, for custom and existing classes Zone.',
      ),
    fencing: z
      .enum(['AttachExclusive', 'None'])
      .optional()
      .describe(
        'Whether a completed detach proves that the old node can no longer write. Known for providers, where it can only be lowered to None. For custom and existing classes: None unless you promise AttachExclusive; a wrong promise loses data.',
      ),
    reclaimPolicy: z
      .enum(['Retain', 'Delete'])
      .default('Retain')
      .describe('What becomes of a volume whose claim is deleted.'),
    allowExpansion: z.boolean().default(true).describe('Volumes may grow.'),
    snapshots: Snapshots.prefault({}).describe('Snapshots of volumes of the pool.'),
  })
  .meta(
    rules(
      {
        rule: 'has(self.storageClassName) != has(self.provider)',
        message: 'name exactly one of storageClassName (use a class that exists) and provider (have one made)',
      },
      {
        rule: `has(self.custom) == (has(self.provider) && self.provider == 'custom')`,
        message: 'custom (provisioner and parameters) belongs to provider custom, and provider custom needs it',
        fieldPath: '.custom',
      },
      {
        rule: `!has(self.storageClassName) || (${KNOBS.map((knob) => `!has(self.${knob})`).join(' && ')})`,
        message: `${KNOBS.join(', ')} describe a class that Proffer makes: with storageClassName the class itself says them`,
      },
      {
        rule: `!has(self.custom) || (${DISK_KNOBS.map((knob) => `!has(self.${knob})`).join(' && ')})`,
        message: `${DISK_KNOBS.join(', ')} are for known providers: with provider custom write them into custom.parameters, as the driver documents them`,
      },
      {
        rule: `!has(self.fencing) || self.fencing == 'None' || !has(self.provider) || self.provider in ['custom', ${EXCLUSIVE_ATTACH_PROVIDERS.map((name) => `'${name}'`).join(', ')}]`,
        message:
          'AttachExclusive cannot be promised for this provider: its detach does not prove that the old node stopped writing; remove fencing',
        fieldPath: '.fencing',
      },
      {
        rule: `(!has(self.parameters) && !has(self.driver)) || (has(self.provider) && self.provider != 'custom')`,
        message:
          'parameters and driver are for known providers: with provider custom write them into custom, and an existing class has its own',
      },
      ...['storageClassName', 'provider', 'custom', 'parameters', 'driver', ...KNOBS].map((field) =>
        keeps(field, `${field} ${IMMUTABLE}`),
      ),
    ),
  );
export type StoragePoolSpec = Immutable<z.infer<typeof StoragePoolSpec>>;

const Segment = z.object({
  segment: text(512).describe('The topology segment: a zone, a node, or "all".'),
  capacity: text(32).default('').describe('What it holds; empty when it is not known.'),
  provisioned: text(32).default('').describe('What volumes have.'),
  reserved: text(32).default('').describe('What slots are promised and not yet provisioned.'),
  free: text(32).default('').describe('What is left for new volumes; empty when it is not known.'),
  volumes: z.int().min(0).default(0).describe('How many volumes lie there.'),
});

export const StoragePoolStatus = z.object({
  observedGeneration: z.int().min(0).default(0).describe('The generation that this status is about.'),
  storageClassName: text(253).default('').describe('The StorageClass that volumes are made with.'),
  snapshotClassName: text(253).default('').describe('The VolumeSnapshotClass that snapshots are taken with.'),
  driver: text(253).default('').describe('The CSI driver, as the StorageClass names it.'),
  locality: z.enum(LOCALITIES).default('Zone').describe('From where a volume can be reached.'),
  fencing: z
    .enum(['AttachExclusive', 'None'])
    .default('None')
    .describe('What a completed detach proves, all considered.'),
  features: z
    .array(z.enum(FEATURES))
    .max(FEATURES.length)
    .default([])
    .describe('What the driver is known to do; empty for a driver that is not known.'),
  attachLimit: text(128).default('').describe('How many volumes of the driver one node may attach, as the nodes say.'),
  volumes: z.int().min(0).default(0).describe('How many volumes the pool has.'),
  capacity: text(32).default('').describe('What all segments hold together; empty when it is not known.'),
  provisioned: text(32).default('').describe('What volumes have together.'),
  reserved: text(32).default('').describe('What slots are promised together.'),
  free: text(32).default('').describe('What is left for new volumes; empty when it is not known.'),
  segments: listMap(Segment, 'segment', 1024).default([]).describe('The same by topology segment.'),
  conditions: conditions(),
});
export type StoragePoolStatus = Immutable<z.infer<typeof StoragePoolStatus>>;

/** Storage of one kind: a StorageClass with what Proffer must know about it. */
export const StoragePool = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('StoragePool'),
    metadata: ObjectMeta,
    spec: StoragePoolSpec.describe('What is wanted.'),
    status: StoragePoolStatus.optional().describe('What is so. Written by Proffer.'),
  })
  .describe('Storage of one kind: a StorageClass, how much it holds, and what its detach proves.');
export type StoragePool = Immutable<z.infer<typeof StoragePool>>;
