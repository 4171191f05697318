import { showAmount } from '../resources/show-amount.ts';
import { bestNodes } from './best-nodes.ts';
import type { AskingPod, NodeRoom } from './admission-world.ts';
import type { Candidates } from './candidates.ts';
import type { FilterDecision } from './filter-decision.ts';
import type { AdmissionLedger } from './ledger.ts';

interface Question {
  readonly pod: AskingPod;
  readonly candidates: Candidates;
  readonly ledger: AdmissionLedger;
}

/** How many names an answer echoes at most: echoing 1,000 halves kube-scheduler's throughput (measured: 98 against 209 pods/s). */
export const ECHOED_NODES = 100;

/** Any other pod may use what slots and earlier promises leave. */
export function admitOther(question: Question): FilterDecision {
  const { pod, candidates, ledger } = question;
  const rooms = candidates.rooms();
  const fitting = rooms.filter((room) => !room.reserves || fitsBeside(room, pod, ledger));
  if (fitting.length === 0) {
    return {
      answer: { kind: 'refused', reason: 'HeldByOthers', message: heldByOthers(question, rooms) },
      admission: undefined,
    };
  }
  const chosen = bestNodes(fitting, fitting.map(rankOf), ECHOED_NODES);
  const contested = chosen.filter(({ reserves }) => reserves).map(({ name }) => name);
  const admission = { podUid: pod.uid, member: undefined, requests: pod.requests, nodes: contested };
  const answer = { kind: 'nodes' as const, nodes: chosen.map(({ name }) => name) };
  return { answer, admission: contested.length === 0 ? undefined : admission };
}

/** How much of a resource other pods can have beside the slots; below zero where the node is overbooked. */
export function freeBeside(room: NodeRoom, resource: string, pod: AskingPod, ledger: AdmissionLedger): number {
  const free = room.free[resource] ?? 0;
  return ledger.isPromised(room.name) ? free - ledger.promised(room.name, resource, pod.uid) : free;
}

/** Asked only where something is held: elsewhere kube-scheduler's own count decides, which is ahead of ours. */
function fitsBeside(room: NodeRoom, pod: AskingPod, ledger: AdmissionLedger): boolean {
  const { requests } = pod;
  for (const resource in requests) {
    const asked = requests[resource] ?? 0;
    if (asked > 0 && asked > freeBeside(room, resource, pod, ledger)) return false;
  }
  return true;
}

/** 0 … 2: nodes where nothing is held come before all others, then the emptier one. */
function rankOf(room: NodeRoom): number {
  return room.reserves ? room.freeShare : 1 + room.freeShare;
}

/** One sentence for all nodes, so that kube-scheduler counts them under one reason: it is about what is short on most of them. */
function heldByOthers(question: Question, rooms: readonly NodeRoom[]): string {
  const { resource, asked, most } = shortest(question, rooms);
  return `room is held for members of persistent apps: the pod asks for ${showAmount(resource, asked)} ${resource}, and beside the slots at most ${showAmount(resource, Math.max(0, most))} is free on a node (HeldByOthers)`;
}

function shortest({ pod, ledger }: Question, rooms: readonly NodeRoom[]) {
  const lacks = Object.entries(pod.requests).map(([resource, asked]) => {
    const free = rooms.map((room) => freeBeside(room, resource, pod, ledger));
    return { resource, asked, most: Math.max(...free), short: free.filter((amount) => amount < asked).length };
  });
  return lacks.reduce((worst, lack) => (lack.short > worst.short ? lack : worst), {
    resource: 'cpu',
    asked: 0,
    most: 0,
    short: 0,
  });
}
