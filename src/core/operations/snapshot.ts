import type { AppBackup } from '../../api/app-backup.ts';
import type { OperationStep } from '../../api/app-operation.ts';
import { API_VERSION } from '../../api/group.ts';
import type { Action } from '../app/plan.ts';
import { ordinalOf } from '../app/member-name.ts';
import { memberRefusal } from './chosen-members.ts';
import type { OperationInput, OperationType, Verdict } from './operation-type.ts';

/** An AppBackup of the app now, or one of each member that is named. It outlives the operation. */
export const snapshot: OperationType = {
  isDisruptive: false,
  refusal: (input) => (input.operation.spec.members.length === 0 ? undefined : memberRefusal(input)),
  phases: ({ operation }) => {
    const { members } = operation.spec;
    const each = members.map((member) => ({ name: `back up ${member}`, member }));
    return [{ name: 'Snapshot', steps: each.length === 0 ? [{ name: 'back up all members', member: '' }] : each }];
  },
  waitsFor: () => undefined,
  begin: (step, { operation }) => [{ kind: 'AppBackup', name: backupName(step, operation), uid: '' }],
  judge: (step, input) => verdict(backupOf(step, input)),
  act: (step, input) => (backupOf(step, input) === undefined ? [create(step, input)] : []),
  mayStop: () => true,
};

/** The operation's own name, so that it is found again; with the ordinal when there are several. */
function backupName(
  { member }: Pick<OperationStep, 'member'>,
  { metadata, spec }: OperationInput['operation'],
): string {
  return member === '' ? metadata.name : `${metadata.name}-${ordinalOf(spec.app, member) ?? 0}`;
}

function backupOf(step: OperationStep, { operation, situation }: OperationInput): AppBackup | undefined {
  const name = backupName(step, operation);
  return situation.facts.backups?.find((backup) => backup.metadata.name === name);
}

function create(step: OperationStep, { operation, situation: { app } }: OperationInput): Action {
  const { namespace, name } = app.metadata;
  const spec = { app: name, ...(step.member === '' ? {} : { member: step.member }) };
  const metadata = { namespace, name: backupName(step, operation) };
  return {
    kind: 'create',
    object: { apiVersion: API_VERSION, kind: 'AppBackup', metadata, spec },
    why: `AppOperation ${operation.metadata.name}`,
  };
}

function verdict(backup: AppBackup | undefined): Verdict {
  if (backup === undefined) return { state: 'Running', message: 'makes an AppBackup' };
  const { name } = backup.metadata;
  const { status } = backup;
  if (status?.readyToUse === true)
    return {
      state: 'Complete',
      message: `AppBackup ${name} is ready: ${status.volumes.length} volumes, ${status.size}`,
    };
  const [failed] = (status?.conditions ?? []).filter(
    ({ type, status: found, reason }) => found === 'False' && (type === 'Supported' || reason === 'Failed'),
  );
  if (failed !== undefined) return { state: 'Failed', message: `AppBackup ${name}: ${failed.message}`.slice(0, 1024) };
  const ready = (status?.volumes ?? []).filter((volume) => volume.readyToUse).length;
  return {
    state: 'Running',
    message: `AppBackup ${name}: ${ready} of ${status?.volumes.length ?? 0} volumes are ready`,
    blockedBy: `AppBackup/${name}`,
  };
}
