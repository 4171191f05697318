// A small cluster for tests of what brings guarantees back: nodes of 4 CPU, apps that run on them, and a reclaimer over them. Time is told
// by hand; kubelet and app controller do their part when `settle` is called.
import { app as anApp } from './app-builders.ts';
import { NOW, demand, nodeFacts, podFacts, reservation, slot, tenant, viewOf } from './core-builders.ts';
import type { Reservation, Slot } from '../../src/api/reservation.ts';
import { AllocatorMemory } from '../../src/core/allocator/allocator-memory.ts';
import type { Decision, Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { givenUpFate, isGivenUp } from '../../src/core/app/given-up-slot.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { KubeError, NotLeaderError } from '../../src/kube/errors.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import type { Stores } from '../../src/operator/caches.ts';
import { claimantsIn } from '../../src/operator/reclaim-claimants.ts';
import { ReclaimClaims } from '../../src/operator/reclaim-claims.ts';
import { ReclaimEviction } from '../../src/operator/reclaim-eviction.ts';
import { ReclaimSearch } from '../../src/operator/reclaim-search.ts';
import { ReclaimSpared } from '../../src/operator/reclaim-spared.ts';
import { Reclaimer } from '../../src/operator/reclaimer.ts';
import type { ReservationWriter, SlotOwner } from '../../src/operator/reservation-writer.ts';
import { emptyStores } from './store-builders.ts';

interface Running {
  /** Where its members are, one for each. */
  readonly nodes: readonly string[];
  readonly framework?: string;
  readonly cpu?: number;
  readonly acceptedAt?: string;
}

export interface ReclaimWorldOptions {
  readonly nodes: readonly string[];
  readonly tenants: readonly Tenant[];
  readonly running: Readonly<Record<string, Running>>;
}

const owned = (kind: string, uid: string) => ({ ownerReferences: [{ kind, name: 'any', uid, controller: true }] });

export class ReclaimWorld {
  readonly stores: Stores = emptyStores();
  readonly #tenants: readonly Tenant[];
  readonly #nodes: readonly string[];
  now = NOW;
  /** What was written, and what only asked; in order. */
  readonly writes: string[] = [];
  readonly events: string[] = [];
  evicted: string[] = [];
  nudges = 0;
  demands: readonly Demand[] = [];
  /** Members whose disruption budget says no, when asked and when evicted. */
  readonly stubborn = new Set<string>();
  readonly stubbornLater = new Set<string>();
  disruptionsAllowed: number | undefined;
  /** Whether the budget lets those go, too, whose slots are given up. */
  budgetFollows = false;
  /** Requests of which this is said (as in `writes`; of a pod that is read: `look`) hang until `answer`. */
  hangs: RegExp | undefined;
  readonly #held: (() => void)[] = [];
  /** The process dies: 0 before the next write, 1 after it. */
  diesAt = Number.POSITIVE_INFINITY;
  view: ClusterView = viewOf();
  #memory = new AllocatorMemory(this.view);
  reclaimer: Reclaimer;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  constructor({ nodes, tenants, running }: ReclaimWorldOptions) {
    this.#tenants = tenants;
    this.#nodes = nodes;
    for (const name of nodes) this.stores.nodes.set(name, nodeFacts(name));
    for (const [name, how] of Object.entries(running)) this.run(name, how);
    this.reclaimer = this.#lead();
  }

  /** App `name`, whose members run where it is said. */
  run(name: string, { nodes, framework = 'guest', cpu = 4, acceptedAt }: Running): void {
    this.makeApp(name);
    const resources = { cpu: String(cpu), memory: '1Gi', pods: '1' };
    const rest = acceptedAt === undefined ? {} : { acceptedAt };
    const slots = nodes.map((node, ordinal) => {
      const member = `${name}-${ordinal}`;
      this.#setPod(podFacts(member, { nodeName: node, statefulSet: `sts-${name}`, requests: { cpu } }));
      return slot(member, node, { state: 'Claimed', podUID: `uid-${member}`, resources, ...rest });
    });
    this.#keep(reservation(name, slots, { framework }));
  }

  makeApp(
    name: string,
    spec: Readonly<Record<string, unknown>> = {},
    metadata: Readonly<Record<string, string>> = {},
  ): void {
    const own = { name, namespace: 'shop', uid: `uid-${name}`, ...metadata };
    this.stores.apps.set(`shop/${name}`, anApp({ metadata: own, spec }));
    this.stores.statefulSets.set(`shop/${name}`, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name, uid: `sts-${name}`, ...owned('PersistentApp', `uid-${name}`) },
    });
  }

  /** Another process leads, and knows what the API server does. */
  leadAnew(): void {
    this.diesAt = Number.POSITIVE_INFINITY;
    this.#timers = [];
    this.reclaimer = this.#lead();
  }

  /** One turn of the allocator; what is accepted is written and runs. */
  async turn(): Promise<readonly Decision[]> {
    this.reclaimer.beforeTurn();
    const served = this.demands.filter(({ gang }) => gang?.apps.every((name) => this.#asks(name)) !== false);
    const decisions = this.#memory.allocate(this.#tenants, served, this.now);
    for (const decision of decisions) if (decision.kind === 'accept') this.#accept(decision);
    await this.reclaimer.afterTurn(decisions, served);
    return decisions.map((decision) => (decision.kind === 'decline' ? this.reclaimer.explain(decision) : decision));
  }

  /** Pods that were asked to stop have stopped, all or these, and slots follow their pods. */
  settle(only?: readonly string[]): void {
    for (const [key, pod] of this.stores.pods.entries()) {
      if (!pod.deleting || only?.includes(pod.name) === false) continue;
      this.stores.pods.delete(key);
      this.view.deletePod(pod.uid);
    }
    for (const held of this.stores.reservations.list()) {
      const slots = held.spec.slots.flatMap((one) => this.#followed(one));
      this.#keep({ ...held, spec: { ...held.spec, slots } });
    }
  }

  /** Time passes; what is due happens. */
  pass(seconds: number): void {
    this.now += seconds;
    const due = this.#timers.filter(({ at }) => at <= this.now);
    this.#timers = this.#timers.filter(({ at }) => at > this.now);
    for (const { run } of due) run();
  }

  /** Nothing hangs any more. */
  answer(): void {
    this.hangs = undefined;
    for (const go of this.#held.splice(0)) go();
  }

  slotStates(): readonly string[] {
    return this.stores.reservations
      .list()
      .flatMap(({ spec }) => spec.slots.map(({ member, node, state }) => `${member} ${node} ${state}`));
  }

  #asks(appName: string): boolean {
    return this.demands.some(({ app }) => app.name === appName);
  }

  #followed(held: Slot): readonly Slot[] {
    const fate = isGivenUp(held) ? givenUpFate(held, this.stores.pods.get(`shop/${held.member}`), this.now) : 'stays';
    const { holdUntil: _holdUntil, ...rest } = held;
    if (fate === 'claimed') return [{ ...rest, state: 'Claimed' }];
    return fate === 'ends' ? [] : [held];
  }

  #accept({ app, slots }: Extract<Decision, { kind: 'accept' }>): void {
    const asked = this.demands.find((one) => one.app.uid === app.uid);
    this.demands = this.demands.filter((one) => one !== asked);
    this.view.forget(app);
    const cpu = (slots[0]?.resources['cpu'] ?? 0) / 1000;
    this.run(app.name, { nodes: slots.map(({ node }) => node), framework: asked?.framework ?? '', cpu });
  }

  #lead(): Reclaimer {
    this.view = viewOf(...this.#nodes.map((name) => nodeFacts(name)));
    this.#memory = new AllocatorMemory(this.view);
    for (const pod of this.stores.pods.list()) this.#show(pod);
    for (const held of this.stores.reservations.list()) this.view.setReservation(held);
    const clock = {
      epochSeconds: () => this.now,
      after: (seconds: number, run: () => void) => {
        this.#timers.push({ at: this.now + seconds, run });
        return () => undefined;
      },
    };
    const spared = new ReclaimSpared(this.stores);
    const reservations: Pick<ReservationWriter, 'keep' | 'newest'> = {
      newest: ({ name }) => this.stores.reservations.get(`shop/${name}`),
      keep: async (app: SlotOwner, slots) => {
        const what = `keep ${slots.map(({ member, state }) => `${member} ${state}`).join()}`;
        await this.#arrives(what);
        this.#write(what, () => this.#keep(reservation(app.name, slots, { framework: app.framework })));
        return 'written';
      },
    };
    const writer = { get: this.#get, evict: this.#evict };
    return new Reclaimer({
      stores: this.stores,
      writer,
      reservations,
      claims: new ReclaimClaims(this.view, claimantsIn(this.stores, reservations)),
      search: new ReclaimSearch({
        view: this.view,
        stores: this.stores,
        tenants: () => this.#tenants,
        isSpared: (held, now) => spared.isSpared(held, now),
        clock: { monotonicSeconds: () => this.now },
      }),
      spared,
      eviction: new ReclaimEviction({ writer, stores: this.stores, reservations, now: () => this.now }),
      demands: () => this.demands,
      nudge: () => {
        this.nudges += 1;
      },
      events: { record: ({ name }, { reason, message }) => void this.events.push(`${name} ${reason}: ${message}`) },
      clock,
      metrics: { reclaimed: (framework, claimant) => void this.evicted.push(`${framework} for ${claimant}`) },
      log: { info: () => undefined, warn: () => undefined },
    });
  }

  /** A request that hangs arrives late. */
  async #arrives(what: string): Promise<void> {
    if (this.hangs?.test(what) !== true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.push(resolve);
    await promise;
  }

  #write(what: string, write: () => void): void {
    if (this.diesAt <= 0) throw new NotLeaderError(what);
    this.writes.push(what);
    write();
    this.diesAt -= 1;
    if (this.diesAt > 0) return;
    throw new NotLeaderError(what);
  }

  readonly #get = async ({ kind }: { readonly kind: string }, _namespace: string | undefined, name: string) => {
    if (kind === 'PodDisruptionBudget') {
      const status = { disruptionsAllowed: this.disruptionsAllowed };
      const annotations = { 'proffer.dev/gives-back': String(this.budgetFollows) };
      return this.disruptionsAllowed === undefined
        ? undefined
        : ({ kind, metadata: { name, annotations }, status } as unknown as KubeObject);
    }
    await this.#arrives(`look ${name}`);
    const pod = this.stores.pods.get(`shop/${name}`);
    if (pod === undefined) return undefined;
    const deletion = pod.deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {};
    const metadata = { name, uid: pod.uid, ...owned('StatefulSet', pod.owner?.uid ?? ''), ...deletion };
    return { apiVersion: 'v1', kind, metadata, spec: { nodeName: pod.nodeName } } as unknown as KubeObject;
  };

  readonly #evict = async (_namespace: string, name: string, { dryRun }: { readonly dryRun?: boolean | undefined }) => {
    await this.#arrives(`${dryRun === true ? 'ask' : 'evict'} ${name}`);
    if (this.stubborn.has(name) || (dryRun !== true && this.stubbornLater.has(name))) {
      const message = "Cannot evict pod as it would violate the pod's disruption budget.";
      throw new KubeError({ status: 429, reason: 'TooManyRequests', message });
    }
    if (dryRun === true) {
      this.writes.push(`ask ${name}`);
      return;
    }
    const pod = this.stores.pods.get(`shop/${name}`);
    this.#write(`evict ${name}`, () => {
      if (pod !== undefined) this.#setPod({ ...pod, deleting: true });
    });
  };

  #setPod(pod: PodFacts): void {
    this.stores.pods.set(`shop/${pod.name}`, pod);
    this.#show(pod);
  }

  #show(pod: PodFacts): void {
    this.view.setWorkload(pod.owner?.uid ?? '', this.#workload(pod));
    this.view.setPod(pod);
  }

  #workload({ name }: PodFacts): Parameters<ClusterView['setWorkload']>[1] {
    const app = name.slice(0, name.lastIndexOf('-'));
    return { namespace: 'shop', appName: app, appUid: `uid-${app}` };
  }

  #keep(held: Reservation): void {
    this.stores.reservations.set(`shop/${held.spec.app.name}`, held);
    this.view.setReservation(held);
  }
}

/** A demand of one member of so many CPU. */
export function asks(name: string, framework: string, cpu: number, count = 1): Demand {
  return demand(name, { framework, count, member: { requests: { cpu } } });
}

export const OWNER_AND_GUEST: readonly Tenant[] = [
  tenant('owner', { guarantee: { cpu: 4000, memory: 16 * 2 ** 30 } }),
  tenant('guest', { revocable: true }),
  tenant('firm'),
];
