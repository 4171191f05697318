import { NodePromises, type Promises } from './node-promises.ts';
import { memberKey, type AskingPod, type Member } from './admission-world.ts';

/** A pod that we let through and have not seen bound. */
export interface Admission {
  readonly podUid: string;
  /** The member that it came as; undefined for other pods. */
  readonly member: Member | undefined;
  readonly requests: AskingPod['requests'];
  /** Nodes that it may land on and where slots hold room: it counts on each until we see which one it got. */
  readonly nodes: readonly string[];
}

interface Entry extends Admission {
  readonly expiresAtSeconds: number;
}

/** How long an admission counts when we hear nothing more of the pod. kube-scheduler binds within milliseconds, or asks again. */
export const ADMISSION_SECONDS = 30;

/** What is asked of a ledger where room is compared. */
export interface Promised {
  /** How much of a resource other pods than `except` may be about to take on this node. */
  promised(node: string, resource: string, except: string): number;
}

/** To ask what would be if every pod that was let through landed elsewhere. */
export const NOTHING_PROMISED: Promised = { promised: () => 0 };

/**
 * What was promised within the last moments, so that two pods in a row are not promised the same room. In memory only: a new
 * extender means a new kube-scheduler, which asks again for every pod. Times are epoch seconds and never run backwards.
 */
export class AdmissionLedger implements Promised {
  // In order of expiry, as every entry lives equally long and goes to the end when renewed; those that bind right now are apart.
  readonly #entries = new Map<string, Entry>();
  readonly #binding = new Map<string, Admission>();
  readonly #byMember = new Map<string, string>();
  readonly #promises: Promises;
  #withdrawals = 0;

  /** @param promises where the sums are kept. */
  constructor(promises: Promises = new NodePromises()) {
    this.#promises = promises;
  }

  /** Pods that count right now. */
  get size(): number {
    return this.#entries.size + this.#binding.size;
  }

  /** How often room stopped being promised so far: when it grows, a pod that was refused for a promise may fit. */
  get withdrawals(): number {
    return this.#withdrawals;
  }

  /** Remembers an admission; an earlier one of the same pod is replaced. */
  record(admission: Admission, now: number): void {
    this.release(admission.podUid);
    this.#entries.set(admission.podUid, { ...admission, expiresAtSeconds: now + ADMISSION_SECONDS });
    this.#index(admission);
  }

  /** The pod is bound, deleted or finished: watches count it from here. */
  release(podUid: string): void {
    const admission = this.#entries.get(podUid) ?? this.#binding.get(podUid);
    if (admission === undefined) return;
    this.#entries.delete(podUid);
    this.#binding.delete(podUid);
    this.#promises.promise(admission.nodes, admission.requests, 'released');
    if (admission.nodes.length > 0) this.#withdrawals += 1;
    if (admission.member === undefined) return;
    const key = memberKey(admission.member.app.uid, admission.member.member);
    if (this.#byMember.get(key) === podUid) this.#byMember.delete(key);
  }

  /**
   * kube-scheduler shows (in `status.nominatedNodeName`) that it is binding the pod to this node, which may take minutes: the admission
   * narrows to it and does not expire. An empty node: it is not binding any more, so the clock runs again.
   */
  binding(podUid: string, node: string, now: number): void {
    const admission = this.#entries.get(podUid) ?? this.#binding.get(podUid);
    if (admission === undefined || (node === '' && !this.#binding.has(podUid))) return;
    this.release(podUid);
    if (node === '') return this.record(admission, now);
    const narrowed = { ...admission, nodes: admission.nodes.filter((name) => name === node) };
    this.#binding.set(podUid, narrowed);
    this.#index(narrowed);
  }

  /** Drops what has run out. */
  expire(now: number): void {
    for (const [podUid, entry] of this.#entries) {
      if (entry.expiresAtSeconds > now) return;
      this.release(podUid);
    }
  }

  /** UID of the pod that was let through as this member. */
  holderOf(member: Member): string | undefined {
    return this.#byMember.get(memberKey(member.app.uid, member.member));
  }

  promised(node: string, resource: string, except: string): number {
    const own = this.#entries.get(except) ?? this.#binding.get(except);
    const counted = own?.nodes.includes(node) === true ? (own.requests[resource] ?? 0) : 0;
    return this.#promises.promised(node, resource) - counted;
  }

  #index(admission: Admission): void {
    if (admission.member !== undefined)
      this.#byMember.set(memberKey(admission.member.app.uid, admission.member.member), admission.podUid);
    this.#promises.promise(admission.nodes, admission.requests, 'promised');
  }
}
