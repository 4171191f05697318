import type { PersistentAppStatus } from '../../../api/persistent-app.ts';
import { selectorText } from '../build/owned-metadata.ts';
import { canonicalJson } from '../intent-hash.ts';
import { isOutdated, isReady } from '../readiness.ts';
import { recordRecovery } from '../../recovery/record-recovery.ts';
import { formatTime } from '../rfc3339.ts';
import type { Situation } from '../situation.ts';
import type { Finding, Operation } from '../steps/step.ts';
import { mergeConditions } from './conditions.ts';
import { foundConditions } from './found-conditions.ts';
import { retiredClaims } from './retired-claims.ts';
import type { StatusInput } from './status-input.ts';
import { statusSummary } from './status-summary.ts';

/** The status that says all this. Equal facts give an equal status: no counter and no time in it moves by itself. */
export function buildStatus(input: StatusInput): PersistentAppStatus {
  const { situation } = input;
  const { app, statefulSet, members } = situation;
  const operations = operationsOf(input);
  const found = foundConditions(input, operations);
  const lastRecovery = lastRecoveryOf(situation);
  return {
    observedGeneration: app.metadata.generation,
    replicas: members.filter((member) => member.pod !== undefined).length,
    readyReplicas: members.filter(isReady).length,
    updatedReplicas: members.filter(
      ({ pod }) => pod !== undefined && statefulSet !== undefined && !isOutdated(pod, statefulSet),
    ).length,
    selector: selectorText(app),
    summary: statusSummary(input, found, lastRecovery),
    members: input.members,
    operations,
    offers: offersOf(input),
    ...(lastRecovery === undefined ? {} : { lastRecovery }),
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

function operationsOf({ answers, findings }: StatusInput): readonly Operation[] {
  const waits = findings.filter((finding) => !finding.stalls && finding.holds.length > 0).map(cleanup);
  const steps = [...answers.values()].flatMap((answer) => ('operation' in answer ? (answer.operation ?? []) : []));
  return [...waits, ...steps]
    .slice(0, 32)
    .map((operation) => ({ ...operation, message: operation.message.slice(0, 1024) }));
}

function cleanup({ reason, message }: Finding): Operation {
  return { type: 'Cleanup', progress: '', blockedBy: reason, message };
}

function offersOf({ situation, demand }: StatusInput): PersistentAppStatus['offers'] {
  if (demand === undefined) return { attempts: 0, rejected: {} };
  const before = situation.app.status?.offers;
  const rejected = { ...situation.facts.decline?.nodesByReason };
  const isNews = canonicalJson(rejected) !== canonicalJson(before?.rejected ?? {});
  return {
    pendingSince: before?.pendingSince ?? formatTime(demand.pendingSinceSeconds),
    attempts: (before?.attempts ?? 0) + (isNews ? 1 : 0),
    rejected,
  };
}
