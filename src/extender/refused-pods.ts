import type { AdmissionWorld, AskingPod } from '../core/admission/admission-world.ts';
import { slotRefusal } from '../core/admission/admit-member.ts';
import type { AdmissionLedger } from '../core/admission/ledger.ts';
import { whichMember } from '../core/admission/which-member.ts';
import type { SleepingPod } from './cache-message.ts';

interface Refused {
  readonly pod: AskingPod;
  /** What its next answer hangs on, as it was when we refused it. */
  readonly prospect: string;
}

/** The world as prospects need it: how many slots were released says whether room came free for others. */
interface World extends AdmissionWorld {
  readonly releasedSlots: number;
}

/** Beyond so many, the oldest are forgotten: kube-scheduler itself tries every pod again within five minutes. */
const REMEMBERED = 2000;

/**
 * Pods that we refused. kube-scheduler tries such a pod again when some object of the cluster changes, but knows nothing of slots:
 * when what we refused it for is different now, somebody must wake it. Oldest first.
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

  has(podUid: string): boolean {
    return this.#pods.has(podUid);
  }

  add(pod: AskingPod): void {
    // A pod that asks again keeps its age.
    this.#pods.set(pod.uid, { pod, prospect: this.#prospect(pod) });
    const oldest = this.#pods.keys().next().value;
    if (this.#pods.size > REMEMBERED && oldest !== undefined) this.#pods.delete(oldest);
  }

  delete(podUid: string): void {
    this.#pods.delete(podUid);
  }

  /** Those that would get another answer now. They are forgotten: if they are refused once more, they come back. */
  takeHopeful(): readonly SleepingPod[] {
    const hopeful: SleepingPod[] = [];
    for (const [uid, { pod, prospect }] of this.#pods) {
      const now = this.#prospect(pod);
      if (now === prospect || now === HOPELESS) continue;
      this.#pods.delete(uid);
      hopeful.push({ uid, namespace: pod.namespace, name: pod.name });
    }
    return hopeful;
  }

  #prospect(pod: AskingPod): string {
    const whose = whichMember(pod, this.#world);
    switch (whose.kind) {
      case 'member': {
        const { member } = whose;
        const slot = this.#world.slot(member.app.uid, member.member);
        return slot === undefined || slotRefusal({ pod, member, ledger: this.#ledger }, slot) !== undefined
          ? HOPELESS
          : `slot on ${slot.node} or ${this.#world.standIn(member.app.uid, member.member)?.nodes.join(' ') ?? ''}`;
      }
      case 'unresolved':
        return HOPELESS;
      default:
        return `other after ${this.#world.releasedSlots}`;
    }
  }
}

const HOPELESS = '';
