// The allocator's loop with all that belongs to it, over an API server that may not answer. Nodes have 4 CPU. Time is told by hand.
import { framework } from './app-builders.ts';
import { demand, nodeFacts } from './core-builders.ts';
import { HangingApi, TIMEOUT_SECONDS } from './hanging-api.ts';
import { ManualClock, settled } from './hostile-clock.ts';
import { parsedOnce } from './parsed-once.ts';
import { emptyStores } from './store-builders.ts';
import { parseReservation } from '../../src/api/parse.ts';
import type { Demand, GangRef } from '../../src/core/allocator/demand.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import { AllocatorLoop, type AllocatorLoopOptions } from '../../src/operator/allocator-loop.ts';
import { feedView } from '../../src/operator/feed-view.ts';
import { GangWriter } from '../../src/operator/gang-writer.ts';
import { rememberingAllocator } from '../../src/operator/remembering-allocator.ts';
import { ReservationWriter } from '../../src/operator/reservation-writer.ts';

const toReservation = parsedOnce(parseReservation);

/** Longer than anything in here is tried again or kept. */
const LONG_SECONDS = 120;

export interface HangingWorldOptions {
  readonly nodes?: readonly string[];
  readonly reclaimer?: AllocatorLoopOptions['reclaimer'];
}

export class HangingWorld {
  readonly clock = new ManualClock();
  readonly view = new ClusterView();
  readonly loop: AllocatorLoop;
  readonly running: Promise<void>;
  readonly api = new HangingApi(this.clock);
  readonly #nodes: readonly string[];
  readonly #stores = emptyStores();
  readonly #store = this.#stores.reservations;
  readonly #reservations: ReservationWriter;
  readonly #wanted = new Map<string, Demand>();
  readonly #stop = new AbortController();

  constructor({ nodes = ['n1', 'n2'], reclaimer }: HangingWorldOptions = {}) {
    this.#nodes = nodes;
    this.#reservations = new ReservationWriter({
      writer: this.api.writer,
      store: this.#store,
      epoch: () => 1,
      now: () => this.clock.epochSeconds(),
      metrics: { wroteReservation: () => undefined },
      onWritten: (reservation) => this.view.setReservation(reservation),
    });
    feedView(this.view, this.#stores, (key) => this.#reservations.newestOf(key));
    for (const name of nodes) this.#stores.nodes.set(name, nodeFacts(name));
    this.#stores.frameworks.set('default', framework());
    this.loop = new AllocatorLoop({
      allocate: rememberingAllocator(this.view, this.#stores.frameworks),
      reservations: this.#reservations,
      gangs: new GangWriter(this.#reservations, this.#store),
      gangWait: ({ gang }, demandOf) =>
        gang?.apps.every((name) => demandOf(`shop/${name}`) !== undefined || this.slotsOf(name).length > 0) === false
          ? 'others are missing'
          : undefined,
      assume: ({ app, slots }, name) => this.view.assume(app, slots, name),
      forget: (app) => this.view.forget(app),
      ...(reclaimer === undefined ? {} : { reclaimer }),
      wake: (key, seconds) => void this.clock.after(seconds, () => this.#look(key)),
      decided: () => undefined,
      demandsChanged: () => undefined,
      turnSeconds: 0.05,
      clock: this.clock,
      metrics: { turnTook: () => undefined },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    this.#store.onChange(() => this.loop.nudge());
    this.running = this.loop.run(this.#stop.signal);
  }

  /** The app wants members of so many CPU. */
  want(name: string, cpu: number, count = 1, gang?: GangRef): void {
    const asked = demand(name, { count, member: { requests: { cpu } }, ...(gang === undefined ? {} : { gang }) });
    this.#wanted.set(`shop/${name}`, asked);
    this.#look(`shop/${name}`);
  }

  /** The app is deleted, and garbage collection has done its part. */
  remove(name: string): void {
    this.#wanted.delete(`shop/${name}`);
    this.loop.want(`shop/${name}`, undefined);
    this.show();
    this.api.objects.delete(name);
    this.#store.delete(`shop/${name}`);
  }

  /** The watch shows what the API server has. */
  show(): void {
    for (const [name, object] of this.api.objects) this.#store.set(`shop/${name}`, toReservation(object));
  }

  /** The app's writes hang no more, and those that did are answered, unless they were given up. */
  async answer(name: string): Promise<void> {
    this.api.answer(name);
    await settled();
  }

  /** Time passes, and the watch is no more than a second behind. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 1) {
      await this.clock.advance(Math.min(left, 1));
      this.show();
    }
  }

  /** All that hung is answered, and all that has to happen happens. */
  async calmDown(): Promise<void> {
    for (const name of this.api.hangs.keys()) await this.answer(name);
    await this.pass(LONG_SECONDS);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.pass(TIMEOUT_SECONDS);
    await this.running;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** As `member node state`. */
  slotsOf(name: string): readonly string[] {
    return this.api.slots(name).map(({ member, node, state }) => `${member} ${node} ${state}`);
  }

  /** Nodes on which more was promised than there is, in Reservations as the API server has them. */
  promisedTwice(): readonly string[] {
    return this.#nodes.filter((node) => this.promisedOn(node) > 4000);
  }

  promisedOn(node: string): number {
    const slots = [...this.api.objects.keys()].flatMap((name) => this.api.slots(name));
    return slots.filter((slot) => slot.node === node).reduce((sum, { resources }) => sum + millis(resources['cpu']), 0);
  }

  /** What the app controller does: it says what the app still wants. */
  #look(key: string): void {
    const wanted = this.#wanted.get(key);
    const slots = wanted === undefined ? [] : (this.#reservations.newest(wanted.app)?.spec.slots ?? []);
    const placed = slots.filter(({ state }) => state !== 'Proposed');
    const members = wanted?.members.filter(({ member }) => placed.every((slot) => slot.member !== member)) ?? [];
    const rest = wanted === undefined || members.length === 0 ? undefined : { ...wanted, members, placed };
    this.loop.want(key, rest === undefined ? undefined : { ...rest, minMembers: members.length });
  }
}

function millis(cpu: string | undefined): number {
  if (cpu === undefined) return 0;
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}
