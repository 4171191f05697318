import type { PodFacts } from '../../facts/pod-facts.ts';
import { templateChange } from '../claim-templates.ts';
import type { Action, KubeObject } from '../plan.ts';
import { isObserved, isOutdated, isReady, provenAt, revisionOf } from '../readiness.ts';
import type { Member, Situation } from '../situation.ts';
import { type Answer, DONE, type Operation, type Step } from './step.ts';

interface Outdated extends Member {
  readonly pod: PodFacts;
}

/** A changed template reaches members one at a time, broken ones first, else highest ordinal first and each ready before the next. */
export const update: Step = {
  name: 'update',
  run: ({ situation, unfinished }) => {
    const { app, statefulSet } = situation;
    if (statefulSet === undefined || app.spec.suspend || unfinished.has('remount')) return DONE;
    const outdated = situation.members.filter(isMemberOutdated(statefulSet)).toReversed();
    if (outdated.length === 0) return DONE;
    const waiting = (blockedBy: string, message: string, wakeAtSeconds?: number): Answer => ({
      state: 'waiting',
      operation: operation(situation, outdated, blockedBy, message),
      ...(wakeAtSeconds === undefined ? {} : { wakeAtSeconds }),
    });
    if (app.spec.update.type === 'OnDelete') {
      return waiting('OnDelete', `${names(outdated)} get the new template when you delete their pods`);
    }
    const behind = unfinished.has('workload') ? NEW_TEMPLATE : whatItLacks(statefulSet, situation);
    if (behind !== undefined) return waiting('StatefulSet', `waits for the StatefulSet to ${behind}`);
    const unscheduled = outdated.filter((member) => !member.bound);
    if (unscheduled.length > 0) return restarting(unscheduled, outdated, situation);
    const broken = nextBroken(outdated, situation);
    if (broken.member !== undefined) return restarting([broken.member], outdated, situation);
    const blocked = firstUnproven(situation);
    if (blocked !== undefined) return waiting(blocked.check, blocked.message, earliest(blocked.at, broken.at));
    const [next] = outdated;
    return next === undefined ? DONE : restarting([next], outdated, situation);
  },
};

const NEW_TEMPLATE = 'have the new template';

/** Pods that are made before would be of the old template, or be given a removed volume once more. */
function whatItLacks(statefulSet: KubeObject, situation: Situation): string | undefined {
  if (!isObserved(statefulSet)) return NEW_TEMPLATE;
  const removed = templateChange(situation)?.removed ?? [];
  return removed.length === 0 ? undefined : `forget ${removed.join(', ')}`;
}

function isMemberOutdated(statefulSet: KubeObject): (member: Member) => member is Outdated {
  return (member): member is Outdated =>
    member.wanted && member.pod !== undefined && !member.pod.deleting && isOutdated(member.pod, statefulSet);
}

/**
 * An outdated member that has been broken for `minReadySeconds` loses nothing by a restart, and may be what the new template repairs; it
 * need not wait for the others to be ready, since they may be waiting for it. But those that were restarted must be back on their nodes.
 */
function nextBroken(
  outdated: readonly Outdated[],
  situation: Situation,
): { readonly member?: Outdated; readonly at?: number } {
  const others = situation.members.filter(
    (member) => member.wanted && !outdated.some((item) => item.name === member.name),
  );
  if (others.some((member) => !member.bound || member.pod?.deleting === true)) return {};
  const first = outdated.find((member) => !isReady(member));
  if (first === undefined) return {};
  const at = (first.pod.readySinceSeconds ?? first.pod.createdAtSeconds) + situation.app.spec.update.minReadySeconds;
  return at <= situation.now ? { member: first } : { at };
}

/** Pods that run nowhere yet may all go at once; of those that run, only ever one is asked for here. */
function restarting(members: readonly Outdated[], outdated: readonly Outdated[], situation: Situation): Answer {
  const actions = members.map(({ pod: { namespace, name, uid, ...pod } }): Action => {
    const why = `it has revision ${revisionOf(pod)} of the template, and the app has a newer one`;
    return { kind: 'deletePod', namespace, name, uid, why };
  });
  return { state: 'do', actions, operation: operation(situation, outdated, '', `restarts ${names(members)}`) };
}

/** A wanted member that is not ready, or not for long enough, to let the next one go. */
function firstUnproven(
  situation: Situation,
): { readonly check: string; readonly message: string; readonly at?: number } | undefined {
  const { app, members, now, livePods } = situation;
  const leaving = members.find((member) => !member.wanted && member.pod !== undefined);
  if (leaving !== undefined || livePods > app.spec.replicas) {
    return { check: 'ScaleIn', message: `waits for ${leaving?.name ?? 'a member'} to be gone` };
  }
  for (const member of members.filter((candidate) => candidate.wanted)) {
    const at = provenAt(member, situation);
    if (at === undefined) return { check: 'MemberReady', message: `waits for ${member.name} to be ready` };
    if (at > now) {
      const message = `waits for ${member.name} to be ready for ${app.spec.update.minReadySeconds} s`;
      return { check: 'MinReadySeconds', message, at };
    }
  }
  return undefined;
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function operation(situation: Situation, outdated: readonly Outdated[], blockedBy: string, message: string): Operation {
  const { replicas } = situation.app.spec;
  return { type: 'Update', progress: `${Math.max(0, replicas - outdated.length)}/${replicas}`, blockedBy, message };
}

function names(members: readonly Member[]): string {
  const [first] = members;
  return members.length === 1 ? (first?.name ?? '') : `${members.length} members`;
}
