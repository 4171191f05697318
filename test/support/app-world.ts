// A small cluster in memory for property tests: what the API server, the StatefulSet controller, kube-scheduler with our extender, the
// kubelet, garbage collection and the allocator do about one app, each by itself and in any order.
import { LABEL_APP_UID } from '../../src/api/labels.ts';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { Reservation, Slot } from '../../src/api/reservation.ts';
import type { Decision } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import type { NodeFacts } from '../../src/core/facts/node-facts.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type { ClaimFacts } from '../../src/core/facts/storage-facts.ts';
import { podRequests } from '../../src/core/resources/pod-requests.ts';
import { parseBytes } from '../../src/core/resources/quantity.ts';
import { formatResourceList, parseResourceList } from '../../src/core/resources/resource-list.ts';
import { fits } from '../../src/core/resources/vector.ts';
import { NOW, app as buildApp, facts, framework, node, reservation, storageClass } from './app-builders.ts';
import { claimName } from '../../src/core/app/claim-name.ts';
import type { AppFacts } from '../../src/core/app/facts.ts';
import { canonicalJson, intentHash } from '../../src/core/app/intent-hash.ts';
import { plan } from '../../src/core/app/make-plan.ts';
import { ordinalOf } from '../../src/core/app/member-name.ts';
import type { Action, KubeObject, Plan } from '../../src/core/app/plan.ts';
import { controllerOf, readField, readList, readMap, readNumber, readString } from '../../src/core/app/read-field.ts';
import { formatTime } from '../../src/core/app/rfc3339.ts';
import { isStale } from '../../src/core/app/situation.ts';

type Kind = 'Service' | 'StatefulSet' | 'PodDisruptionBudget';
type SpecChange = Readonly<Record<string, unknown>>;

/** Everybody who acts in the cluster. One turn of one of them is one step of the world. */
export const ACTORS = [
  'operator',
  'statefulSetController',
  'scheduler',
  'kubelet',
  'garbageCollector',
  'clock',
] as const;
export type Actor = (typeof ACTORS)[number];

const FRAMEWORK = framework();

export class AppWorld {
  now = NOW;
  app: PersistentApp;
  reservation: Reservation | undefined;
  readonly children = new Map<Kind, KubeObject>();
  readonly pods = new Map<string, PodFacts>();
  readonly claims = new Map<string, ClaimFacts>();
  readonly nodes = new Map<string, NodeFacts>();
  decline: AppFacts['decline'];
  /** Every action that any plan asked for, to judge them afterwards. */
  readonly performed: Action[] = [];
  /** What must never happen and did. */
  readonly violations: string[] = [];
  /** Slots that fit on one node. */
  readonly room: number;
  #uids = 0;

