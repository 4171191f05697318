import { API_VERSION } from '../../../api/group.ts';
import { ANNOTATION_SCHEDULED, LABEL_APP, LABEL_APP_UID, LABEL_MANAGED_BY, MANAGED_BY } from '../../../api/labels.ts';
import { type Schedule, isFinished, scheduleOf, surplus } from '../../backup/schedule.ts';
import type { Action } from '../plan.ts';
import { formatTime } from '../rfc3339.ts';
import type { Situation } from '../situation.ts';
import { DONE, type Finding, type Step, doing } from './step.ts';

/**
 * Backups by the clock. Of the runs that were missed one is made good; none begins while the last one is not ready, or while the app has no
 * volumes yet. Then the oldest ones go, as `keep` says.
 */
export const backup: Step = {
  name: 'backup',
  run: ({ situation }) => {
    const schedule = scheduleOf(situation);
    if (schedule === undefined) return DONE;
    const actions = [...take(schedule, situation), ...prune(schedule, situation)];
    const findings = problemOf(schedule);
    const { nextAt } = schedule;
    return doing(actions, { findings, ...(nextAt === undefined ? {} : { wakeAtSeconds: nextAt }) });
  },
};

function take({ dueAt, backups }: Schedule, { app, members }: Situation): readonly Action[] {
  if (dueAt === undefined || backups.some((one) => !isFinished(one))) return [];
  const hasVolumes = members.some((member) => member.wanted && member.claims.some(({ phase }) => phase === 'Bound'));
  if (!hasVolumes) return [];
  const { namespace, name, uid } = app.metadata;
  const time = formatTime(dueAt);
  const snapshotClassName = app.spec.backup?.snapshotClassName;
  const object = {
    apiVersion: API_VERSION,
    kind: 'AppBackup',
    metadata: {
      // From the moment that it is for: whoever makes it twice makes it once.
      name: `${name}-${time.replaceAll(/\D/g, '').slice(0, 12)}`,
      namespace,
      labels: { [LABEL_MANAGED_BY]: MANAGED_BY, [LABEL_APP]: name, [LABEL_APP_UID]: uid },
      annotations: { [ANNOTATION_SCHEDULED]: time },
    },
    spec: { app: name, ...(snapshotClassName === undefined ? {} : { snapshotClassName }) },
  };
  return [{ kind: 'create', object, why: `spec.backup.schedule was due at ${time}` }];
}

function prune({ backups }: Schedule, { app, facts }: Situation): readonly Action[] {
  const keep = app.spec.backup?.keep ?? Infinity;
  return surplus(backups, keep, facts.backupsInUse ?? new Set()).map(({ metadata: { namespace, name, uid } }) => ({
    kind: 'deleteBackup',
    namespace,
    name,
    uid,
    keep,
    why: `spec.backup.keep is ${keep}`,
  }));
}

function problemOf({ problem }: Schedule): readonly Finding[] {
  if (problem === '') return [];
  const message = `spec.backup.schedule: ${problem}; no backups are made until it is corrected`;
  return [{ reason: 'InvalidSchedule', message, stalls: true, holds: [] }];
}
