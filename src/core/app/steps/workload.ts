import type { KubeObject, Action } from '../plan.ts';
import { type GivenBack, buildDisruptionBudget } from '../build/disruption-budget.ts';
import { buildHeadlessService } from '../build/headless-service.ts';
import { buildStatefulSet } from '../build/stateful-set.ts';
import { applyIfNeeded } from '../build/with-intent.ts';
import { isGivenUp } from '../given-up-slot.ts';
import { newClaimTemplates } from '../claim-templates.ts';
import { ifOurs } from '../ownership.ts';
import { capacityDueAt, podCount } from '../pod-count.ts';
import type { Member, Situation } from '../situation.ts';
import { type Step, type StepInput, doing } from './step.ts';

/** Service, StatefulSet and disruption budget are as the app and its slots say. */
export const workload: Step = {
  name: 'workload',
  run: (input) => {
    const { facts, app } = input.situation;
    const actions = [
      ...(app.spec.serviceName === undefined ? applyIfNeeded(buildHeadlessService(app), facts.service) : []),
      ...(isBeingReplaced(input.situation) ? [] : applyIfNeeded(statefulSetOf(input), facts.statefulSet)),
      ...budgetActions(input.situation),
    ];
    const dueAt = capacityDueAt(input.situation, input.demand);
    return doing(actions, dueAt === undefined || dueAt <= input.situation.now ? {} : { wakeAtSeconds: dueAt });
  },
};

/** It is on its way out, or gone: the replace step makes the next one. Or it is not ours yet. */
function isBeingReplaced({ facts, replacement, adoption }: Situation): boolean {
  if (adoption.kind === 'adopting') return true;
  if (facts.statefulSet === undefined) return replacement !== undefined;
  return facts.statefulSet.metadata['deletionTimestamp'] !== undefined;
}

/** The StatefulSet as it should be. */
export function statefulSetOf({ situation, slots, demand }: StepInput): KubeObject {
  const { app, facts, statefulSet } = situation;
  return buildStatefulSet(app, {
    claimTemplates: newClaimTemplates(situation),
    priorityClass: facts.memberPriorityClass,
    schedulerName: facts.schedulerName,
    ...podCount(situation, slots, demand),
    live: statefulSet,
  });
}

/** Undefined: nobody asks its members to go. */
function givenBackBy({ facts, members, launched }: Situation): GivenBack | undefined {
  if (facts.isRevocable !== true) return undefined;
  const isBack = ({ wanted, ordinal, bound, slot }: Member): boolean =>
    slot === undefined ? wanted && ordinal < launched && !bound : isGivenUp(slot);
  return { members: members.filter(isBack).length };
}

function budgetActions(situation: Situation): readonly Action[] {
  const { app, facts } = situation;
  const live = facts.podDisruptionBudget;
  const ours = ifOurs(app, live);
  // Somebody else's budget of our name: the guard tells, and the app runs without one.
  if (live !== undefined && ours === undefined) return [];
  const wanted = buildDisruptionBudget(app, givenBackBy(situation));
  if (wanted !== undefined) return applyIfNeeded(wanted, ours);
  const uid = ours?.metadata.uid;
  if (uid === undefined) return [];
  const { namespace, name } = app.metadata;
  return [{ kind: 'deleteOwned', apiVersion: 'policy/v1', objectKind: 'PodDisruptionBudget', namespace, name, uid }];
}
