import { operationUpdates } from '../operations/operation-updates.ts';
import { appEvents } from './app-events.ts';
import { farewell } from './delete-app.ts';
import type { AppFacts } from './facts.ts';
import { bringBack } from './finish-replacement.ts';
import { isSought, keptSlots } from './kept-slots.ts';
import type { Plan } from './plan.ts';
import { parseTime } from './rfc3339.ts';
import { type Situation, ownSlots } from './situation.ts';
import { buildStatus } from './status/build-status.ts';
import { memberStatuses } from './status/member-status.ts';
import { statusAtRest } from './status/status-at-rest.ts';
import { adopt } from './steps/adopt.ts';
import { backup } from './steps/backup.ts';
import { drain } from './steps/drain.ts';
import { guard } from './steps/guard.ts';
import { operate } from './steps/operate.ts';
import { rebuild } from './steps/rebuild.ts';
import { recover } from './steps/recover.ts';
import { remount } from './steps/remount.ts';
import { replace } from './steps/replace.ts';
import { reserve } from './steps/reserve.ts';
import { restore } from './steps/restore.ts';
import { retention } from './steps/retention.ts';
import { scaleIn } from './steps/scale-in.ts';
import type { Answer, Finding, Step, StepInput, StepName } from './steps/step.ts';
import { update } from './steps/update.ts';
import { volumeTrouble } from './steps/volume-trouble.ts';
import { volumes } from './steps/volumes.ts';
import { wake } from './steps/wake.ts';
import { workload } from './steps/workload.ts';
import { understand } from './understand.ts';

/** What is done for an app, in this order. Each step looks at what those before it found out. */
const STEPS: readonly Step[] = [
  guard,
  volumes,
  restore,
  recover,
  rebuild,
  operate,
  drain,
  volumeTrouble,
  reserve,
  adopt,
  replace,
  workload,
  remount,
  update,
  scaleIn,
  retention,
  backup,
  wake,
];

/**
 * What an app needs now: writes, slots to keep, members to place, status and events. Pure: equal facts give an equal plan, and the plan
 * of a world that is as wanted is empty. `now` is in epoch seconds. Nothing in a plan ever deletes a claim or a volume.
 */
export function plan(facts: AppFacts, now: number): Plan {
  const { app } = facts;
  if (app.metadata.deletionTimestamp !== undefined) return sayFarewell(facts, now);
  // But for a StatefulSet that is away: it was there when somebody said that nothing may change.
  if (app.spec.paused) return { ...leaveAlone(facts, 'Paused', now), actions: bringBack(facts, now) };
  const situation = understand(facts, now);
  const kept = keptSlots(situation);
  // What is proposed may be withdrawn: nothing is started on it, and until it is settled the member waits.
  const slots = kept.filter((slot) => slot.state !== 'Proposed' && !isSought(slot, situation));
  const { answers, findings, demand } = runSteps({ situation, slots, demand: undefined, unfinished: new Set() });
  const members = memberStatuses(situation, slots);
  const status = buildStatus({ situation, slots, demand, findings, answers, members });
  const operations = operationUpdates(situation, answers);
  return {
    actions: [...answers.values()].flatMap((answer) => answer.actions ?? []),
    ...(operations.updates.length === 0 ? {} : { operations: operations.updates }),
    slots: kept,
    demand,
    status,
    events: appEvents(app.status, status),
    wakeAfterSeconds: wakeAfter(situation, slots, [...answers.values(), operations]),
  };
}

/** Paused or being deleted: nothing is written but the word for it. Garbage collection takes what the app owns; claims stay. */
function leaveAlone(facts: AppFacts, word: 'Paused' | 'Deleting', now: number): Plan {
  const status = statusAtRest(facts.app, word, now);
  const events = appEvents(facts.app.status, status);
  return { actions: [], slots: ownSlots(facts), demand: undefined, status, events, wakeAfterSeconds: undefined };
}

/** Being deleted: what it takes along goes first. */
function sayFarewell(facts: AppFacts, now: number): Plan {
  const { actions, message, untilSeconds } = farewell(facts, now);
  const status = statusAtRest(facts.app, 'Deleting', now, message);
  const wakeAfterSeconds = untilSeconds === undefined ? undefined : Math.max(1, untilSeconds - now);
  return {
    ...leaveAlone(facts, 'Deleting', now),
    actions,
    status,
    events: appEvents(facts.app.status, status),
    wakeAfterSeconds,
  };
}

interface Outcome {
  readonly answers: ReadonlyMap<StepName, Answer>;
  readonly findings: readonly Finding[];
  readonly demand: StepInput['demand'];
}

function runSteps(start: StepInput): Outcome {
  const answers = new Map<StepName, Answer>();
  const unfinished = new Set<StepName>();
  const findings: Finding[] = [];
  let { demand } = start;
  for (const step of STEPS) {
    const holding = findings.find((finding) => finding.holds.includes(step.name));
    const answer = held(step.run({ ...start, demand, unfinished }), step.name, holding);
    answers.set(step.name, answer);
    findings.push(...(answer.findings ?? []));
    demand = answer.demand ?? demand;
    if (answer.state !== 'done') unfinished.add(step.name);
  }
  return { answers, findings, demand };
}

/** A step that is held back does nothing, and says so if there was anything to do. */
function held(answer: Answer, name: StepName, holding: Finding | undefined): Answer {
  if (holding === undefined || answer.state === 'done') return answer;
  const { type, progress } = answer.operation ?? { type: TITLES[name] ?? name, progress: '' };
  const operation = { type, progress, blockedBy: holding.reason, message: holding.message };
  return { state: 'waiting', operation, findings: answer.findings ?? [] };
}

const TITLES: Partial<Readonly<Record<StepName, string>>> = { workload: 'Workload', volumes: 'Volumes', wake: 'Wake' };

/** Seconds until something changes by itself: a step's own time, or the end of a hold. */
function wakeAfter(
  { now }: Situation,
  slots: readonly { readonly holdUntil?: string | undefined }[],
  answers: readonly Pick<Answer, 'wakeAtSeconds'>[],
): number | undefined {
  const holds = slots.flatMap((slot) => parseTime(slot.holdUntil) ?? []);
  const times = [...holds, ...answers.flatMap((answer) => answer.wakeAtSeconds ?? [])].filter((time) => time > now);
  return times.length === 0 ? undefined : Math.min(...times) - now;
}
