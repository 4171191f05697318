import type { Demand } from '../allocator/demand.ts';
import type { LabelSelector, Labels } from '../facts/label-selector.ts';
import { type MemberPods, memberLabels } from '../facts/member-pods.ts';
import { type Exclusion, type PodIndex, PodSet, type SeenPod, comingPod } from '../view/pod-index.ts';

/** Whose pods are placed: enough of a demand to know which of the pods around are its own. */
export type PodOwner = Pick<Demand, 'app' | 'placed' | 'members'>;

/** The pod that is to be placed. */
export interface Newcomer {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
}

/**
 * The pods that a member's pod will find when it comes: those that are bound, those that will come for slots, and those of members that
 * got a place in this run. Its own pod of before is not among them: it is gone when the new one comes.
 */
export class PodSurroundings {
  readonly pods: MemberPods;
  readonly #index: PodIndex;
  readonly #placedNow: PodSet;
  readonly #placedBefore = new PodSet();
  readonly #appUid: string;

  constructor(index: PodIndex, placedNow: PodSet, { app, placed }: PodOwner, pods: MemberPods) {
    this.pods = pods;
    this.#index = index;
    this.#placedNow = placedNow;
    this.#appUid = app.uid;
    for (const { member, node } of placed) this.#placedBefore.add(comingPod(pods, member, node, app.uid));
  }

  readonly namespaceLabels = (name: string): Labels => this.#index.namespaceLabels(name);

  newcomer(member: string): Newcomer {
    return { namespace: this.pods.namespace, name: member, labels: memberLabels(this.pods, member) };
  }

  /** Pods with these labels, in any namespace; a member's slot and its pod on one node are one. */
  *matching(selector: LabelSelector | undefined, newcomer: Newcomer): Iterable<SeenPod> {
    const there = new Set<string>();
    const coming: SeenPod[] = [];
    for (const set of this.#sets()) {
      for (const pod of set.bySelector.matching(selector)) {
        if (!this.#counts(pod, set, newcomer)) continue;
        if (pod.slotOf !== undefined) coming.push(pod);
        else {
          there.add(placeOf(pod));
          yield pod;
        }
      }
    }
    for (const pod of coming) if (!there.has(placeOf(pod))) yield pod;
  }

  /** Anti-affinity of others that is about the newcomer. */
  *exclusions(newcomer: Newcomer): Iterable<Exclusion> {
    for (const set of this.#sets()) {
      for (const exclusion of set.exclusions(newcomer, this.namespaceLabels)) {
        if (this.#counts(exclusion.pod, set, newcomer)) yield exclusion;
      }
    }
  }

  /** Pods with host ports on the node. */
  *withPortsOn(node: string, newcomer: Newcomer): Iterable<SeenPod> {
    for (const set of this.#sets()) {
      for (const pod of set.withPortsOn(node)) if (this.#counts(pod, set, newcomer)) yield pod;
    }
  }

  #sets(): readonly PodSet[] {
    return [this.#index.pods, this.#placedBefore, this.#placedNow];
  }

  /** Slots of the app itself are those that the demand names, not those that the view may still show. */
  #counts(pod: SeenPod, set: PodSet, newcomer: Newcomer): boolean {
    if (set === this.#index.pods && pod.slotOf === this.#appUid) return false;
    return pod.name !== newcomer.name || pod.namespace !== newcomer.namespace;
  }
}

function placeOf({ namespace, name, nodeName }: SeenPod): string {
  return `${namespace}/${name} ${nodeName}`;
}
