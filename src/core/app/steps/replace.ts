import { relabelPods } from '../../adoption/relabel-pods.ts';
import { buildStatefulSet } from '../build/stateful-set.ts';
import { applyIfNeeded, withIntent } from '../build/with-intent.ts';
import { volumeState } from '../../volumes/volume-state.ts';
import { claimName } from '../claim-name.ts';
import { type TemplateChange, templateChange } from '../claim-templates.ts';
import { holdOf, isHeld } from '../finish-replacement.ts';
import { isOrphan } from '../ownership.ts';
import { podCount } from '../pod-count.ts';
import type { KubeObject } from '../plan.ts';
import { LARGEST_RECORD, type Replacement, recordOf } from '../replacement.ts';
import { type Situation, isStale } from '../situation.ts';
import { isBlockedByStaleVolume, staleVolumeMessage } from '../stale-volume.ts';
import { type Answer, DONE, type Step, type StepInput } from './step.ts';
import { statefulSetOf } from './workload.ts';

/**
 * Claim templates of a StatefulSet cannot be changed (kubernetes/kubernetes#68737): it is removed without its pods, and made anew around
 * them. Each arrow is one pass, and finds everything that it needs in the cluster: status says what will be done → the app is held → the
 * old one is removed → the new one is made, as status has it → status forgets it → the app is let go (the retention step). The pods run
 * on, and nobody is restarted here.
 */
export const replace: Step = {
  name: 'replace',
  run: (input) => {
    const { replacement, adoption } = input.situation;
    if (adoption.kind !== 'none') return DONE;
    return replacement === undefined ? begin(input) : goOn(input, replacement);
  },
};

function begin(input: StepInput): Answer {
  const change = templateChange(input.situation);
  if (change === undefined) return DONE;
  const stale = staleAmongAdded(input.situation, change);
  if (stale !== undefined) return stale;
  const wait = whyWait(input, change);
  return wait === undefined ? record(intended(input, change)) : waiting(change.why, wait.blockedBy, wait.message);
}

/** What the API server is asked for is decided once, and written down. */
function intended({ situation, slots, demand }: StepInput, { why, templates }: TemplateChange): Replacement {
  const { app, facts, statefulSet } = situation;
  const next = buildStatefulSet(app, {
    claimTemplates: templates,
    priorityClass: facts.memberPriorityClass,
    schedulerName: facts.schedulerName,
    ...podCount(situation, slots, demand),
    live: undefined,
  });
  return { uid: statefulSet?.metadata.uid ?? '', why, next: withIntent(next) };
}

function record(replacement: Replacement): Answer {
  const written = recordOf(replacement);
  if (written.statefulSet.length > LARGEST_RECORD) {
    const size = `${written.statefulSet.length} characters, and ${LARGEST_RECORD} are allowed`;
    return waiting(replacement.why, 'TemplateTooLarge', `the StatefulSet that is to be written down first has ${size}`);
  }
  return { ...waiting(replacement.why, '', 'the StatefulSet is replaced; pods run on'), replacement: written };
}

function goOn(input: StepInput, replacement: Replacement): Answer {
  const { facts, statefulSet, app } = input.situation;
  const keeping = (message: string): Answer => ({
    ...waiting(replacement.why, '', message),
    replacement: recordOf(replacement),
  });
  if (facts.statefulSet === undefined) {
    const marks = relabelPods(input.situation, replacement.next);
    if (marks.length > 0) return { ...keeping('its pods get the labels of the next one'), actions: marks };
    return { ...keeping('the StatefulSet is made anew'), actions: [{ kind: 'apply', object: replacement.next }] };
  }
  if (statefulSet === undefined) return keeping('waits for the name of the StatefulSet to be free');
  if (statefulSet.metadata.uid === replacement.uid) return removeOld(input, replacement, statefulSet);
  const left = facts.pods.filter((pod) => isOrphan(app, pod) && !pod.deleting);
  if (left.length === 0) return DONE;
  return keeping(`waits for the new StatefulSet to take up ${left.length} ${left.length === 1 ? 'pod' : 'pods'}`);
}

