import { LABEL_BACKUP_GROUP } from '../api/labels.ts';
import type { ClaimFacts } from '../core/facts/storage-facts.ts';
import { objectKey, splitKey } from '../kube/kube-object.ts';
import { appsOfClaim } from './app-keys.ts';
import type { SnapshotWatch } from './backup-snapshots.ts';
import type { Stores } from './caches.ts';
import type { UpkeepKey } from './work-queues.ts';

/** Says, from now on, which change concerns which backup. Backups themselves, and apps that look at backups, are woken elsewhere. */
export function wakeBackups(
  stores: Pick<Stores, 'appBackups' | 'claims' | 'volumes' | 'apps' | 'pools'>,
  snapshots: Pick<SnapshotWatch, 'snapshots' | 'classes' | 'groups' | 'groupClasses'>,
  wake: (key: UpkeepKey) => void,
  wakeApp: (key: string) => void,
): void {
  /** What a backup is made of matters only until it begins. */
  const wakeWaiting = (isMeant: (appKey: string) => boolean) => {
    for (const [key, { metadata, spec, status }] of stores.appBackups.entries()) {
      if (status?.startedAt === undefined && isMeant(objectKey(metadata.namespace, spec.app))) wake(`backup ${key}`);
    }
  };
  const wakeOwner = (one: { readonly namespace: string; readonly backup: string } | undefined) => {
    if (one !== undefined && one.backup !== '') wake(`backup ${objectKey(one.namespace, one.backup)}`);
  };
  const groupOf = (namespace: string, name: string) => snapshots.groups.get(objectKey(namespace, name));
  stores.appBackups.onChange((_key, next, previous) => {
    const one = next ?? previous;
    if (one === undefined) return;
    wakeApp(objectKey(one.metadata.namespace, one.spec.app));
    wakeFilled(stores, one.metadata.namespace, one.metadata.name, wakeApp);
  });
  snapshots.snapshots.onChange((_key, next, previous) => {
    const { namespace, name } = next ?? previous ?? { namespace: '', name: '' };
    wakeFilled(stores, namespace, name, wakeApp);
    wakeFilled(stores, namespace, (next ?? previous)?.backup ?? '', wakeApp);
    for (const one of [next, previous]) {
      if (one !== undefined) wakeOwner(one.group === undefined ? one : groupOf(one.namespace, one.group.name));
    }
  });
  snapshots.groups.onChange((_key, next, previous) => {
    for (const one of [next, previous]) wakeOwner(one);
  });
  snapshots.classes.onChange(() => wakeWaiting(() => true));
  snapshots.groupClasses.onChange(() => wakeWaiting(() => true));
  stores.pools.onChange((_name, next, previous) => {
    if (next?.status?.snapshotClassName !== previous?.status?.snapshotClassName) wakeWaiting(() => true);
  });
  stores.apps.onChange((key, next, previous) => {
    if (next?.metadata.generation !== previous?.metadata.generation) wakeWaiting((app) => app === key);
  });
  stores.volumes.onChange((_name, next, previous) => {
    if (next?.claim === undefined || previous !== undefined) return;
    const apps = new Set(appsOfClaim({ ...next.claim, labels: {} }));
    wakeWaiting((app) => apps.has(app));
  });
  /** Where its groups stand, once it has begun. */
  const wakeRunning = (apps: readonly string[]) => {
    for (const [key, { metadata, spec, status }] of stores.appBackups.entries()) {
      const isRunning = status?.startedAt !== undefined && status.finishedAt === undefined;
      if (isRunning && apps.includes(objectKey(metadata.namespace, spec.app))) wake(`backup ${key}`);
    }
  };
  stores.claims.onChange((_key, next, previous) => {
    if (previous !== undefined && groupLabel(next) !== groupLabel(previous)) wakeRunning(appsOfClaim(previous));
    if (next?.phase === previous?.phase && next?.deleting === previous?.deleting) return;
    const one = next ?? previous;
    if (one === undefined) return;
    const apps = new Set(appsOfClaim(one));
    wakeWaiting((app) => apps.has(app));
    // Clones wait for the claims that they are of.
    for (const name of [one.name, ...[...apps].map((key) => splitKey(key).name)]) {
      wakeFilled(stores, one.namespace, name, wakeApp);
    }
  });
}

function groupLabel(claim: ClaimFacts | undefined): string | undefined {
  return claim === undefined ? undefined : (claim.labels[LABEL_BACKUP_GROUP] ?? '');
}

/** Apps with a volume that is filled from something of that name. */
function wakeFilled(
  stores: Pick<Stores, 'apps'>,
  namespace: string,
  name: string,
  wakeApp: (key: string) => void,
): void {
  for (const [key, { metadata, spec }] of stores.apps.entries()) {
    if (metadata.namespace !== namespace) continue;
    if (spec.volumeClaims.some(({ dataSourceRef }) => dataSourceRef?.name === name)) wakeApp(key);
  }
}

/** Everything that looks at snapshots, once they are read for the first time. */
export function wakeEveryBackup(
  stores: Pick<Stores, 'appBackups' | 'apps'>,
  queues: { wakeApp(key: string, seconds: number): void; wakeUpkeep(key: UpkeepKey): void },
): void {
  for (const key of stores.appBackups.keys()) queues.wakeUpkeep(`backup ${key}`);
  for (const [key, { spec }] of stores.apps.entries()) {
    if (spec.volumeClaims.some(({ dataSourceRef }) => dataSourceRef !== undefined)) queues.wakeApp(key, 0);
  }
}
