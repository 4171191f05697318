import type { AdmissionWorld, AskingPod, Member } from './admission-world.ts';
import type { Candidates } from './candidates.ts';
import { whichMember } from './which-member.ts';

/** The highest score on the wire (k8s.io/kube-scheduler/extender/v1, MaxExtenderPriority). */
export const MOST = 10;

/** The score of a node where nothing is held, for pods that are no members: about as much as one of kube-scheduler's own plugins says. */
export const UNHELD = 1;

/** Scores above 0. `named`: a few nodes by name, integers 1 … MOST. `unheld`: the candidates at these places have UNHELD. */
export type Scores =
  | { readonly kind: 'named'; readonly scores: ReadonlyMap<string, number> }
  | { readonly kind: 'unheld'; readonly positions: Int32Array };

const NONE: Scores = { kind: 'named', scores: new Map() };

/**
 * The candidates that we prefer. A member's slot gets all, so that it wins at the weight that we ship (scheduler-config.ts). Other pods
 * are drawn to nodes where nothing is held; the rest is left to kube-scheduler's own scores. A node that is left out has 0, as
 * kube-scheduler adds what is listed (prioritizeNodes in pkg/scheduler/schedule_one.go), and 5,000 zeros would cost its serial cycle
 * a millisecond; what would be equal for all is left out too.
 */
export function prioritize(pod: AskingPod, candidates: Candidates, world: AdmissionWorld): Scores {
  const whose = whichMember(pod, world);
  switch (whose.kind) {
    case 'member':
      return { kind: 'named', scores: memberScores(whose.member, candidates, world) };
    case 'unresolved':
      return NONE;
    default:
      return unheld(candidates);
  }
}

/** The slot's node; or those where the member may go instead, the best first, as the policies of its app say. */
function memberScores({ app, member }: Member, candidates: Candidates, world: AdmissionWorld): Map<string, number> {
  const slot = world.slot(app.uid, member);
  if (slot === undefined) return new Map();
  if (candidates.has(slot.node)) return new Map([[slot.node, MOST]]);
  const nodes = world.standIn(app.uid, member)?.nodes ?? [];
  const scored = nodes.slice(0, MOST).map((node, index) => [node, MOST - index] as const);
  return new Map(scored.filter(([node]) => candidates.has(node)));
}

function unheld(candidates: Candidates): Scores {
  const entries = candidates.entries();
  const positions = new Int32Array(entries.length);
  let count = 0;
  for (let position = 0; position < entries.length; position += 1) {
    if (candidates.rooms.reserves(entries[position] ?? -1)) continue;
    positions[count] = position;
    count += 1;
  }
  return count === entries.length ? NONE : { kind: 'unheld', positions: positions.subarray(0, count) };
}
