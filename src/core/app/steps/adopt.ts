import { notYetAdoptable } from '../../adoption/adoption-problems.ts';
import { buildStatefulSet } from '../build/stateful-set.ts';
import { withIntent } from '../build/with-intent.ts';
import { claimName } from '../claim-name.ts';
import { newClaimTemplates } from '../claim-templates.ts';
import { holdOf, isHeld } from '../finish-replacement.ts';
import { frameworkProblem } from '../framework-problem.ts';
import type { KubeObject } from '../plan.ts';
import { podCount } from '../pod-count.ts';
import { LARGEST_RECORD, type Replacement, recordOf } from '../replacement.ts';
import { type Situation, isStale } from '../situation.ts';
import { type Answer, DONE, type Step, type StepInput } from './step.ts';

/**
 * A StatefulSet of somebody's becomes the app's, and its pods run on. The steps before have written down where they run (slots) and whose
 * their claims are (labels). Then, one arrow a pass: status says what will be done → the StatefulSet is removed without its pods → the replace
 * step goes on from there. Until the first removal all can be left as it is, and after it nothing is decided anew.
 */
export const adopt: Step = {
  name: 'adopt',
  run: (input) => {
    const { adoption, replacement } = input.situation;
    if (adoption.kind === 'none') return DONE;
    // What we see may be older than what we did: what was written down stays until it is over.
    const kept = replacement === undefined ? {} : { replacement: recordOf(replacement) };
    if (adoption.kind === 'refused') return { ...DONE, ...kept };
    const { statefulSet } = adoption;
    if (statefulSet.metadata['deletionTimestamp'] !== undefined) {
      return { ...waiting('', 'waits for garbage collection to let the pods of the StatefulSet go'), ...kept };
    }
    const wait = whyWait(input.situation, statefulSet);
    if (wait !== undefined) return { ...waiting(wait.blockedBy, wait.message), ...kept };
    return goOn(input, statefulSet);
  },
};

function goOn(input: StepInput, statefulSet: KubeObject): Answer {
  const { situation } = input;
  const next = intended(input, statefulSet);
  const record = recordOf(next);
  if (record.statefulSet.length > LARGEST_RECORD) {
    const size = `${record.statefulSet.length} characters, and ${LARGEST_RECORD} are allowed`;
    return waiting('TemplateTooLarge', `the StatefulSet that is to be written down first has ${size}`);
  }
  const answer = { ...waiting('', 'the StatefulSet is made ours; pods run on'), replacement: record };
  const before = situation.replacement;
  if (before === undefined || before.uid !== next.uid || recordOf(before).statefulSet !== record.statefulSet)
    return answer;
  if (!isHeld(situation.app)) return { ...answer, actions: [holdOf(situation.app, true)] };
  const { namespace, name } = situation.app.metadata;
  const { uid, why } = next;
  return {
    ...answer,
    actions: [{ kind: 'orphanPods', namespace, name, uid, next: next.next, why, adopts: adopted(situation) }],
  };
}

function intended({ situation, slots, demand }: StepInput, statefulSet: KubeObject): Replacement {
  const { app, facts } = situation;
  const next = buildStatefulSet(app, {
    claimTemplates: newClaimTemplates(situation),
    priorityClass: facts.memberPriorityClass,
    schedulerName: facts.schedulerName,
    ...podCount(situation, slots, demand),
    live: undefined,
  });
  return { uid: statefulSet.metadata.uid ?? '', why: 'the StatefulSet is adopted', next: withIntent(next) };
}

/** What must still be so when the StatefulSet is removed. */
function adopted({ app, members }: Situation) {
  return {
    pods: members.flatMap(({ pod }) => (pod === undefined ? [] : [{ name: pod.name, uid: pod.uid }])),
    claims: members.flatMap(({ ordinal, wanted }) =>
      wanted ? app.spec.volumeClaims.map(({ name }) => claimName(name, app.metadata.name, ordinal)) : [],
    ),
  };
}

interface Wait {
  readonly blockedBy: string;
  readonly message: string;
}

/** What has to be in order before a StatefulSet may be away for a moment; undefined: all is. */
function whyWait(situation: Situation, statefulSet: KubeObject): Wait | undefined {
  const { facts, members, requestsProblem } = situation;
  if (facts.templateProblem !== undefined || requestsProblem !== '') {
    return { blockedBy: 'InvalidTemplate', message: 'the pod template must be put right first' };
  }
  const framework = frameworkProblem(facts);
  if (framework !== undefined) return { blockedBy: framework.reason, message: framework.message };
  const wait = notYetAdoptable(facts, statefulSet);
  if (wait !== undefined) return { blockedBy: 'StatefulSet', message: wait };
  // While a pod has no owner, its slot proves whose it is, and its claims whose data it has.
  const unclaimed = members.find(({ pod, slot }) => slot?.state !== 'Claimed' || slot.podUID !== pod?.uid);
  if (unclaimed !== undefined)
    return { blockedBy: 'Slot', message: `the slot of ${unclaimed.name} must name its pod first` };
  const unmarked = members.flatMap(({ claims }) => claims).find((claim) => isStale(claim, facts.app));
  if (unmarked !== undefined)
    return { blockedBy: 'Claim', message: `${unmarked.name} must have the app's labels first` };
  return undefined;
}

function waiting(blockedBy: string, message: string): Extract<Answer, { state: 'waiting' }> {
  return {
    state: 'waiting',
    operation: { type: 'Adopt', progress: '', blockedBy, message: `the StatefulSet is adopted: ${message}` },
  };
}
