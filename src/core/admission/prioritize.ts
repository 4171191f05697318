import type { AdmissionWorld, AskingPod, NodeRoom } from './admission-world.ts';
import { whichMember } from './which-member.ts';

/** The highest score on the wire (k8s.io/kube-scheduler/extender/v1, MaxExtenderPriority). */
export const MOST = 10;

/** The score of a node where nothing is held, for pods that are no members: about as much as one of kube-scheduler's own plugins says. */
const UNHELD = 1;

/**
 * A score for every node, in the order given, integers 0 … 10. A member's slot gets all, so that it wins at the weight that we ship
 * (scheduler-config.ts). Other pods are drawn to nodes where nothing is held; everything else is left to kube-scheduler's own scores.
 */
export function prioritize(pod: AskingPod, nodes: readonly NodeRoom[], world: AdmissionWorld): readonly number[] {
  const whose = whichMember(pod, world);
  switch (whose.kind) {
    case 'member': {
      const slot = world.slot(whose.member.app.uid, whose.member.member);
      return nodes.map(({ name }) => (name === slot?.node ? MOST : 0));
    }
    case 'unresolved':
      return nodes.map(() => 0);
    default:
      return nodes.map(({ reserves }) => (reserves ? 0 : UNHELD));
  }
}
