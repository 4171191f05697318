import type { PersistentAppStatus } from '../../../api/persistent-app.ts';
import { adoptedStatus } from '../../adoption/adoption.ts';
import { scheduleOf } from '../../backup/schedule.ts';
import { selectorText } from '../build/owned-metadata.ts';
import { isOutdated, isReady } from '../readiness.ts';
import { lastDrain } from '../../drain/last-drain.ts';
import { recordRecovery } from '../../recovery/record-recovery.ts';
import type { Situation } from '../situation.ts';
import { type Finding, HELD_BY_OPERATION, type Operation } from '../steps/step.ts';
import { mergeConditions } from './conditions.ts';
import { offersStatus } from './offers-status.ts';
import { foundConditions } from './found-conditions.ts';
import { retiredClaims } from './retired-claims.ts';
import type { StatusInput } from './status-input.ts';
import { statusSummary } from './status-summary.ts';

/** The status that says all this. Equal facts give an equal status: no counter and no time in it moves by itself. */
export function buildStatus(input: StatusInput): PersistentAppStatus {
  const { situation } = input;
  const { app, statefulSet, members } = situation;
  // While it is replaced, the one to come says what members should be like.
  const template = statefulSet ?? situation.replacement?.next;
  const replacement = input.answers.get('replace')?.replacement ?? input.answers.get('adopt')?.replacement;
  const operations = operationsOf(input);
  const found = foundConditions(input, operations);
  const lastRecovery = lastRecoveryOf(situation);
  const drained = lastDrain(situation);
  return {
    observedGeneration: app.metadata.generation,
    replicas: members.filter((member) => member.pod !== undefined).length,
    readyReplicas: members.filter(isReady).length,
    updatedReplicas: members.filter(
      ({ pod }) => pod !== undefined && template !== undefined && !isOutdated(pod, template),
    ).length,
    selector: selectorText(app),
    summary: statusSummary(input, found, lastRecovery),
    members: input.members,
    operations,
    offers: offersStatus(input),
    ...(lastRecovery === undefined ? {} : { lastRecovery }),
    ...(drained === undefined ? {} : { lastDrain: drained }),
    ...(replacement === undefined ? {} : { replacement }),
    ...adoptedStatus(app, replacement),
    ...backupOf(situation),
    retiredClaims: retiredClaims(situation),
    conditions: mergeConditions(app, found, situation.now),
  };
}

function lastRecoveryOf({ app, moves, members, now }: Situation): PersistentAppStatus['lastRecovery'] {
  return recordRecovery({
    before: app.status?.lastRecovery,
    moves: [...moves.values()],
    memberOf: (name) => {
      const member = members.find((candidate) => candidate.name === name);
      if (member === undefined) return undefined;
      return { isBound: member.bound, podCreatedAt: member.pod?.createdAtSeconds ?? 0, isReady: isReady(member) };
    },
    now,
  });
}

function backupOf(situation: Situation): Pick<PersistentAppStatus, 'backup'> {
  const schedule = scheduleOf(situation);
  return schedule === undefined ? {} : { backup: schedule.status };
}

function operationsOf({ answers, findings }: StatusInput): readonly Operation[] {
  const waits = findings.filter(isCleanup).map(cleanup);
  const steps = [...answers.values()].flatMap((answer) => ('operation' in answer ? (answer.operation ?? []) : []));
  return [...waits, ...steps]
    .slice(0, 32)
    .map((operation) => ({ ...operation, message: operation.message.slice(0, 1024) }));
}

function isCleanup({ stalls, holds, reason }: Finding): boolean {
  return !stalls && holds.length > 0 && reason !== HELD_BY_OPERATION;
}

function cleanup({ reason, message }: Finding): Operation {
  return { type: 'Cleanup', progress: '', blockedBy: reason, message };
}
