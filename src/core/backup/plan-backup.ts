import type { AppBackupStatus } from '../../api/app-backup.ts';
import type { Condition } from '../../api/condition.ts';
import type { KubeObject } from '../app/plan.ts';
import { formatTime } from '../app/rfc3339.ts';
import type { BackupFacts, BackupProblem } from './backup-facts.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { chooseVolumes } from './choose-volumes.ts';
import type { VolumeBackup } from './volume-backup.ts';
import { type Copy, followSnapshots, memberProgress, sizeOf } from './follow-snapshots.ts';
import { consistencyOf } from './snapshot-groups.ts';
import { type ClaimMark, takeGroups } from './take-groups.ts';

/**
 * What a backup needs now. `create`: VolumeSnapshots and groups of them that do not exist; each is named in the status that was written
 * before. `marks`: claims to label, before the group that they belong to is made.
 */
export interface BackupPlan {
  readonly marks: readonly ClaimMark[];
  readonly create: readonly KubeObject[];
  readonly status: AppBackupStatus;
  /** Look again after this long even if nothing changes; undefined: only on change. */
  readonly wakeAfterSeconds: number | undefined;
}

/** Kinds that come and go are not watched before they exist. */
const LOOK_AGAIN_SECONDS = 30;

type Said = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * One backup, in three passes: what is copied is written into the status; then each snapshot is made (of a group, after its claims were
 * labelled); then their states are followed. It does not begin before all of its volumes can be copied, and what has ended is never taken
 * anew. `now` in epoch seconds.
 */
export function planBackup(facts: BackupFacts, now: number): BackupPlan {
  const { backup } = facts;
  if (backup.status?.startedAt === undefined) return begin(facts, now);
  // Not all snapshots are read yet: none of them is known to be missing.
  if (facts.kinds !== 'served')
    return { marks: [], create: [], status: backup.status, wakeAfterSeconds: LOOK_AGAIN_SECONDS };
  return goOn(facts, backup.status, now);
}

function begin(facts: BackupFacts, now: number): BackupPlan {
  const { backup } = facts;
  const chosen = chooseVolumes(facts);
  if ('reason' in chosen) {
    const status = { ...EMPTY, observedGeneration: backup.metadata.generation };
    const conditions = conditionsOf(facts, saidOfProblem(chosen), now);
    const wakeAfterSeconds = facts.kinds === 'served' ? undefined : LOOK_AGAIN_SECONDS;
    return { marks: [], create: [], status: { ...status, conditions }, wakeAfterSeconds };
  }
  const status: AppBackupStatus = {
    observedGeneration: backup.metadata.generation,
    consistency: consistencyOf(chosen),
    readyToUse: false,
    progress: memberProgress(chosen),
    size: '',
    startedAt: formatTime(now),
    volumes: chosen,
    conditions: conditionsOf(facts, running(chosen, `0 of ${chosen.length} volumes are ready`), now),
  };
  return { marks: [], create: [], status, wakeAfterSeconds: undefined };
}

const EMPTY: AppBackupStatus = {
  observedGeneration: 0,
  readyToUse: false,
  progress: '',
  size: '',
  volumes: [],
  conditions: [],
};

function goOn(facts: BackupFacts, before: AppBackupStatus, now: number): BackupPlan {
  const copies = followSnapshots(facts);
  const volumes = copies.map(({ volume }) => volume);
  const readyToUse = volumes.every((volume) => volume.readyToUse);
  const finishedAt = before.finishedAt ?? (readyToUse ? formatTime(now) : undefined);
  const status: AppBackupStatus = {
    ...before,
    observedGeneration: facts.backup.metadata.generation,
    readyToUse,
    progress: memberProgress(volumes),
    size: sizeOf(volumes),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    volumes,
    conditions: conditionsOf(facts, saidOfCopies(copies), now),
  };
  const missing = copies.filter(({ state }) => state === 'missing').map(({ volume }) => volume);
  const groups = takeGroups(
    missing.filter(({ group }) => group !== ''),
    facts,
  );
  const single = missing.filter(({ group }) => group === '').map((volume) => buildSnapshot(facts.backup, volume));
  return { marks: groups.marks, create: [...groups.create, ...single], status, wakeAfterSeconds: undefined };
}

function saidOfProblem({ reason, message, final }: BackupProblem): readonly Said[] {
  const ready: Said = { type: 'Ready', status: 'False', reason, message };
  return [ready, { ...ready, type: final ? 'Stalled' : 'Reconciling', status: 'True' }];
}

function saidOfCopies(copies: readonly Copy[]): readonly Said[] {
  const volumes = copies.map(({ volume }) => volume);
  const ready = volumes.filter(({ readyToUse }) => readyToUse).length;
  const count = `${ready} of ${volumes.length} volumes are ready`;
  if (ready === volumes.length) return [{ type: 'Ready', status: 'True', reason: 'BackupReady', message: count }];
  for (const [state, reason] of TROUBLE) {
    const [first] = copies.filter((copy) => copy.state === state);
    if (first === undefined) continue;
    const message = `${count}: claim ${first.volume.claim}: ${first.volume.message}`;
    return saidOfProblem({ reason, message, final: state !== 'failing' });
  }
  return running(volumes, count);
}

const TROUBLE = [
  ['foreign', 'ForeignObject'],
  ['gone', 'SnapshotGone'],
  ['failing', 'SnapshotFailing'],
] as const;

function running(volumes: readonly VolumeBackup[], count: string): readonly Said[] {
  return saidOfProblem({
    reason: 'SnapshotsRunning',
    message: `${count}, ${memberProgress(volumes).replace('/', ' of ')} members`,
    final: false,
  });
}

/** A condition that keeps its status keeps its time. */
function conditionsOf({ backup }: BackupFacts, said: readonly Said[], now: number): readonly Condition[] {
  return said.map((next) => {
    const last = backup.status?.conditions.find((condition) => condition.type === next.type);
    const lastTransitionTime = last?.status === next.status ? last.lastTransitionTime : formatTime(now);
    return { ...next, observedGeneration: backup.metadata.generation, lastTransitionTime };
  });
}
