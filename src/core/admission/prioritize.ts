import type { AdmissionWorld, AskingPod } from './admission-world.ts';
import type { Candidates } from './candidates.ts';
import { whichMember } from './which-member.ts';

/** The highest score on the wire (k8s.io/kube-scheduler/extender/v1, MaxExtenderPriority). */
export const MOST = 10;

/** The score of a node where nothing is held, for pods that are no members: about as much as one of kube-scheduler's own plugins says. */
const UNHELD = 1;

/** Scores above 0, by name: integers 1 … MOST. */
export interface Scores {
  readonly names: readonly string[];
  readonly scores: readonly number[];
}

const NONE: Scores = { names: [], scores: [] };

/**
 * The candidates that we prefer. A member's slot gets all, so that it wins at the weight that we ship (scheduler-config.ts). Other pods
 * are drawn to nodes where nothing is held; the rest is left to kube-scheduler's own scores. A node that is left out has 0, as
 * kube-scheduler adds what is listed (prioritizeNodes in pkg/scheduler/schedule_one.go), and 5,000 zeros would cost its serial cycle
 * a millisecond; what would be equal for all is left out too.
 */
export function prioritize(pod: AskingPod, candidates: Candidates, world: AdmissionWorld): Scores {
  const whose = whichMember(pod, world);
  switch (whose.kind) {
    case 'member': {
      const slot = world.slot(whose.member.app.uid, whose.member.member);
      return slot !== undefined && candidates.has(slot.node) ? { names: [slot.node], scores: [MOST] } : NONE;
    }
    case 'unresolved':
      return NONE;
    default: {
      const rooms = candidates.rooms();
      const names = rooms.filter(({ reserves }) => !reserves).map(({ name }) => name);
      return names.length === rooms.length ? NONE : { names, scores: names.map(() => UNHELD) };
    }
  }
}
