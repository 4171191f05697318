import type { AppOperationStatus, OperationPhase, OperationStep } from '../../api/app-operation.ts';
import { formatTime, parseTime } from '../app/rfc3339.ts';
import type { OperationInput, Wait } from './operation-type.ts';
import { sayOperation } from './say-operation.ts';
import { isFinished } from './running-operation.ts';
import { OPERATIONS } from './registry.ts';

export interface NextStatus {
  readonly status: AppOperationStatus;
  /** Epoch seconds. */
  readonly wakeAtSeconds?: number;
}

type Draft = Omit<AppOperationStatus, 'conditions' | 'observedGeneration' | 'progress'>;

const FRESH: Draft = { state: 'Pending', message: '', blockedBy: '', phases: [] };

/** The status that follows from the one that is written down. `held`: why it must not begin; one that has begun goes on. */
export function nextStatus(input: OperationInput, held: Wait | undefined): NextStatus {
  const { operation } = input;
  const before = operation.status;
  const at = deadline(input);
  if (isFinished(operation) && before !== undefined) return { status: said(input, before) };
  const { draft, atSeconds } = before?.state === 'Running' ? goOn(input, before) : begin(input, held);
  const times = [at, atSeconds].flatMap((time) => time ?? []);
  return {
    status: said(input, draft),
    ...(isEnd(draft) || times.length === 0 ? {} : { wakeAtSeconds: Math.min(...times) }),
  };
}

interface Advance {
  readonly draft: Draft;
  readonly atSeconds?: number | undefined;
}

/** Before it begins nothing is done: it can be refused, called off, held. When it begins, its whole plan is written down first. */
function begin(input: OperationInput, held: Wait | undefined): Advance {
  const { operation, situation } = input;
  const type = OPERATIONS[operation.spec.type];
  if (operation.spec.cancel) return { draft: ended('Cancelled', 'cancelled before it began', FRESH, situation.now) };
  const refusal = type.refusal(input);
  if (refusal !== undefined) return { draft: ended('Failed', refusal, FRESH, situation.now) };
  const wait = operation.spec.paused ? PAUSED : held;
  if (wait !== undefined) return { draft: { ...FRESH, blockedBy: wait.check, message: wait.message } };
  const phases = type.phases(input).map(({ name, steps }): OperationPhase => ({
    name,
    state: 'Pending',
    steps: steps.map((step) => ({ ...step, state: 'Pending', message: '', objects: [] })),
  }));
  return {
    draft: { state: 'Running', message: 'begins', blockedBy: '', startedAt: formatTime(situation.now), phases },
  };
}

const PAUSED: Wait = { check: 'Paused', message: 'spec.paused is set' };

function goOn(input: OperationInput, before: Draft): Advance {
  const { operation, situation } = input;
  const type = OPERATIONS[operation.spec.type];
  const steps = before.phases.flatMap((phase) => phase.steps);
  const current = steps.find((step) => step.state === 'Running');
  const over = deadline(input);
  if (over !== undefined && over <= situation.now) {
    const message = `not done after ${operation.spec.timeoutSeconds} s (spec.timeoutSeconds)`;
    return {
      draft: ended(
        'Failed',
        `${message}: ${before.message}`.slice(0, 1024),
        closed(before, current, situation.now),
        situation.now,
      ),
    };
  }
  if (current === undefined) return between(input, before);
  const { state, message, blockedBy = '' } = type.judge(current, input);
  if (state === 'Running') {
    if (operation.spec.cancel && type.mayStop(current, input))
      return {
        draft: ended(
          'Cancelled',
          `cancelled at "${current.name}", which is undone`,
          closed(before, current, situation.now),
          situation.now,
        ),
      };
    return {
      draft: {
        ...withStep(before, { ...current, message }),
        message: `${current.name}: ${message}`.slice(0, 1024),
        blockedBy,
      },
    };
  }
  const done: OperationStep = { ...current, state, message, finishedAt: formatTime(situation.now) };
  const next = withStep(before, done);
  if (state === 'Failed')
    return { draft: ended('Failed', `${current.name}: ${message}`.slice(0, 1024), next, situation.now) };
  return { draft: { ...next, blockedBy: '', message: `${current.name}: ${message}`.slice(0, 1024) } };
}

/** No step is under way: the end, a stop that was asked for, or the next step's turn. */
function between(input: OperationInput, before: Draft): Advance {
  const { operation, situation } = input;
  const type = OPERATIONS[operation.spec.type];
  const steps = before.phases.flatMap((phase) => phase.steps);
  const next = steps.find((step) => step.state === 'Pending');
  if (next === undefined) return { draft: ended('Complete', 'done', before, situation.now) };
  if (operation.spec.cancel) {
    const done = steps.filter((step) => step.state === 'Complete').length;
    return { draft: ended('Cancelled', `cancelled after ${done} of ${steps.length} steps`, before, situation.now) };
  }
  const wait = operation.spec.paused ? PAUSED : type.waitsFor(next, input);
  if (wait !== undefined) {
    const message = `${next.name}: ${wait.message}`.slice(0, 1024);
    return { draft: { ...before, blockedBy: wait.check, message }, atSeconds: wait.atSeconds };
  }
  const begun: OperationStep = {
    ...next,
    state: 'Running',
    message: 'begins',
    startedAt: formatTime(situation.now),
    objects: type.begin(next, input),
  };
  return { draft: { ...withStep(before, begun), blockedBy: '', message: `${next.name}: begins` } };
}

function ended(state: 'Complete' | 'Failed' | 'Cancelled', message: string, before: Draft, now: number): Draft {
  return { ...before, state, message, blockedBy: '', finishedAt: formatTime(now) };
}

/** The step that was under way when the operation ended. */
function closed(before: Draft, step: OperationStep | undefined, now: number): Draft {
  if (step === undefined) return before;
  return withStep(before, { ...step, state: 'Failed', finishedAt: formatTime(now) });
}

function withStep(before: Draft, step: OperationStep): Draft {
  const phases = before.phases.map((phase) => {
    const steps = phase.steps.map((old) => (old.name === step.name ? step : old));
    return { ...phase, steps, state: phaseState(steps) };
  });
  return { ...before, phases };
}

function phaseState(steps: readonly OperationStep[]): OperationPhase['state'] {
  if (steps.some((step) => step.state === 'Failed')) return 'Failed';
  if (steps.every((step) => step.state === 'Complete')) return 'Complete';
  return steps.every((step) => step.state === 'Pending') ? 'Pending' : 'Running';
}

function isEnd({ state }: Draft): boolean {
  return state !== 'Pending' && state !== 'Running';
}

/** Epoch seconds at which the operation fails; undefined: it has no limit, or has not begun. */
function deadline({ operation }: OperationInput): number | undefined {
  const startedAt = parseTime(operation.status?.startedAt);
  const { timeoutSeconds } = operation.spec;
  return startedAt === undefined || timeoutSeconds === undefined ? undefined : startedAt + timeoutSeconds;
}

function said({ operation, situation }: OperationInput, draft: Draft): AppOperationStatus {
  return sayOperation(operation, draft, situation.now);
}
