import type { AdmissionWorld, AskingPod } from '../core/admission/admission-world.ts';
import { slotRefusal } from '../core/admission/admit-member.ts';
import type { AdmissionLedger } from '../core/admission/ledger.ts';
import { whichMember } from '../core/admission/which-member.ts';
import type { SleepingPod } from './cache-message.ts';

interface Refused {
  readonly pod: AskingPod;
  /** Whether only pods that were let through before it were in its way. */
  readonly forNow: boolean;
  /** As it was when we refused it. */
  readonly prospect: Prospect;
}

/**
 * What a pod's next answer hangs on. A pod that was told less than is known by now is woken, so that its condition does not go on saying
 * what is not true any more; one that is told all there is to say is woken when it may be let in.
 */
interface Prospect {
  readonly stage: number;
  readonly text: string;
}

/** How much there is to say to a refused pod. */
const STAGE = { ownerUnknown: 0, unanswered: 1, answered: 2, hopeful: 3 } as const;

/** The world as prospects need it: how many slots were released says whether room came free for others. */
interface World extends AdmissionWorld {
  readonly releasedSlots: number;
}

/** Beyond so many, the oldest are forgotten: kube-scheduler itself tries every pod again within a minute or two (ADR 26). */
const REMEMBERED = 2000;

/**
 * Pods that we refused. kube-scheduler tries such a pod again when some object of the cluster changes, but knows nothing of slots and of
 * what we promised others: when what we refused it for is different now, somebody must wake it. Oldest first.
 */
export class RefusedPods {
  readonly #pods = new Map<string, Refused>();
  readonly #world: World;
  readonly #ledger: AdmissionLedger;

  constructor(world: World, ledger: AdmissionLedger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  get size(): number {
    return this.#pods.size;
  }

  /** Whether any was refused only for pods that were let through before it. */
  get anyForNow(): boolean {
    for (const { forNow } of this.#pods.values()) if (forNow) return true;
    return false;
  }

  has(podUid: string): boolean {
    return this.#pods.has(podUid);
  }

  /** @param forNow whether only pods that were let through before it are in its way. */
  add(pod: AskingPod, forNow: boolean): void {
    // A pod that asks again keeps its age.
    this.#pods.set(pod.uid, { pod, forNow, prospect: this.#prospect(pod, forNow) });
    const oldest = this.#pods.keys().next().value;
    if (this.#pods.size > REMEMBERED && oldest !== undefined) this.#pods.delete(oldest);
  }

  delete(podUid: string): void {
    this.#pods.delete(podUid);
  }

  /** Those that would get another answer now. They are forgotten: if they are refused once more, they come back. */
  takeHopeful(): readonly SleepingPod[] {
    const hopeful: SleepingPod[] = [];
    for (const [uid, { pod, forNow, prospect }] of this.#pods) {
      const now = this.#prospect(pod, forNow);
      const isNews = now.stage > prospect.stage || (now.stage === STAGE.hopeful && now.text !== prospect.text);
      if (!isNews) continue;
      this.#pods.delete(uid);
      hopeful.push({ uid, namespace: pod.namespace, name: pod.name });
    }
    return hopeful;
  }

  #prospect(pod: AskingPod, forNow: boolean): Prospect {
    const whose = whichMember(pod, this.#world);
    const promised = forNow ? ` and ${this.#ledger.withdrawals}` : '';
    switch (whose.kind) {
      case 'member': {
        const { app, member } = whose.member;
        const slot = this.#world.slot(app.uid, member);
        if (slot === undefined) return this.#world.app(app.uid)?.reason === undefined ? UNANSWERED : ANSWERED;
        if (slotRefusal({ pod, member: whose.member, ledger: this.#ledger }, slot) !== undefined) return ANSWERED;
        const elsewhere = this.#world.standIn(app.uid, member)?.nodes.join(' ') ?? '';
        return { stage: STAGE.hopeful, text: `slot on ${slot.node} or ${elsewhere}${promised}` };
      }
      case 'unresolved':
        return OWNER_UNKNOWN;
      default:
        return { stage: STAGE.hopeful, text: `other after ${this.#world.releasedSlots}${promised}` };
    }
  }
}

const OWNER_UNKNOWN: Prospect = { stage: STAGE.ownerUnknown, text: '' };
const UNANSWERED: Prospect = { stage: STAGE.unanswered, text: '' };
const ANSWERED: Prospect = { stage: STAGE.answered, text: '' };