  constructor(spec: SpecChange, nodes: number, room: number) {
    this.app = buildApp({ spec, metadata: { uid: this.#uid('app') } });
    this.room = room;
    for (let index = 1; index <= nodes; index += 1) this.nodes.set(`n${index}`, node(`n${index}`));
  }

  facts(): AppFacts {
    return facts({
      app: this.app,
      framework: FRAMEWORK,
      storageClasses: new Map([['fast', storageClass()]]),
      reservation: this.reservation,
      service: this.children.get('Service'),
      statefulSet: this.children.get('StatefulSet'),
      podDisruptionBudget: this.children.get('PodDisruptionBudget'),
      pods: [...this.pods.values()],
      claims: [...this.claims.values()],
      nodes: this.nodes,
      decline: this.decline,
    });
  }

  plan(): Plan {
    return plan(this.facts(), this.now);
  }

  act(actor: Actor): void {
    switch (actor) {
      case 'operator':
        this.#operate();
        break;
      case 'statefulSetController':
        this.#controlStatefulSet();
        break;
      case 'scheduler':
        this.#schedule();
        break;
      case 'kubelet':
        this.#runPods();
        break;
      case 'garbageCollector':
        this.#collectGarbage();
        break;
      case 'clock':
        this.now += 7;
        break;
    }
  }

  /** Turns of everybody until a whole round leaves the world as it was, time apart. False: it never settled. */
  settle(rounds = 400): boolean {
    for (let round = 0; round < rounds; round += 1) {
      const before = this.#fingerprint();
      for (const actor of ACTORS) this.act(actor);
      if (this.#fingerprint() === before && this.plan().wakeAfterSeconds === undefined) return true;
      this.now += 60;
    }
    return false;
  }

  /** A person edits the spec. */
  edit(change: SpecChange): void {
    const { metadata, spec, status } = this.app;
    const next = { ...spec, ...change };
    if (canonicalJson(next) === canonicalJson(spec)) return;
    this.app = buildApp({ spec: next, metadata: { ...metadata, generation: metadata.generation + 1 }, status });
  }

  /** A person deletes the app and makes one of the same name. */
  recreate(): void {
    this.app = buildApp({ spec: this.app.spec, metadata: { uid: this.#uid('app') } });
    this.decline = undefined;
  }

  removeNode(name: string): void {
    this.nodes.delete(name);
    for (const pod of this.pods.values()) if (pod.nodeName === name) this.pods.delete(pod.name);
  }

  addNode(name: string): void {
    this.nodes.set(name, node(name));
  }

  /** Whether a plan has nothing to write and nothing to ask for, now and at any later time. */
  isSilent(): boolean {
    return [0, 10, 10_000, 10_000_000].every((later) => {
      const { actions, slots, status, events } = plan(this.facts(), this.now + later);
      return (
        actions.length === 0 &&
        events.length === 0 &&
        canonicalJson(slots) === canonicalJson(this.reservation?.spec.slots ?? []) &&
        canonicalJson(status) === canonicalJson(this.app.status)
      );
    });
  }

  #operate(): void {
    const { actions, slots, demand, status } = this.plan();
    for (const action of actions) this.#perform(action);
    this.#writeSlots(slots, demand);
    if (canonicalJson(status) === canonicalJson(this.app.status)) return;
    // As the API server keeps it: as JSON.
    this.app = { ...this.app, status: JSON.parse(JSON.stringify(status)) as typeof status };
  }

  #perform(action: Action): void {
    this.performed.push(action);
    if (action.kind === 'apply') this.#apply(action.object);
    if (action.kind === 'mark') this.#mark(action);
    if (action.kind === 'deleteOwned') this.children.delete(action.objectKind as Kind);
    if (action.kind === 'deletePod') {
      this.#judgeRestart(action.name);
      this.#deletePod(action.name, action.uid);
    }
  }

  /** A ready member may be restarted only while all others are ready. */
  #judgeRestart(name: string): void {
    if (this.pods.get(name)?.ready !== true) return;
    for (let ordinal = 0; ordinal < this.app.spec.replicas; ordinal += 1) {
      const other = `${this.app.metadata.name}-${ordinal}`;
      if (this.pods.get(other)?.ready !== true) this.violations.push(`restarted ${name} while ${other} is not ready`);
    }
  }

  /** Nobody starts on data that was left behind, unless the app says so. */
  #judgeStart(pod: PodFacts): void {
    const isWanted = (ordinalOf(this.app.metadata.name, pod.name) ?? Infinity) < this.app.spec.replicas;
    if (!isWanted || this.app.spec.retention.reuse === 'Adopt' || this.app.spec.paused) return;
    for (const name of pod.claims) {
      const claim = this.claims.get(name);
      if (claim !== undefined && isStale(claim, this.app)) this.violations.push(`${pod.name} started on ${name}`);
    }
  }

  #apply(object: KubeObject): void {
    const kind = object.kind as Kind;
    const live = this.children.get(kind);
    const stored = asStored(object);
    const isSame = canonicalJson(readField(stored, 'spec')) === canonicalJson(readField(live, 'spec'));
    const generation = (live?.metadata.generation ?? 0) + (isSame ? 0 : 1);
    const uid = live?.metadata.uid ?? this.#uid(kind);
    const status = readMap(live, 'status');
    this.children.set(kind, { ...stored, metadata: { ...stored.metadata, uid, generation }, status });
  }

  #mark({ target, labels, annotations }: Extract<Action, { kind: 'mark' }>): void {
    const marked = <Object extends PodFacts | ClaimFacts>(object: Object): Object => ({
      ...object,
      labels: patched(object.labels, labels),
      annotations: patched(object.annotations, annotations),
    });
    const pod = this.pods.get(target.name);
    const claim = this.claims.get(target.name);
    if (target.kind === 'Pod' && pod?.uid === target.uid) this.pods.set(pod.name, marked(pod));
    if (target.kind !== 'Pod' && claim?.uid === target.uid) this.claims.set(claim.name, marked(claim));
  }

  /** The allocator: one slot per `room` on each ready node, the whole gang or none of it. */
  #writeSlots(kept: readonly Slot[], demand: Demand | undefined): void {
    if (this.reservation !== undefined && this.reservation.spec.app.uid !== this.app.metadata.uid) return;
    const decision = demand === undefined ? undefined : this.#decide(kept, demand);
    this.decline = decision?.kind === 'decline' ? decision : undefined;
    const accepted = decision?.kind === 'accept' ? decision.slots.map((slot) => this.#newSlot(slot)) : [];
    const slots = [...kept, ...accepted];
    if (slots.length === 0 && this.reservation === undefined) return;
    this.reservation = reservation(slots, this.app.metadata.uid);
  }

  #decide(kept: readonly Slot[], demand: Demand): Decision {
    const free = [...this.nodes.values()]
      .filter((item) => item.ready && !item.unschedulable)
      .flatMap(({ name }) => {
        const used = kept.filter((slot) => slot.node === name).length;
        return Array.from({ length: Math.max(0, this.room - used) }, () => name);
      });
    const placed = demand.members.slice(0, free.length);
    if (placed.length < demand.minMembers) {
      const message = `${demand.minMembers} members need a place, ${free.length} fit`;
      return {
        kind: 'decline',
        app: demand.app,
        reason: 'InsufficientCPU',
        message,
        nodesByReason: { InsufficientCPU: this.nodes.size },
        refusals: [],
      };
    }
    const slots = placed.map(({ member, requests, volumes }, at) => ({
      member,
      node: free[at] ?? '',
      zone: 'a',
      resources: requests,
      volumes: volumes.map((volume) => ({ ...volume, pinned: false })),
    }));
    return { kind: 'accept', app: demand.app, slots };
  }

