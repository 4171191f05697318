import type { AdmissionWorld, AskingPod } from './admission-world.ts';
import type { Candidates } from './candidates.ts';
import { whichMember } from './which-member.ts';

/** The highest score on the wire (k8s.io/kube-scheduler/extender/v1, MaxExtenderPriority). */
export const MOST = 10;

/** The score of a node where nothing is held, for pods that are no members: about as much as one of kube-scheduler's own plugins says. */
const UNHELD = 1;

/** One score per name: integers 0 … MOST. */
export interface Scores {
  readonly names: readonly string[];
  readonly scores: readonly number[];
}

/**
 * A score for every candidate, in the order given, integers 0 … 10. A member's slot gets all, so that it wins at the weight that we
 * ship (scheduler-config.ts). Other pods are drawn to nodes where nothing is held; the rest is left to kube-scheduler's own scores.
 */
export function prioritize(pod: AskingPod, candidates: Candidates, world: AdmissionWorld): Scores {
  const whose = whichMember(pod, world);
  switch (whose.kind) {
    case 'member': {
      const slot = world.slot(whose.member.app.uid, whose.member.member);
      const names = candidates.names();
      return { names, scores: names.map((name) => (name === slot?.node ? MOST : 0)) };
    }
    case 'unresolved':
      return { names: candidates.names(), scores: candidates.names().map(() => 0) };
    default: {
      const rooms = candidates.rooms();
      return { names: rooms.map(({ name }) => name), scores: rooms.map(({ reserves }) => (reserves ? 0 : UNHELD)) };
    }
  }
}
