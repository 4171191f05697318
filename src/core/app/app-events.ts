import type { Condition, ConditionType } from '../../api/condition.ts';
import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import { endedPhases } from '../recovery/record-recovery.ts';
import { drainEvents } from '../drain/drain-events.ts';
import { growthEvents } from './growth-events.ts';
import type { AppEvent } from './plan.ts';

interface Telling {
  readonly status: Condition['status'];
  readonly type: AppEvent['type'];
  /** Also when the status stays and the reason is another one. */
  readonly eachReason: boolean;
}

/** Which changes of a condition people are told of. */
const TELLING: Partial<Readonly<Record<ConditionType, readonly Telling[]>>> = {
  Ready: [{ status: 'True', type: 'Normal', eachReason: false }],
  Reserved: [
    { status: 'True', type: 'Normal', eachReason: false },
    { status: 'False', type: 'Warning', eachReason: true },
  ],
  Stalled: [{ status: 'True', type: 'Warning', eachReason: true }],
  Degraded: [{ status: 'True', type: 'Warning', eachReason: false }],
  Progressing: [{ status: 'True', type: 'Normal', eachReason: false }],
  VolumesHealthy: [{ status: 'False', type: 'Warning', eachReason: true }],
  Suspended: [
    { status: 'True', type: 'Normal', eachReason: true },
    { status: 'False', type: 'Normal', eachReason: false },
  ],
  ForeignObjects: [{ status: 'True', type: 'Warning', eachReason: false }],
  FencingRequired: [{ status: 'True', type: 'Warning', eachReason: false }],
  BackedUp: [{ status: 'False', type: 'Warning', eachReason: true }],
  VolumesAtRisk: [{ status: 'True', type: 'Warning', eachReason: false }],
  Supported: [{ status: 'False', type: 'Warning', eachReason: false }],
};

/** Events for what changed from the last status to this one; none when nothing did. */
export function appEvents(before: PersistentAppStatus | undefined, after: PersistentAppStatus): readonly AppEvent[] {
  return [
    ...conditionEvents(before, after),
    ...recoveryEvents(before?.lastRecovery, after.lastRecovery),
    ...growthEvents(before, after),
    ...drainEvents(before, after),
  ];
}

function conditionEvents(before: PersistentAppStatus | undefined, after: PersistentAppStatus): readonly AppEvent[] {
  return after.conditions.flatMap((condition) => {
    const last = before?.conditions.find((candidate) => candidate.type === condition.type);
    const telling = TELLING[condition.type as ConditionType]?.find((item) => item.status === condition.status);
    if (telling === undefined || isSilent(condition, last)) return [];
    const isNews = last?.status !== condition.status || (telling.eachReason && last.reason !== condition.reason);
    return isNews ? [{ type: telling.type, reason: condition.reason, message: condition.message }] : [];
  });
}

/** A stop that somebody asked for needs no second event, nor does work that has just begun, nor what was never otherwise. */
function isSilent(condition: Condition, last: Condition | undefined): boolean {
  if (condition.type === 'Reserved') return condition.reason === 'Placing' || condition.reason === 'Suspended';
  return condition.type === 'Suspended' && condition.status === 'False' && last?.status !== 'True';
}

type LastRecovery = PersistentAppStatus['lastRecovery'];

/** A recovery is told when it begins, when the old writer is cut off, and when the member is ready again. */
function recoveryEvents(before: LastRecovery, after: LastRecovery): readonly AppEvent[] {
  if (after === undefined) return [];
  const { member, cause, evidence } = after;
  const isSame = before?.member === member && before.detectedAt === after.detectedAt;
  const begun: AppEvent = {
    type: 'Warning',
    reason: 'RecoveryBegun',
    message: `${member} is moved: ${cause}; ${evidence}`,
  };
  const ended = endedPhases(before, after).flatMap(({ phase, seconds }): readonly AppEvent[] =>
    phase === 'bound'
      ? []
      : [{ type: 'Normal', reason: ENDED[phase].reason, message: `${member} ${ENDED[phase].says} ${seconds} s` }],
  );
  return isSame ? ended : [begun, ...ended];
}

const ENDED = {
  fenced: { reason: 'OldWriterCutOff', says: 'has volumes that nothing ties to the lost node any more, after' },
  ready: { reason: 'Recovered', says: 'is ready again after' },
} as const;
