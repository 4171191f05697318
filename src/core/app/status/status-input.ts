import type { MemberStatus } from '../../../api/member-status.ts';
import type { Slot } from '../../../api/reservation.ts';
import type { Demand } from '../../allocator/demand.ts';
import type { Situation } from '../situation.ts';
import type { Answer, Finding, StepName } from '../steps/step.ts';

/** What status is made from: the situation, and what the steps answered. */
export interface StatusInput {
  readonly situation: Situation;
  readonly slots: readonly Slot[];
  readonly demand: Demand | undefined;
  readonly findings: readonly Finding[];
  readonly answers: ReadonlyMap<StepName, Answer>;
  /** By ordinal; see memberStatuses. */
  readonly members: readonly MemberStatus[];
}

/** The members that should run, as status shows them. */
export function wantedMembers({ situation, members }: StatusInput): readonly MemberStatus[] {
  const wanted = new Set(situation.members.filter((member) => member.wanted).map((member) => member.name));
  return members.filter((member) => wanted.has(member.name));
}

/** Whether a step has something to write or to wait for. */
export function isUnfinished({ answers }: StatusInput, step: StepName): boolean {
  return (answers.get(step)?.state ?? 'done') !== 'done';
}