/** Decided anew as long as nothing has happened: the app may have changed since. */
function removeOld(input: StepInput, replacement: Replacement, live: KubeObject): Answer {
  const { app } = input.situation;
  if (live.metadata['deletionTimestamp'] !== undefined) {
    return {
      ...waiting(replacement.why, '', 'waits for garbage collection to let the pods of the StatefulSet go'),
      replacement: recordOf(replacement),
    };
  }
  const next = begin(input);
  const isSame = next.replacement?.statefulSet === recordOf(replacement).statefulSet;
  if (next.replacement === undefined || !isSame) return next;
  // Deleted while its StatefulSet is away, the app must stay until its pods have an owner again.
  if (!isHeld(app)) return { ...next, actions: [holdOf(app, true)] };
  const { namespace, name } = app.metadata;
  const { uid, why } = replacement;
  return { ...next, actions: [{ kind: 'orphanPods', namespace, name, uid, next: replacement.next, why }] };
}

interface Wait {
  readonly blockedBy: string;
  readonly message: string;
}

/** What has to be in order before a StatefulSet may be away for a moment; undefined: all is. */
function whyWait(input: StepInput, change: TemplateChange): Wait | undefined {
  const { situation } = input;
  const { facts, volumes, requestsProblem } = situation;
  if (facts.templateProblem !== undefined || requestsProblem !== '') {
    return { blockedBy: 'InvalidTemplate', message: 'the pod template must be put right first' };
  }
  const problem = volumes.find((volume) => volume.problem !== undefined)?.problem;
  if (problem !== undefined) return { blockedBy: problem.reason, message: problem.message };
  if (situation.rebuilds.size > 0 || [...situation.moves.values()].some(({ move }) => move.step !== 'none')) {
    return { blockedBy: 'Recovery', message: 'a member is being moved or rebuilt' };
  }
  // Where nothing but the templates differs, the new one is what the old one was.
  if (applyIfNeeded(statefulSetOf(input), facts.statefulSet).length > 0) {
    return { blockedBy: 'StatefulSet', message: 'the StatefulSet is brought up to date first' };
  }
  return unclaimed(situation) ?? unasked(situation, change);
}

/** While a pod has no owner, its slot proves whose it is. */
function unclaimed({ members }: Situation): Wait | undefined {
  const found = members.find(({ bound, pod, slot }) => bound && slot?.podUID !== pod?.uid);
  if (found === undefined) return undefined;
  return { blockedBy: 'Slot', message: `the slot of ${found.name} must name its pod first` };
}

/** New claims are not made larger before those that are there ask for as much, and none of them is refused. */
function unasked({ app, members }: Situation, { changed }: TemplateChange): Wait | undefined {
  for (const { claim: volume, bytes } of changed) {
    const names = new Set(
      members.filter(({ wanted }) => wanted).map(({ ordinal }) => claimName(volume.name, app.metadata.name, ordinal)),
    );
    for (const claim of members.flatMap(({ claims }) => claims)) {
      if (!names.has(claim.name) || claim.phase !== 'Bound') continue;
      if (claim.bytes < bytes) return { blockedBy: 'Claim', message: `${claim.name} is to grow first` };
      if (volumeState(claim).state === 'Failed') {
        return { blockedBy: 'VolumeFailed', message: `${claim.name}: ${volumeState(claim).message}` };
      }
    }
  }
  return undefined;
}

/** A volume that comes back under the name of one that was removed would meet its old claims. */
function staleAmongAdded(situation: Situation, { added, why }: TemplateChange): Answer | undefined {
  const { app, members } = situation;
  const blocked = members
    .filter((member) => member.wanted)
    .map((member) => {
      const isAdded = (name: string) => added.some(({ claim }) => name === `${claim.name}-${member.name}`);
      return { ...member, staleClaims: member.claims.filter((claim) => isAdded(claim.name) && isStale(claim, app)) };
    })
    .filter((member) => isBlockedByStaleVolume(member, app));
  if (blocked.length === 0) return undefined;
  const message = staleVolumeMessage(blocked, situation);
  const finding = { reason: 'StaleVolume', message, stalls: true, holds: [] };
  return { ...waiting(why, 'StaleVolume', message), findings: [finding] };
}

function waiting(why: string, blockedBy: string, message: string): Extract<Answer, { state: 'waiting' }> {
  return {
    state: 'waiting',
    operation: { type: 'ReplaceStatefulSet', progress: '', blockedBy, message: `${why}: ${message}` },
  };
}
