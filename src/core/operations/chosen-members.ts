import type { StepObject } from '../../api/app-operation.ts';
import { isReady, provenAt } from '../app/readiness.ts';
import { goesFirst } from '../drain/drain.ts';
import type { Member, Situation } from '../app/situation.ts';
import type { OperationInput, PlannedStep, Wait } from './operation-type.ts';

/** The members that an operation names; all that are wanted when it names none. */
export function chosenMembers({ operation, situation }: OperationInput): readonly Member[] {
  const { members: names } = operation.spec;
  return situation.members.filter(({ name, wanted }) => wanted && (names.length === 0 || names.includes(name)));
}

/** Why members cannot be operated on: the app has no pods by its owner's wish, or has no such member. */
export function memberRefusal({ operation, situation }: OperationInput): string | undefined {
  const { app, members } = situation;
  if (app.spec.suspend)
    return `the app is suspended, so it has no pods: resume it first (an AppOperation of type Resume, or spec.suspend false)`;
  const known = new Set(members.filter((member) => member.wanted).map((member) => member.name));
  const unknown = operation.spec.members.filter((name) => !known.has(name));
  if (unknown.length === 0) return undefined;
  const { replicas } = app.spec;
  return `the app has no member ${unknown.slice(0, 3).join(', ')}: its ${replicas} members are ${app.metadata.name}-0 to ${app.metadata.name}-${replicas - 1}`;
}

/** A step for each member: those that are not ready first, since they lose nothing, then from the highest ordinal down. */
export function stepPerMember(verb: string, input: OperationInput): readonly PlannedStep[] {
  const members = chosenMembers(input).toReversed();
  return [...members.filter((member) => !isReady(member)), ...members.filter(isReady)].map(({ name }) => ({
    name: `${verb} ${name}`,
    member: name,
  }));
}

export function memberOf({ member: name }: PlannedStep, { members }: Situation): Member | undefined {
  return members.find((member) => member.name === name);
}

/** All other members must be ready, and have been for `update.minReadySeconds`, before one is taken away. */
export function waitsForOthers({ member: name }: PlannedStep, situation: Situation): Wait | undefined {
  const { now, app } = situation;
  const drained = goesFirst(situation);
  if (drained !== undefined) return { check: 'Drain', message: drained };
  for (const member of situation.members) {
    if (!member.wanted || member.name === name) continue;
    const at = provenAt(member, situation);
    if (at === undefined) return { check: 'MemberReady', message: `waits for ${member.name} to be ready` };
    if (at > now) {
      const message = `waits for ${member.name} to be ready for ${app.spec.update.minReadySeconds} s`;
      return { check: 'MinReadySeconds', message, atSeconds: at };
    }
  }
  return undefined;
}

/** The pod that a member has when its step begins; none when it has none. */
export function podObject(member: Member | undefined): readonly StepObject[] {
  const { pod } = member ?? {};
  return pod === undefined ? [] : [{ kind: 'Pod', name: pod.name, uid: pod.uid }];
}
