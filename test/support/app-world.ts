// A small cluster in memory for property tests: what the API server, the StatefulSet controller, kube-scheduler with our extender, the
// kubelet, garbage collection and the allocator do about one app, each by itself and in any order.
import { canonicalJson } from '../../src/core/app/intent-hash.ts';
import type { AppFacts } from '../../src/core/app/facts.ts';
import { plan } from '../../src/core/app/make-plan.ts';
import type { Action, Plan } from '../../src/core/app/plan.ts';
import { readNumber } from '../../src/core/app/read-field.ts';
import { formatTime } from '../../src/core/app/rfc3339.ts';
import { app, facts, framework, node, storageClass } from './app-builders.ts';
import { apply, changeClaim, mark, orphanPods } from './world/api-server.ts';
import { collectGarbage } from './world/garbage-collector.ts';
import { runPods } from './world/kubelet.ts';
import { schedule } from './world/member-scheduler.ts';
import { writeSlots } from './world/simple-allocator.ts';
import { controlStatefulSet } from './world/stateful-set-controller.ts';
import {
  createObject,
  deleteBackup,
  goneWithoutFinalizers,
  holdApp,
  removeClaim,
  takeBackups,
} from './world/volume-writes.ts';
import { WorldState, type ChildKind, type SpecChange } from './world/world-state.ts';

/** Everybody who acts in the cluster. One turn of one of them is one step of the world. */
export const ACTORS = [
  'operator',
  'statefulSetController',
  'scheduler',
  'kubelet',
  'garbageCollector',
  'backups',
  'clock',
] as const;
export type Actor = (typeof ACTORS)[number];

const FRAMEWORK = framework();

export class AppWorld extends WorldState {
  /** Every action that any plan asked for, to judge them afterwards. */
  readonly performed: Action[] = [];

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
      backups: [...this.backups.values()],
      dataSources: this.sources,
      recovery: this.#recovery(),
    });
  }

  plan(): Plan {
    return plan(this.facts(), this.now);
  }

  act(actor: Actor): void {
    switch (actor) {
      case 'operator':
        this.operateUpTo(Infinity);
        break;
      case 'statefulSetController':
        controlStatefulSet(this);
        break;
      case 'scheduler':
        schedule(this);
        break;
      case 'kubelet':
        runPods(this);
        break;
      case 'garbageCollector':
        collectGarbage(this);
        break;
      case 'backups':
        takeBackups(this);
        break;
      case 'clock':
        this.now += 7;
        break;
    }
  }

  /** One pass of the operator, which dies after so many writes: actions, then slots, then status. */
  operateUpTo(writes: number): void {
    if (this.isGone) return;
    const { actions, slots, demand, status } = this.plan();
    const steps = [
      ...actions.map((action) => () => this.#perform(action)),
      () => writeSlots(this, slots, demand),
      () => this.#tell(status),
    ];
    for (const step of steps.slice(0, writes)) step();
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
    this.app = app({ spec: next, metadata: { ...metadata, generation: metadata.generation + 1 }, status });
  }

  /** A person deletes the app and makes one of the same name. */
  recreate(): void {
    this.app = app({ spec: this.app.spec, metadata: { uid: this.newUid('app') } });
    this.decline = undefined;
  }

  /** A person deletes the app, and makes no other. */
  remove(): void {
    if (this.app.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...this.app.metadata, deletionTimestamp: formatTime(this.now) };
    this.app = { ...this.app, metadata };
    goneWithoutFinalizers(this);
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

  /** As it is observed where every node is well: only for slots that are on the move. */
  #recovery(): AppFacts['recovery'] {
    if (this.reservation?.spec.slots.every((slot) => slot.state !== 'Moving') !== false) return undefined;
    return { trouble: new Map(), attachments: [], breakerProblem: undefined, exclusiveVolumes: new Set() };
  }

  #tell(status: Plan['status']): void {
    if (canonicalJson(status) === canonicalJson(this.app.status)) return;
    // As the API server keeps it: as JSON.
    this.app = { ...this.app, status: JSON.parse(JSON.stringify(status)) as typeof status };
  }

  #perform(action: Action): void {
    this.performed.push(action);
    if (action.kind === 'apply') apply(this, action.object);
    if (action.kind === 'mark') mark(this, action);
    if (action.kind === 'changeClaim') changeClaim(this, action);
    if (action.kind === 'orphanPods') orphanPods(this, action);
    if (action.kind === 'create') createObject(this, action);
    if (action.kind === 'removeClaim') removeClaim(this, action);
    if (action.kind === 'holdApp') holdApp(this, action);
    if (action.kind === 'deleteBackup') deleteBackup(this, action);
    if (action.kind === 'deleteOwned') this.children.delete(action.objectKind as ChildKind);
    if (action.kind === 'deletePod') {
      this.#judgeRestart(action.name);
      this.deletePod(action.name, action.uid);
    }
  }

  /** A ready member may be restarted only while all others are ready; of those that a bigger StatefulSet will have nobody is there yet. */
  #judgeRestart(name: string): void {
    if (this.pods.get(name)?.ready !== true) return;
    const there = readNumber(this.children.get('StatefulSet'), 'spec', 'replicas') ?? 0;
    for (let ordinal = 0; ordinal < Math.min(there, this.app.spec.replicas); ordinal += 1) {
      const other = `${this.app.metadata.name}-${ordinal}`;
      if (this.pods.get(other)?.ready !== true) this.violations.push(`restarted ${name} while ${other} is not ready`);
    }
  }

  #fingerprint(): string {
    return JSON.stringify([
      this.app,
      this.reservation ?? null,
      [...this.children],
      [...this.pods],
      [...this.claims],
      [...this.backups],
      this.isGone,
      [...this.nodes],
      this.decline ?? null,
    ]);
  }
}
