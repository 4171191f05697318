// Volumes cannot be made for some nodes, which only a try tells, while the operator may die after any write, and before it: every member ends
// where its volume can be made, no claim is lost, and no member that has its volume is moved.
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AppFacts } from '../../src/core/app/facts.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type { Plan } from '../../src/core/app/plan.ts';
import { LONGEST_WAIT_SECONDS, type FailedMaking, isUnmade } from '../../src/core/volumes/failed-making.ts';
import { DATA } from '../support/app-builders.ts';
import { ACTORS, type Actor, AppWorld } from '../support/app-world.ts';
import { runs } from '../support/law-runs.ts';

class FullDisks extends AppWorld {
  /** Nodes for which no volume can be made. */
  readonly full: ReadonlySet<string>;
  /** What the operator remembers, by claim; a new one remembers nothing. */
  readonly failed = new Map<string, FailedMaking>();
  /** What its view remembers: until when a node is left out. */
  readonly #until = new Map<string, number>();
  #isOperating = false;

  constructor(full: readonly string[]) {
    super({ replicas: 3, volumeClaims: [DATA], update: { minReadySeconds: 7 } }, 5, 1);
    this.full = new Set(full);
  }

  override facts(): AppFacts {
    return { ...super.facts(), failedMakings: [...this.failed.values()] };
  }

  /** The scheduler sends a pod to its slot; the provisioner gives up there, and it comes back. */
  override act(actor: Actor): void {
    if (actor !== 'scheduler') return super.act(actor);
    const back = [...this.pods.values()].filter((pod) => !pod.deleting && this.#failsFor(pod));
    for (const pod of back) this.pods.set(pod.name, { ...pod, deleting: true });
    super.act(actor);
    for (const pod of back) this.pods.set(pod.name, pod);
  }

  /** Another process leads. */
  forget(): void {
    this.failed.clear();
    this.#until.clear();
  }

  /** The allocator leaves out where a volume could not be made. */
  override operateUpTo(writes: number): void {
    const nodes = [...this.nodes];
    this.#isOperating = true;
    super.operateUpTo(writes);
    this.#isOperating = false;
    for (const [name, node] of nodes) this.nodes.set(name, node);
  }

  override plan(): Plan {
    const made = super.plan();
    for (const [name, untilSeconds] of this.#isOperating ? this.#until : []) {
      const node = this.nodes.get(name);
      if (node !== undefined && untilSeconds > this.now) this.nodes.set(name, { ...node, ready: false });
    }
    return made;
  }

  #failsFor(pod: PodFacts): boolean {
    const node = this.reservation?.spec.slots.find(({ member }) => member === pod.name)?.node ?? '';
    const claims = pod.claims.flatMap((name) => this.claims.get(name) ?? []);
    if (pod.nodeName !== '' || !this.full.has(node) || !claims.every(isUnmade)) return false;
    // Between two turns of the operator pass minutes here.
    const untilSeconds = this.now + LONGEST_WAIT_SECONDS;
    this.#until.set(node, untilSeconds);
    for (const { uid } of claims) this.failed.set(uid, { claimUid: uid, node, atSeconds: this.now, untilSeconds });
    return true;
  }
}

const turn = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ACTORS).map((actor) => (world: FullDisks) => world.act(actor)) },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 0, max: 5 }).map((writes) => (world: FullDisks) => world.operateUpTo(writes)),
  },
  { weight: 1, arbitrary: fc.constant((world: FullDisks) => world.forget()) },
);

test('whichever nodes are full and whenever the operator dies, members end where their volumes can be made', () => {
  const full = fc.subarray(['n1', 'n2', 'n3', 'n4', 'n5'], { maxLength: 2 });
  fc.assert(
    fc.property(full, fc.array(turn, { maxLength: 60 }), (names, turns) => {
      const world = new FullDisks(names);
      const seen = new Map<string, string>();
      const homes = new Map<string, string>();
      const look = (): void => {
        for (const { name, uid } of world.claims.values()) expect(seen.get(name) ?? uid).toBe(uid);
        for (const { name, uid } of world.claims.values()) seen.set(name, uid);
        for (const { name, nodeName, ready } of world.pods.values()) {
          if (!ready) continue;
          expect(homes.get(name) ?? nodeName).toBe(nodeName);
          homes.set(name, nodeName);
        }
      };
      for (const take of turns) {
        take(world);
        look();
      }
      expect(world.settle()).toBe(true);
      look();
      expect(world.violations).toEqual([]);
      expect(homes.size).toBe(3);
      expect([...homes.values()].filter((node) => world.full.has(node))).toEqual([]);
      expect(world.removed).toEqual([]);
      expect(world.isSilent()).toBe(true);
    }),
    runs(20),
  );
});
