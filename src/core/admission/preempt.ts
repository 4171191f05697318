import type { Resources } from '../resources/resources.ts';
import { slotRefusal } from './admit-member.ts';
import type { AdmissionWorld, AskingPod, Member, NodeRoom } from './admission-world.ts';
import { freeBeside } from './free-beside.ts';
import type { AdmissionLedger } from './ledger.ts';
import { whichMember } from './which-member.ts';

/** Pods that kube-scheduler would remove from one node, by UID. */
export interface Victims {
  readonly podUids: readonly string[];
  readonly pdbViolations: number;
}

/** A running pod that may be removed. A member's resources stay held by its slot, so its going frees nothing for others. */
export interface VictimFacts {
  readonly requests: Resources;
  readonly isMember: boolean;
}

interface Question {
  readonly pod: AskingPod;
  readonly candidates: ReadonlyMap<string, Victims>;
  /** Facts of the victims by UID; one that is missing is gone already, and frees nothing more. */
  readonly victims: ReadonlyMap<string, VictimFacts>;
  readonly world: AdmissionWorld;
  readonly ledger: AdmissionLedger;
}

/**
 * The candidates that preemption would really help: a member's slot or nothing; for other pods those where they fit next to the
 * slots once the victims are gone. Never a node without victims, since nothing would change there.
 */
export function preempt(question: Question): ReadonlyMap<string, Victims> {
  const { pod, candidates, world, ledger } = question;
  const whose = whichMember(pod, world);
  const helps = (name: string): boolean => {
    switch (whose.kind) {
      case 'member':
        return name === usableSlotNode(pod, whose.member, world, ledger);
      case 'unresolved':
        return false;
      default:
        return fitsAfter(name, question);
    }
  };
  return new Map([...candidates].filter(([name, { podUids }]) => podUids.length > 0 && helps(name)));
}

function usableSlotNode(
  pod: AskingPod,
  member: Member,
  world: AdmissionWorld,
  ledger: AdmissionLedger,
): string | undefined {
  const slot = world.slot(member.app.uid, member.member);
  return slot !== undefined && slotRefusal({ pod, member, ledger }, slot) === undefined ? slot.node : undefined;
}

function fitsAfter(name: string, question: Question): boolean {
  const room = question.world.room(name);
  if (room === undefined || !room.reserves) return true;
  return Object.entries(question.pod.requests).every(
    ([resource, asked]) => asked <= freeAfter(room, resource, question),
  );
}

function freeAfter(room: NodeRoom, resource: string, { pod, candidates, victims, ledger }: Question): number {
  let free = freeBeside(room, resource, pod, ledger);
  for (const podUid of candidates.get(room.name)?.podUids ?? []) {
    const victim = victims.get(podUid);
    if (victim !== undefined && !victim.isMember) free += victim.requests[resource] ?? 0;
  }
  return free;
}
