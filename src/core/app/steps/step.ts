import type { PersistentAppStatus } from '../../../api/persistent-app.ts';
import type { Slot } from '../../../api/reservation.ts';
import type { Demand } from '../../allocator/demand.ts';
import type { Action } from '../plan.ts';
import type { Situation } from '../situation.ts';

export type StepName =
  | 'guard'
  | 'volumes'
  | 'restore'
  | 'recover'
  | 'rebuild'
  | 'operate'
  | 'drain'
  | 'volume-trouble'
  | 'reserve'
  | 'adopt'
  | 'replace'
  | 'workload'
  | 'remount'
  | 'update'
  | 'scale-in'
  | 'retention'
  | 'backup'
  | 'wake';

/** What is going on and what holds it back, as status shows it. */
export type Operation = PersistentAppStatus['operations'][number];

/** Something about the app that a person must know. `stalls`: nothing will change until a person acts. */
export interface Finding {
  readonly reason: string;
  readonly message: string;
  readonly stalls: boolean;
  /** The steps that cannot go on because of it; the others do. */
  readonly holds: readonly StepName[];
}

/** The reason of a finding that only says who else is at work: it is told by that one's own words. */
export const HELD_BY_OPERATION = 'AppOperation';

/** What a step has to say besides its answer. */
interface Effects {
  readonly actions?: readonly Action[];
  readonly demand?: Demand;
  readonly findings?: readonly Finding[];
  /** What status must say before, while and until a StatefulSet is replaced. */
  readonly replacement?: NonNullable<PersistentAppStatus['replacement']>;
  /** Epoch seconds at which the answer changes by itself. */
  readonly wakeAtSeconds?: number;
}

/** `done`: all is as wanted. `do`: writes bring it there. `waiting`: for what `operation` says; writes may come along. */
export type Answer =
  | ({ readonly state: 'done' } & Effects)
  | ({ readonly state: 'do'; readonly operation?: Operation } & Effects)
  | ({ readonly state: 'waiting'; readonly operation: Operation } & Effects);

/** What a step looks at: the situation, and what the steps before it found out. */
export interface StepInput {
  readonly situation: Situation;
  /** The slots that the Reservation should keep. */
  readonly slots: readonly Slot[];
  /** What the reserve step asks for. */
  readonly demand: Demand | undefined;
  /** Steps before this one that are not done. */
  readonly unfinished: ReadonlySet<StepName>;
}

export interface Step {
  readonly name: StepName;
  readonly run: (input: StepInput) => Answer;
}

export const DONE: Answer = { state: 'done' };

/** `do` when there is something to write, else `done`. */
export function doing(actions: readonly Action[], effects: Omit<Effects, 'actions'> = {}): Answer {
  return actions.length === 0 ? { state: 'done', ...effects } : { state: 'do', actions, ...effects };
}
