import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { growingSize, size } from './quantity.ts';
import { keeps, rules } from './rules.ts';
import { labelName, matching, objectName, seconds, text } from './text.ts';

export const ACCESS_MODES = ['ReadWriteOncePod', 'ReadWriteOnce', 'ReadWriteMany'] as const;

export const AutoGrow = z
  .object({
    enabled: z.boolean().default(false).describe('Grow the volume by itself when it fills up.'),
    usageThresholdPercent: z.int().min(1).max(99).default(80).describe('Grow when this much of it is used.'),
    incrementPercent: z.int().min(1).max(100).default(20).describe('Grow by this much of its size.'),
    maxSize: size().optional().describe('Never grow beyond this size. Needed when enabled.'),
    cooldownSeconds: seconds(60)
      .default(21_600)
      .describe('Least time between two growths; most clouds allow one in six hours.'),
  })
  .meta(
    rules({
      // `default: {}` is judged before the defaults inside it are filled, hence has().
      rule: '!has(self.enabled) || !self.enabled || has(self.maxSize)',
      message: 'autoGrow needs maxSize: name the size at which it must stop',
      fieldPath: '.maxSize',
    }),
  );

const DataSource = z.object({
  apiGroup: text(253).optional().describe('API group of the source, e.g. snapshot.storage.k8s.io; absent for a claim.'),
  kind: text(63)
    .min(1)
    .describe(
      'AppBackup: member i gets its copy of member i. PersistentApp: a clone of the volume that its member i has. VolumeSnapshot, PersistentVolumeClaim or a kind with a volume populator: all members get the same.',
    ),
  name: objectName().describe('Name of the source.'),
  namespace: labelName().optional().describe('Namespace of the source, where the cluster allows another one.'),
});

const CHOOSE_ONE = 'name exactly one of pool (a StoragePool) and storageClassName (a StorageClass)';

/** One volume that every member gets, named `<name>-<app>-<ordinal>`. */
export const VolumeClaim = z
  .object({
    name: labelName().describe('Name of the volume; claims are named <name>-<app>-<ordinal>.'),
    mountPath: matching(/^\/[^:]*$/, 1024, 'mountPath must be absolute (begin with /) and contain no colon').describe(
      'Where the volume is mounted: in every container that does not mount it by name itself.',
    ),
    size: growingSize().describe('Size of each volume. It may grow and never shrink.'),
    pool: objectName()
      .optional()
      .describe('The StoragePool that it comes from. Exactly one of pool and storageClassName.'),
    storageClassName: objectName()
      .optional()
      .describe('The StorageClass that it comes from, when there is no pool for it.'),
    accessMode: z
      .enum(ACCESS_MODES)
      .optional()
      .describe('Absent: ReadWriteOncePod where the driver has it, else ReadWriteOnce.'),
    volumeAttributesClassName: objectName()
      .optional()
      .describe('VolumeAttributesClass for performance that can change later.'),
    dataSourceRef: DataSource.optional().describe(
      'What the volumes of new members are filled from. Removed: members that come later get empty volumes.',
    ),
    autoGrow: AutoGrow.prefault({}).describe('Growth of a volume that fills up.'),
  })
  .meta(
    rules(
      { rule: 'has(self.pool) != has(self.storageClassName)', message: CHOOSE_ONE },
      keeps(
        'pool',
        'pool cannot change while volumes exist: add a volume in the other pool, or move the data with an AppOperation of type MigrateStorage',
      ),
      keeps(
        'storageClassName',
        'storageClassName cannot change while volumes exist: add a volume of the other class, or move the data with an AppOperation of type MigrateStorage',
      ),
      keeps(
        'accessMode',
        'accessMode cannot change while volumes exist: Kubernetes keeps the mode that a claim was made with',
      ),
    ),
  );
export type VolumeClaim = Immutable<z.infer<typeof VolumeClaim>>;
