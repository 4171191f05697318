import type { AppOperation, OperationStep, StepObject } from '../../api/app-operation.ts';
import type { Action } from '../app/plan.ts';
import type { Situation } from '../app/situation.ts';

export interface OperationInput {
  readonly operation: AppOperation;
  readonly situation: Situation;
}

export type PlannedStep = Pick<OperationStep, 'name' | 'member'>;

export interface PlannedPhase {
  readonly name: string;
  readonly steps: readonly PlannedStep[];
}

/** What holds a step back: the check's name, and the sentence that says it. `atSeconds`: when it changes by itself, epoch seconds. */
export interface Wait {
  readonly check: string;
  readonly message: string;
  readonly atSeconds?: number;
}

/** How far a step is that has begun. */
export interface Verdict {
  readonly state: 'Running' | 'Complete' | 'Failed';
  readonly message: string;
  readonly blockedBy?: string;
}

/**
 * One type of AppOperation: pure functions over what is written down and what is seen. A step's begin is written down, with what it is
 * about, before `act` asks for its first write; everything that `act` asks for may be asked for again.
 */
export interface OperationType {
  /** It takes members away for a while: no template update goes on beside it, and the app's status tells of it. */
  readonly isDisruptive: boolean;
  /** Why it cannot be done to this app as it is; undefined: it can. */
  readonly refusal: (input: OperationInput) => string | undefined;
  /** The plan, made once. */
  readonly phases: (input: OperationInput) => readonly PlannedPhase[];
  readonly waitsFor: (step: PlannedStep, input: OperationInput) => Wait | undefined;
  /** What the step is about, found when it begins. */
  readonly begin: (step: PlannedStep, input: OperationInput) => readonly StepObject[];
  readonly judge: (step: OperationStep, input: OperationInput) => Verdict;
  /** What a step that has begun still needs to be written. */
  readonly act: (step: OperationStep, input: OperationInput) => readonly Action[];
  /** Whether the step can be let go where it is, with nothing done that would have to be undone. */
  readonly mayStop: (step: OperationStep, input: OperationInput) => boolean;
}
