import { showAmount } from '../resources/show-amount.ts';
import { bestNodes } from './best-nodes.ts';
import type { AskingPod } from './admission-world.ts';
import type { Candidates } from './candidates.ts';
import type { FilterDecision } from './filter-decision.ts';
import type { RoomColumns } from './room-columns.ts';

/** How many names an answer echoes at most: echoing 1,000 halves kube-scheduler's throughput (measured: 98 against 209 pods/s). */
export const ECHOED_NODES = 100;

/** Any other pod may use what slots and earlier promises leave. What this pod was promised before must have been taken back. */
export function admitOther(pod: AskingPod, candidates: Candidates): FilterDecision {
  const entries = candidates.entries();
  const asked = askedOf(pod, candidates.rooms);
  const chosen = bestNodes(ranksOf(entries, asked, candidates.rooms), ECHOED_NODES);
  if (chosen.length === 0) {
    return {
      answer: { kind: 'refused', reason: 'HeldByOthers', ...heldByOthers(entries, asked) },
      admission: undefined,
    };
  }
  const nodes = chosen.map((position) => candidates.name(position));
  const contested = nodes.filter((_name, index) => candidates.rooms.reserves(entries[chosen[index] ?? -1] ?? -1));
  const admission = { podUid: pod.uid, member: undefined, requests: pod.requests, nodes: contested };
  return { answer: { kind: 'nodes', nodes }, admission: contested.length === 0 ? undefined : admission };
}

/** A resource that a pod asks for, and what every entry has left of it. */
interface Asked {
  readonly resource: string;
  readonly amount: number;
  readonly left: Float64Array;
  /** What is taken off `left` for pods that were let through and are not bound yet. */
  readonly promised: Float64Array;
}

const NO_NODE = new Float64Array(0);

function askedOf(pod: AskingPod, rooms: RoomColumns): readonly Asked[] {
  const asked = Object.entries(pod.requests).filter(([, amount]) => amount > 0);
  return asked.map(([resource, amount]) => ({
    resource,
    amount,
    left: rooms.left(resource) ?? NO_NODE,
    promised: rooms.promises(resource) ?? NO_NODE,
  }));
}

/** 0: the pod does not fit. Asked only where something is held: elsewhere kube-scheduler's own count decides, which is ahead of ours. */
function ranksOf(entries: Int32Array, asked: readonly Asked[], rooms: RoomColumns): Uint16Array {
  const ranks = new Uint16Array(entries.length);
  for (let position = 0; position < entries.length; position += 1) {
    const entry = entries[position] ?? -1;
    if (!rooms.reserves(entry) || fits(entry, asked)) ranks[position] = rooms.rank(entry);
  }
  return ranks;
}

function fits(entry: number, asked: readonly Asked[]): boolean {
  for (let index = 0; index < asked.length; index += 1) {
    const each = asked[index];
    if (each !== undefined && each.amount > (each.left[entry] ?? 0)) return false;
  }
  return true;
}

/** One sentence for all nodes, so that kube-scheduler counts them under one reason: it is about what is short on most of them. */
function heldByOthers(entries: Int32Array, asked: readonly Asked[]): { message: string; forNow: boolean } {
  const forNow = entries.some((entry) => asked.every((each) => each.amount <= leftUnpromised(each, entry)));
  // Where promises decide nothing, they are left out: the number would be untrue a moment later, and nobody is woken to hear another.
  const { resource, amount, most } = asked
    .map((each) => shortageOf(each, entries, forNow ? leftOf : leftUnpromised))
    .reduce((worst, lack) => (lack.short > worst.short ? lack : worst), NOTHING_SHORT);
  const beside = forNow ? 'the slots and pods that are just being placed' : 'the slots';
  const message = `room is held for members of persistent apps: the pod asks for ${showAmount(resource, amount)} ${resource}, and beside ${beside} at most ${showAmount(resource, Math.max(0, most))} is free on a node (HeldByOthers)`;
  return { message, forNow };
}

function leftOf({ left }: Asked, entry: number): number {
  return left[entry] ?? 0;
}

function leftUnpromised({ left, promised }: Asked, entry: number): number {
  return (left[entry] ?? 0) + (promised[entry] ?? 0);
}

interface Shortage {
  readonly resource: string;
  readonly amount: number;
  /** The most that any node has left. */
  readonly most: number;
  /** How many nodes have too little. */
  readonly short: number;
}

const NOTHING_SHORT: Shortage = { resource: 'cpu', amount: 0, most: 0, short: 0 };

function shortageOf(asked: Asked, entries: Int32Array, leftFor: typeof leftOf): Shortage {
  const { resource, amount } = asked;
  let most = 0;
  let short = 0;
  for (const entry of entries) {
    const amountLeft = leftFor(asked, entry);
    most = Math.max(most, amountLeft);
    if (amountLeft < amount) short += 1;
  }
  return { resource, amount, most, short };
}
