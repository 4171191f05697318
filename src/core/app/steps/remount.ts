import type { PodFacts } from '../../facts/pod-facts.ts';
import { claimName } from '../claim-name.ts';
import { readList, readString } from '../read-field.ts';
import { isObserved, isReady, provenAt } from '../readiness.ts';
import type { Member, Situation } from '../situation.ts';
import { type Answer, DONE, type Step } from './step.ts';

interface Mounting extends Member {
  readonly pod: PodFacts;
}

/**
 * Members whose pod lacks a volume that their StatefulSet has restart one at a time, lowest ordinal first, each ready before the next.
 * The StatefulSet controller tries to give a running pod its volume, is refused, and makes no pod behind the first one that it failed at:
 * whoever restarted from the top would wait for the bottom.
 */
export const remount: Step = {
  name: 'remount',
  run: ({ situation, unfinished }) => {
    const { app, statefulSet } = situation;
    if (statefulSet === undefined || app.spec.suspend) return DONE;
    const lacking = situation.members.filter(lacksVolume(situation));
    const [next] = lacking;
    if (next === undefined) return DONE;
    const waits = (blockedBy: string, message: string, wakeAtSeconds?: number): Answer => ({
      state: 'waiting',
      operation: { type: 'Update', progress: progress(situation, lacking), blockedBy, message },
      ...(wakeAtSeconds === undefined ? {} : { wakeAtSeconds }),
    });
    if (app.spec.update.type === 'OnDelete') {
      return waits(
        'OnDelete',
        `${names(lacking)} get their new volumes when you delete their pods, ${next.name} first`,
      );
    }
    if (unfinished.has('workload') || unfinished.has('replace') || !isObserved(statefulSet)) {
      return waits('StatefulSet', 'waits for the StatefulSet to have the new volumes');
    }
    const blocked = isReady(next) ? firstUnproven(situation, next) : undefined;
    if (blocked !== undefined) return waits(blocked.check, blocked.message, blocked.at);
    return restart(situation, lacking, next);
  },
};

function restart(situation: Situation, lacking: readonly Mounting[], { name, pod }: Mounting): Answer {
  const { namespace, uid } = pod;
  const why = 'it lacks a volume that the app has';
  return {
    state: 'do',
    actions: [{ kind: 'deletePod', namespace, name, uid, why }],
    operation: {
      type: 'Update',
      progress: progress(situation, lacking),
      blockedBy: '',
      message: `restarts ${name}, so that it gets its new volumes`,
    },
  };
}

function lacksVolume({ app, statefulSet }: Situation): (member: Member) => member is Mounting {
  const volumes = readList(statefulSet, 'spec', 'volumeClaimTemplates').map((item) =>
    readString(item, 'metadata', 'name'),
  );
  return (member): member is Mounting => {
    const { pod, ordinal, wanted } = member;
    if (!wanted || pod === undefined || pod.deleting) return false;
    return volumes.some((volume) => !pod.claims.includes(claimName(volume, app.metadata.name, ordinal)));
  };
}

/** A wanted member that must be ready first. One without a pod that comes after `next` cannot get one before `next` has restarted. */
function firstUnproven(
  situation: Situation,
  next: Member,
): { readonly check: string; readonly message: string; readonly at?: number } | undefined {
  const { members, now } = situation;
  for (const member of members.filter(({ wanted }) => wanted)) {
    if (member.pod === undefined && member.ordinal > next.ordinal) continue;
    const at = provenAt(member, situation);
    if (at === undefined) return { check: 'MemberReady', message: `waits for ${member.name} to be ready` };
    if (at > now) return { check: 'MinReadySeconds', message: `waits for ${member.name} to stay ready`, at };
  }
  return undefined;
}

function progress({ app }: Situation, lacking: readonly Member[]): string {
  return `${Math.max(0, app.spec.replicas - lacking.length)}/${app.spec.replicas}`;
}

function names(members: readonly Member[]): string {
  return members.length === 1 ? (members[0]?.name ?? '') : `${members.length} members`;
}
