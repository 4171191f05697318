import { MEMBER_LABELS, type MemberPods, memberLabels } from '../facts/member-pods.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type { Labels } from '../facts/label-selector.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { type PodTerm, isMeant } from '../facts/pod-term.ts';
import { SelectorIndex } from './selector-index.ts';

/** A pod as other pods' rules see it: one that is bound, or one that will come for a slot. */
export interface SeenPod extends Pick<
  PodFacts,
  'namespace' | 'name' | 'labels' | 'nodeName' | 'deleting' | 'excludes'
> {
  /** The app whose slot it stands for; undefined for a pod that is there. */
  readonly slotOf?: string | undefined;
}

/** A required anti-affinity term of a pod. */
export interface Exclusion {
  readonly pod: SeenPod;
  readonly term: PodTerm;
}

/** The pod that will come for a slot of this app. */
export function comingPod(pods: MemberPods, member: string, nodeName: string, slotOf: string): SeenPod {
  const { namespace, antiAffinity, hostPorts } = pods;
  const excludes = antiAffinity.length + hostPorts.length === 0 ? undefined : { antiAffinity, hostPorts };
  return { namespace, name: member, labels: memberLabels(pods, member), nodeName, deleting: false, excludes, slotOf };
}

/** Pods, found by what the rules of others ask: labels, anti-affinity that is about a given pod, ports of a node. */
export class PodSet {
  readonly bySelector = new SelectorIndex<SeenPod>();
  readonly #exclusions = new Map<string, Set<Exclusion>>();
  readonly #exclusionsOf = new Map<SeenPod, readonly Exclusion[]>();
  readonly #withPorts = new Map<string, Set<SeenPod>>();
  #memberTerms = 0;