  #newSlot(slot: Extract<Decision, { kind: 'accept' }>['slots'][number]): Slot {
    const acceptedAt = formatTime(this.now);
    const resources = formatResourceList(slot.resources);
    return { ...slot, resources, state: 'Held', decision: 'd', podUID: '', epoch: 1, acceptedAt };
  }

  #controlStatefulSet(): void {
    const live = this.children.get('StatefulSet');
    if (live === undefined) return;
    const revision = `${live.metadata.name}-${intentHash(readField(live, 'spec', 'template')).slice(0, 8)}`;
    const status = { observedGeneration: live.metadata.generation, updateRevision: revision };
    this.children.set('StatefulSet', { ...live, status });
    const replicas = readNumber(live, 'spec', 'replicas') ?? 1;
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) this.#ensurePod(live, ordinal, revision);
    for (const pod of this.pods.values()) {
      const ordinal = ordinalOf(live.metadata.name, pod.name) ?? 0;
      if (pod.owner?.uid === live.metadata.uid && ordinal >= replicas) this.#deletePod(pod.name, pod.uid);
    }
  }

  #ensurePod(live: KubeObject, ordinal: number, revision: string): void {
    const name = `${live.metadata.name}-${ordinal}`;
    if (this.pods.has(name)) return;
    const templates = readList(live, 'spec', 'volumeClaimTemplates');
    for (const template of templates) this.#ensureClaim(template, live.metadata.name, ordinal);
    const labels = readMap(live, 'spec', 'template', 'metadata', 'labels') as Readonly<Record<string, string>>;
    const marks = readMap(live, 'spec', 'template', 'metadata', 'annotations') as Readonly<Record<string, string>>;
    this.pods.set(name, {
      uid: this.#uid('pod'),
      namespace: 'prod',
      name,
      owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: live.metadata.name, uid: live.metadata.uid ?? '' },
      labels: { ...labels, 'controller-revision-hash': revision },
      annotations: marks,
      schedulerName: 'proffer-scheduler',
      nodeName: '',
      phase: 'Pending',
      ready: false,
      readySinceSeconds: undefined,
      deleting: false,
      createdAtSeconds: this.now,
      requests: podRequests(readField(live, 'spec', 'template', 'spec')),
      claims: templates.map((template) =>
        claimName(readString(template, 'metadata', 'name'), live.metadata.name, ordinal),
      ),
      problem: undefined,
      priority: 0,
    });
  }

  #ensureClaim(template: unknown, app: string, ordinal: number): void {
    const name = claimName(readString(template, 'metadata', 'name'), app, ordinal);
    if (this.claims.has(name)) return;
    const bytes = parseBytes(readString(template, 'spec', 'resources', 'requests', 'storage'));
    this.claims.set(name, {
      uid: this.#uid('claim'),
      namespace: 'prod',
      name,
      labels: readMap(template, 'metadata', 'labels') as Readonly<Record<string, string>>,
      annotations: {},
      phase: 'Pending',
      deleting: false,
      storageClassName: readString(template, 'spec', 'storageClassName'),
      volumeName: '',
      bytes,
      actualBytes: 0,
      selectedNode: '',
      conditions: [],
    });
  }

  /** kube-scheduler with our extender: a member goes to its slot and nowhere else. */
  #schedule(): void {
    for (const pod of this.pods.values()) {
      if (pod.nodeName !== '' || pod.deleting) continue;
      const home = this.#homeOf(pod);
      if (home !== undefined) this.#judgeStart(pod);
      const problem = home === undefined ? 'Unschedulable: 0 of the nodes are available' : 'ContainerCreating';
      this.pods.set(pod.name, { ...pod, nodeName: home ?? '', problem });
    }
  }

  #homeOf(pod: PodFacts): string | undefined {
    if (this.reservation?.spec.app.uid !== pod.labels[LABEL_APP_UID]) return undefined;
    const slot = this.reservation?.spec.slots.find((candidate) => candidate.member === pod.name);
    if (slot === undefined || fits(pod.requests, parseResourceList(slot.resources)).length > 0) return undefined;
    return this.nodes.get(slot.node)?.unschedulable === false ? slot.node : undefined;
  }

  #runPods(): void {
    for (const pod of this.pods.values()) {
      if (pod.deleting) this.pods.delete(pod.name);
      else if (pod.nodeName !== '' && !pod.ready) {
        for (const name of pod.claims) this.#bindClaim(name);
        this.pods.set(pod.name, {
          ...pod,
          phase: 'Running',
          ready: true,
          readySinceSeconds: this.now,
          problem: undefined,
        });
      }
    }
  }

  #bindClaim(name: string): void {
    const claim = this.claims.get(name);
    if (claim !== undefined) this.claims.set(name, { ...claim, phase: 'Bound', actualBytes: claim.bytes });
  }

  /** Children of another app than ours, and pods of a StatefulSet that is gone. */
  #collectGarbage(): void {
    for (const [kind, object] of this.children) {
      if (controllerOf(object)?.uid !== this.app.metadata.uid) this.children.delete(kind);
    }
    if (this.reservation !== undefined && this.reservation.spec.app.uid !== this.app.metadata.uid)
      this.reservation = undefined;
    const owner = this.children.get('StatefulSet')?.metadata.uid;
    for (const pod of this.pods.values()) if (pod.owner?.uid !== owner) this.#deletePod(pod.name, pod.uid);
  }

  #deletePod(name: string, uid: string): void {
    const pod = this.pods.get(name);
    if (pod === undefined || pod.uid !== uid) return;
    if (pod.nodeName === '') this.pods.delete(name);
    else this.pods.set(name, { ...pod, deleting: true, ready: false });
  }

  #fingerprint(): string {
    return JSON.stringify([
      this.app,
      this.reservation ?? null,
      [...this.children],
      [...this.pods],
      [...this.claims],
      [...this.nodes],
      this.decline ?? null,
    ]);
  }

  #uid(of: string): string {
    this.#uids += 1;
    return `${of.toLowerCase()}-${this.#uids}`;
  }
}

/** An object as the API server gives it back: with defaults, and quantities in their canonical form. */
function asStored(object: KubeObject): KubeObject {
  if (object.kind !== 'StatefulSet') return object;
  const volumeClaimTemplates = readList(object, 'spec', 'volumeClaimTemplates').map((template) => ({
    ...readMap(template),
    spec: { volumeMode: 'Filesystem', ...readMap(template, 'spec') },
    status: { phase: 'Pending' },
  }));
  const spec = { minReadySeconds: 0, ...readMap(object, 'spec') };
  return { ...object, spec: volumeClaimTemplates.length === 0 ? spec : { ...spec, volumeClaimTemplates } };
}

function patched(
  marks: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>> | undefined,
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...marks, ...patch });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}
