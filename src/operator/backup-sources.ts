import type { PersistentApp } from '../api/persistent-app.ts';
import type { AppFacts } from '../core/app/facts.ts';
import type { DataSourceFacts } from '../core/backup/data-source-facts.ts';
import { claimName } from '../core/app/claim-name.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { SnapshotWatch } from './backup-snapshots.ts';
import type { Stores } from './caches.ts';

/** What the volumes of an app may be filled from; undefined when none asks for it, as is usual. */
export function observeSources(
  { metadata: { namespace }, spec }: PersistentApp,
  stores: Pick<Stores, 'appBackups' | 'claims'>,
  snapshots: Pick<SnapshotWatch, 'kinds' | 'in'>,
): DataSourceFacts | undefined {
  const references = spec.volumeClaims.flatMap(({ name, dataSourceRef }) =>
    dataSourceRef === undefined ? [] : [{ volume: name, ...dataSourceRef }],
  );
  if (references.length === 0) return undefined;
  const backups = references.flatMap(({ name }) => stores.appBackups.get(objectKey(namespace, name)) ?? []);
  const ordinals = Array.from({ length: spec.replicas }, (_, ordinal) => ordinal);
  const claimNames = references.flatMap(({ kind, name, volume }) =>
    kind === 'PersistentApp' ? ordinals.map((ordinal) => claimName(volume, name, ordinal)) : [name],
  );
  const claims = claimNames.flatMap((name) => stores.claims.get(objectKey(namespace, name)) ?? []);
  return {
    kinds: snapshots.kinds(),
    backups: new Map(backups.map((backup) => [backup.metadata.name, backup])),
    snapshots: snapshots.in(namespace),
    claims: new Map(claims.map((claim) => [claim.name, claim])),
  };
}

/** Backups that apps of the namespace, not all of whose members are ready, are made from. Asked only for an app that prunes. */
export function backupsInUse(
  { metadata: { namespace }, spec }: PersistentApp,
  stores: Pick<Stores, 'apps'>,
): Pick<AppFacts, 'backupsInUse'> {
  if (spec.backup === undefined) return {};
  const names = stores.apps
    .list()
    .filter(({ metadata }) => metadata.namespace === namespace)
    .filter(({ spec: { replicas }, status }) => (status?.readyReplicas ?? 0) < replicas)
    .flatMap((app) => app.spec.volumeClaims.flatMap(({ dataSourceRef }) => dataSourceRef?.name ?? []));
  return { backupsInUse: new Set(names) };
}
