// Slow is not dead: blips, an API server that is away, clocks that jump. Whoever listens to the Leases and judges by them moves nothing.
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Recovery } from '../../src/api/recovery.ts';
import { judgeLoss } from '../../src/core/recovery/judge-loss.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { RecoveryWatch } from '../../src/operator/recovery-watch.ts';
import { node } from '../support/app-builders.ts';
import { emptyStores } from '../support/store-builders.ts';
import { runs } from '../support/law-runs.ts';

const NAMES = ['n0', 'n1', 'n2', 'n3', 'n4'];
const EXCLUSIVE = [{ claim: 'data-db-0', isExclusive: true }];
const POLICIES = [{}, { suspectAfterSeconds: 1, actAfterSeconds: 1 }].map(
  (nodeFailure) => Recovery.parse({ nodeFailure }).nodeFailure,
);
const BLIPS = 200;
const HOUR = 3600;

/** One blip after the other: which node is late, by how much, and how long all is well before it. */
const blips = fc.array(
  fc.record({
    name: fc.constantFrom(...NAMES),
    seconds: fc.integer({ min: 1, max: 15 }),
    calm: fc.integer({ min: 0, max: 4 }),
  }),
  { minLength: BLIPS, maxLength: BLIPS },
);

/** Once each, before the blip of that number: nobody is heard for two minutes; all clocks jump, there or back. */
const upsets = fc.record({
  outage: fc.integer({ min: 0, max: BLIPS - 1 }),
  forth: fc.integer({ min: 0, max: BLIPS - 1 }),
  back: fc.integer({ min: 0, max: BLIPS - 1 }),
});

/** Five nodes whose kubelets renew every 10 s, and an operator that listens to them and looks at them every second. */
class ListenedCluster {
  /** Of the clock that never jumps. */
  now = 1000;
  /** What the clocks on the walls are ahead of it. */
  ahead = 0;
  moves = 0;
  readonly #stores = emptyStores();
  readonly #watch: RecoveryWatch;
  readonly #next = new Map(NAMES.map((name, index) => [name, 1000 + 2 * index]));
  /** When each would be heard next if it were not late. */
  readonly #due = new Map(this.#next);

  constructor() {
    const clock = { ...systemClock, monotonicSeconds: () => this.now };
    this.#watch = new RecoveryWatch({ stores: this.#stores, mayTaint: () => true, clock, onNews: () => undefined });
    for (const name of NAMES) this.#stores.nodes.set(name, node(name));
  }

  /** Its next renewal is late by so much; one that is late already is not later for that. */
  delay(name: string, seconds: number): void {
    this.#next.set(name, Math.max(this.#next.get(name) ?? 0, (this.#due.get(name) ?? 0) + seconds));
  }

  pass(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.now += 1;
      for (const [name, at] of this.#next) if (at <= this.now) this.#renew(name);
      this.#judge();
    }
  }

  /**
   * Nobody is heard, and nothing can be written whatever is thought; when it is over Kubernetes says of all nodes that they are not ready
   * until it has heard them.
   */
  outage(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.now += 1;
      this.#watch.look();
    }
    for (const name of NAMES) this.#stores.nodes.set(name, node(name, { ready: false }));
    this.#judge();
    for (const name of NAMES) {
      this.#due.set(name, this.now + 1 + NAMES.indexOf(name));
      this.#next.set(name, this.now + 1 + NAMES.indexOf(name));
    }
    this.pass(6);
    for (const name of NAMES) this.#stores.nodes.set(name, node(name));
  }

  #renew(name: string): void {
    this.#due.set(name, this.now + 10);
    this.#next.set(name, this.now + 10);
    const renewTime = new Date((this.now + this.ahead) * 1000).toISOString();
    this.#stores.nodeLeases.set(`kube-node-lease/${name}`, { name, renewTime });
  }

  #judge(): void {
    this.#watch.look();
    for (const name of NAMES) {
      const trouble = this.#watch.troubleOf(name);
      for (const policy of POLICIES) if (judgeLoss(trouble, EXCLUSIVE, policy).kind === 'lost') this.moves += 1;
    }
  }
}

test('of 200 blips of 1 to 15 s, an outage of the API server of 120 s and clocks that jump by an hour none moves a member', () => {
  fc.assert(
    fc.property(blips, upsets, (late, { outage, forth, back }) => {
      const cluster = new ListenedCluster();
      cluster.pass(20);
      for (const [index, { name, seconds, calm }] of late.entries()) {
        if (index === outage) cluster.outage(120);
        if (index === forth) cluster.ahead += HOUR;
        if (index === back) cluster.ahead -= HOUR;
        cluster.delay(name, seconds);
        cluster.pass(11 + calm);
      }
      expect(cluster.moves).toBe(0);
    }),
    // A shorter story of 200 blips is as long to read, and a hundred tries to find one take longer than the test: the seed is enough.
    { ...runs(10), endOnFailure: true },
  );
});

test('and yet a node that is silent for good is found out', () => {
  const cluster = new ListenedCluster();
  cluster.pass(20);
  cluster.delay('n1', 1000);
  cluster.pass(45);
  expect(cluster.moves).toBeGreaterThan(0);
});
