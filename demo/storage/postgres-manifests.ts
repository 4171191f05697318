// The examples, on disks that are small enough to be filled while somebody watches.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

export const APP = 'postgresql';
export const RESTORED = 'postgresql-restored';
export const BACKUP = 'before-the-drop';
export const MEMBERS = 3;
export const DATA_FOLDER = '/var/lib/postgresql/data';

/** XFS, which can grow while it is used on any machine, makes no smaller file systems. */
export const SIZE = '320Mi';
/** Of the disk, in percent: then it grows. */
export const THRESHOLD_PERCENT = 80;

/** On a small disk the log of changes must be small too, and so must be the memory on a machine that plays three nodes. */
const ARGS = {
  max_wal_size: '64MB',
  min_wal_size: '32MB',
  shared_buffers: '32MB',
  max_connections: '20',
} as const;

interface Example {
  readonly spec: {
    readonly volumeClaims: readonly { readonly autoGrow: object }[];
    readonly template: { readonly spec: { readonly containers: readonly object[] } };
  };
}

function example(name: string): unknown {
  return parse(readFileSync(join(EXAMPLES, name), 'utf8'));
}

/** The array's pool, with snapshots. */
export function pool(): object {
  const { spec, ...rest } = example('pools/array.yaml') as { readonly spec: object };
  return { ...rest, spec: { ...spec, snapshots: { enabled: true } } };
}

/** The password that the example wants; nobody types it. */
export function secret(): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: APP }, stringData: { password: randomUUID() } };
}

export function postgresApp(): object {
  return onSmallDisks(example('postgresql.yaml') as Example, SIZE);
}

export function backup(): object {
  return example('postgresql-backup.yaml') as object;
}

/** `size`: of its volumes, as large as the backup wants. */
export function restoredApp(size: string): object {
  return onSmallDisks(example('postgresql-restore.yaml') as Example, size);
}

function onSmallDisks(app: Example, size: string): object {
  const { template, volumeClaims } = app.spec;
  const grown = { usageThresholdPercent: THRESHOLD_PERCENT, maxSize: '1Gi' };
  const containers = template.spec.containers.map((container) => ({
    ...container,
    args: Object.entries(ARGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    resources: { requests: { cpu: '50m', memory: '96Mi' } },
  }));
  return {
    ...app,
    spec: {
      ...app.spec,
      volumeClaims: volumeClaims.map((volume) => ({ ...volume, size, autoGrow: { ...volume.autoGrow, ...grown } })),
      template: { ...template, spec: { ...template.spec, terminationGracePeriodSeconds: 30, containers } },
    },
  };
}
