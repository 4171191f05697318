import { describe, expect, test } from '@jest/globals';
import { DATA, claim } from '../../../test/support/app-builders.ts';
import { backup } from '../../../test/support/backup-world.ts';
import { parsePersistentApp } from '../../api/parse.ts';
import type { DataSourceFacts } from './data-source-facts.ts';
import { sourceOf } from './data-source.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

const GIB = 2 ** 30;
const TIME = '2026-01-02T03:04:05Z';

const snapshot = (parts: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  uid: 'uid-copy',
  namespace: 'prod',
  name: 'copy',
  ownerUid: '',
  backup: '',
  claim: 'data-db-0',
  className: 'snap',
  readyToUse: true,
  bytes: GIB,
  error: '',
  deleting: false,
  ...parts,
});

const taken = (parts: object = {}, volume: object = {}) =>
  backup({
    status: {
      startedAt: TIME,
      finishedAt: TIME,
      readyToUse: true,
      volumes: [{ claim: 'data-db-0', member: 'db-0', snapshot: 'copy', readyToUse: true, ...volume }],
      ...parts,
    },
  });

/** What member `ordinal` of app `new` gets for a volume of 1Gi. */
function sourceFor(dataSourceRef: object, facts: Partial<DataSourceFacts> = {}, { ordinal = 0, name = 'data' } = {}) {
  const { spec } = parsePersistentApp({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name: 'new', namespace: 'prod', uid: 'new' },
    spec: {
      template: { spec: { containers: [{ name: 'db', image: 'db:1' }] } },
      volumeClaims: [{ ...DATA, name, dataSourceRef }],
    },
  });
  const [volume] = spec.volumeClaims;
  if (volume === undefined) throw new Error('no volume');
  return sourceOf(
    { volume, ordinal, app: 'new', bytes: GIB },
    {
      kinds: 'served',
      backups: new Map([['monday', taken()]]),
      snapshots: new Map([['copy', snapshot()]]),
      claims: new Map([['data-db-0', claim()]]),
      ...facts,
    },
  );
}

const MONDAY = { kind: 'AppBackup', name: 'monday' };
const COPY = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'copy' };
const of = (found: SnapshotFacts) => ({ snapshots: new Map([['copy', found]]) });

describe('a new volume is filled from', () => {
  test.each<readonly [string, object, object]>([
    ['the copy that a backup has of its member', MONDAY, COPY],
    ['a snapshot', COPY, COPY],
    [
      'the volume of the member of another app',
      { kind: 'PersistentApp', name: 'db' },
      { kind: 'PersistentVolumeClaim', name: 'data-db-0' },
    ],
    [
      'a claim',
      { kind: 'PersistentVolumeClaim', name: 'data-db-0' },
      { kind: 'PersistentVolumeClaim', name: 'data-db-0' },
    ],
    [
      'whatever a populator knows',
      { apiGroup: 'a.b', kind: 'Tape', name: 't' },
      { apiGroup: 'a.b', kind: 'Tape', name: 't' },
    ],
  ])('%s', (_, source, expected) => {
    expect(sourceFor(source)).toMatchObject(expected);
  });
});

describe('a new volume is not filled, and its member not started', () => {
  test.each<readonly [string, object, Partial<DataSourceFacts>, readonly string[]]>([
    ['from a backup that is not there', { ...MONDAY, name: 'sunday' }, {}, ['BackupNotFound', '"sunday"']],
    [
      'from one that is not ready yet',
      MONDAY,
      { backups: new Map([['monday', taken({ finishedAt: undefined, progress: '1/3' })]]) },
      ['BackupNotReady', '1/3 members'],
    ],
    [
      'from a backup of another app without that volume',
      MONDAY,
      { backups: new Map([['monday', taken({}, { claim: 'wal-db-0' })]]) },
      ['BackupUnfit', 'of app db has no volume data: it has wal'],
    ],
    [
      'from a backup whose snapshot is missing',
      MONDAY,
      { snapshots: new Map() },
      ['SnapshotNotFound', 'copy', 'does not exist'],
    ],
    ['from a snapshot that is going', COPY, of(snapshot({ deleting: true })), ['SnapshotNotFound', 'is being deleted']],
    [
      'from one that is not ready, and the driver is quoted',
      COPY,
      of(snapshot({ readyToUse: false, error: 'pool is full' })),
      ['DataSourceNotReady', 'pool is full'],
    ],
    [
      'from a larger volume, with both sizes',
      MONDAY,
      of(snapshot({ bytes: 2 * GIB })),
      ['DataSourceTooLarge', '1Gi', '2Gi'],
    ],
    ['without the snapshot kinds', MONDAY, { kinds: 'missing' }, ['SnapshotKindsMissing', 'external-snapshotter']],
    ['before snapshots are read', MONDAY, { kinds: 'reading' }, ['ReadingSnapshots']],
    [
      'from a backup of another namespace',
      { ...MONDAY, namespace: 'test' },
      {},
      ['DataSourceUnfit', 'another namespace'],
    ],
    [
      'from a member that another app has not',
      { kind: 'PersistentApp', name: 'db' },
      { claims: new Map() },
      ['DataSourceNotFound', 'data-db-0'],
    ],
    [
      'from a claim that is not bound',
      { kind: 'PersistentVolumeClaim', name: 'data-db-0' },
      { claims: new Map([['data-db-0', claim({ phase: 'Pending' })]]) },
      ['DataSourceNotReady', 'Pending'],
    ],
  ])('%s', (_, source, facts, words) => {
    const found = sourceFor(source, facts);
    const said = 'reason' in found ? `${found.reason}: ${found.message}` : JSON.stringify(found);
    for (const word of words) expect(said).toContain(word);
  });

  test('for more members than the backup has, with numbers', () => {
    expect(sourceFor(MONDAY, {}, { ordinal: 1 })).toMatchObject({
      reason: 'BackupUnfit',
      message: expect.stringContaining('has 1 member (db-0), and new-1 would be one more: ask for 1 replicas'),
    });
  });
});
