import { unknownRoom, type AdmissionWorld, type NodeRoom } from './admission-world.ts';

/** The nodes that kube-scheduler asks about: those that passed its own checks. Three looks at one list, each cheaper than the next. */
export interface Candidates {
  has(node: string): boolean;
  /** In the order given. */
  names(): readonly string[];
  /** What is known of each, in the same order; a node that we have not heard of has an empty room. */
  rooms(): readonly NodeRoom[];
}

/** Candidates from a list of names. */
export function candidatesOf(names: readonly string[], world: Pick<AdmissionWorld, 'room'>): Candidates {
  return {
    has: (node) => names.includes(node),
    names: () => names,
    rooms: () => names.map((name) => world.room(name) ?? unknownRoom(name)),
  };
}
