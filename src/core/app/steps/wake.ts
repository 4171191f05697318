import type { Slot } from '../../../api/reservation.ts';
import { ANNOTATION_WAKE } from '../../../api/labels.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import type { Action } from '../plan.ts';
import { parseTime } from '../rfc3339.ts';
import type { Member, Situation } from '../situation.ts';
import { type Step, doing } from './step.ts';

/**
 * kube-scheduler does not see Reservations: a pod that it was refused for sleeps until something touches the pod. So we do, once when the
 * slot is usable, and twice more in case the extender learned of the slot after the pod had asked again. Seconds after that moment.
 */
const WAKES_AFTER_SECONDS = [0, 5, 30] as const;

export const wake: Step = {
  name: 'wake',
  run: ({ situation }) => {
    const answers = situation.members.map((member) => wakeMember(member, situation));
    const times = answers.flatMap((answer) => answer.nextAt ?? []);
    return doing(
      answers.flatMap((answer) => answer.action ?? []),
      times.length === 0 ? {} : { wakeAtSeconds: Math.min(...times) },
    );
  },
};

function wakeMember(
  { pod, slot, wanted }: Member,
  situation: Situation,
): { readonly action?: Action; readonly nextAt?: number } {
  if (pod === undefined || slot === undefined || !wanted) return {};
  if (!isRefused(pod) || !isUsable(slot, situation)) return {};
  const since = Math.max(parseTime(slot.acceptedAt) ?? 0, pod.createdAtSeconds);
  const due = WAKES_AFTER_SECONDS.filter((seconds) => since + seconds <= situation.now).length;
  const next = WAKES_AFTER_SECONDS[due];
  const value = `${slot.node}/${slot.epoch}/${slot.acceptedAt}/${due}`;
  const isWoken = due === 0 || pod.annotations[ANNOTATION_WAKE] === value;
  const { namespace, name, uid } = pod;
  return {
    ...(isWoken
      ? {}
      : {
          action: {
            kind: 'mark',
            target: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
            annotations: { [ANNOTATION_WAKE]: value },
          },
        }),
    ...(next === undefined ? {} : { nextAt: since + next }),
  };
}

function isRefused(pod: PodFacts): boolean {
  return pod.nodeName === '' && !pod.deleting && pod.problem !== undefined;
}

function isUsable(slot: Slot, { facts }: Situation): boolean {
  const node = facts.nodes.get(slot.node);
  return (slot.state === 'Held' || slot.state === 'Claimed') && node !== undefined && node.ready && !node.unschedulable;
}