  add(pod: SeenPod): void {
    this.bySelector.add(pod);
    if (pod.excludes === undefined) return;
    if (pod.excludes.hostPorts.length > 0) addTo(this.#withPorts, pod.nodeName, pod);
    const exclusions = pod.excludes.antiAffinity.map((term) => ({ pod, term }));
    this.#exclusionsOf.set(pod, exclusions);
    for (const exclusion of exclusions) this.#file(exclusion, 1);
  }

  delete(pod: SeenPod): void {
    this.bySelector.delete(pod);
    if (pod.excludes === undefined) return;
    removeFrom(this.#withPorts, pod.nodeName, pod);
    for (const exclusion of this.#exclusionsOf.get(pod) ?? []) this.#file(exclusion, -1);
    this.#exclusionsOf.delete(pod);
  }

  /** Pods on the node that have host ports. */
  withPortsOn(node: string): Iterable<SeenPod> {
    return this.#withPorts.get(node) ?? [];
  }

  /** Whether a term asks for labels that only single members of an app have. */
  get looksAtMembers(): boolean {
    return this.#memberTerms > 0;
  }

  /** The anti-affinity terms that are about a pod of this namespace with these labels. */
  *exclusions(
    pod: { readonly namespace: string; readonly labels: Labels },
    namespaceLabels: (name: string) => Labels,
  ): Iterable<Exclusion> {
    if (this.#exclusions.size === 0) return;
    for (const drawer of ['', ...Object.keys(pod.labels).map((key) => drawerOf(key, pod.labels[key] ?? ''))]) {
      for (const exclusion of this.#exclusions.get(drawer) ?? []) {
        if (isMeant(exclusion.term, pod, namespaceLabels)) yield exclusion;
      }
    }
  }

  /** Filed under one label that a pod must have to be meant, so that a pod is compared with few terms. */
  #file(exclusion: Exclusion, change: 1 | -1): void {
    const { selector } = exclusion.term;
    if (selector === undefined) return;
    if (selector.some(({ key }) => MEMBER_LABELS.has(key))) this.#memberTerms += change;
    const naming = selector.find(({ operator }) => operator === 'In');
    const drawers = naming === undefined ? [''] : naming.values.map((value) => drawerOf(naming.key, value));
    for (const drawer of new Set(drawers)) {
      if (change === 1) addTo(this.#exclusions, drawer, exclusion);
      else removeFrom(this.#exclusions, drawer, exclusion);
    }
  }
}

const NO_LABELS: Labels = {};

type BoundPod = SeenPod & { labels: Labels };

/** Bound pods of the cluster and the pods that will come for slots, as the rules of other pods see them; kept up event by event. */
export class PodIndex {
  readonly pods = new PodSet();
  readonly #bound = new Map<string, BoundPod>();
  readonly #slots = new Map<string, Map<HeldSlot, SeenPod | undefined>>();
  readonly #templates = new Map<string, MemberPods>();
  readonly #namespaces = new Map<string, Labels>();
  #version = 0;
  #isOff = false;

  /** Nobody will ask: nothing is kept, which for many pods is a good part of the memory. */
  turnOff(): void {
    this.#isOff = true;
  }

  /** Rises with every change that a rule could look at. */
  get version(): number {
    return this.#version;
  }

  /** A bound pod that has not finished. Its anti-affinity and ports never change. */
  set(facts: PodFacts): void {
    if (this.#isOff) return;
    const before = this.#bound.get(facts.uid);
    if (before !== undefined && looksAlike(before, facts)) {
      // So that of the older facts nothing stays in memory.
      before.labels = facts.labels;
      return;
    }
    this.delete(facts.uid);
    const { namespace, name, labels, nodeName, deleting, excludes } = facts;
    const pod = { namespace, name, labels, nodeName, deleting, excludes };
    this.#bound.set(facts.uid, pod);
    this.pods.add(pod);
    this.#version += 1;
  }

  delete(uid: string): void {
    const pod = this.#bound.get(uid);
    if (pod === undefined) return;
    this.#bound.delete(uid);
    this.pods.delete(pod);
    this.#version += 1;
  }

  addSlot(slot: HeldSlot): void {
    if (this.#isOff) return;
    const slots = this.#slots.get(slot.appUid) ?? new Map<HeldSlot, SeenPod | undefined>();
    this.#slots.set(slot.appUid, slots.set(slot, undefined));
    this.#show(slots, slot);
  }

  removeSlot(slot: HeldSlot): void {
    const slots = this.#slots.get(slot.appUid);
    if (slots === undefined) return;
    this.#hide(slots, slot);
    slots.delete(slot);
    if (slots.size === 0) this.#slots.delete(slot.appUid);
  }

  /** What the pods of this app look like; undefined: the app is gone. Until it is known, its slots are no pods to anybody. */
  setTemplate(appUid: string, template: MemberPods | undefined): void {
    if (template === undefined) this.#templates.delete(appUid);
    else this.#templates.set(appUid, template);
    const slots = this.#slots.get(appUid);
    for (const slot of slots?.keys() ?? []) {
      if (slots !== undefined) this.#hide(slots, slot);
      if (slots !== undefined) this.#show(slots, slot);
    }
  }

  setNamespace(name: string, labels: Labels | undefined): void {
    if (labels === undefined) this.#namespaces.delete(name);
    else this.#namespaces.set(name, labels);
    this.#version += 1;
  }

  /** Empty for a namespace that is not known, as with kube-scheduler. */
  readonly namespaceLabels = (name: string): Labels => this.#namespaces.get(name) ?? NO_LABELS;

  #show(slots: Map<HeldSlot, SeenPod | undefined>, slot: HeldSlot): void {
    const template = this.#templates.get(slot.appUid);
    if (template === undefined || this.#bound.has(slot.slot.podUID)) return;
    const pod = comingPod(template, slot.slot.member, slot.slot.node, slot.appUid);
    slots.set(slot, pod);
    this.pods.add(pod);
    this.#version += 1;
  }

  #hide(slots: Map<HeldSlot, SeenPod | undefined>, slot: HeldSlot): void {
    const pod = slots.get(slot);
    if (pod === undefined) return;
    slots.set(slot, undefined);
    this.pods.delete(pod);
    this.#version += 1;
  }
}

function looksAlike(before: SeenPod, after: PodFacts): boolean {
  if (before.nodeName !== after.nodeName || before.deleting !== after.deleting) return false;
  const keys = Object.keys(before.labels);
  return (
    keys.length === Object.keys(after.labels).length && keys.every((key) => before.labels[key] === after.labels[key])
  );
}

function drawerOf(key: string, value: string): string {
  return `${key}=${value}`;
}

function addTo<T>(map: Map<string, Set<T>>, key: string, item: T): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, new Set([item]));
  else items.add(item);
}

function removeFrom<T>(map: Map<string, Set<T>>, key: string, item: T): void {
  const items = map.get(key);
  items?.delete(item);
  if (items?.size === 0) map.delete(key);
}
