import type { AppRef, Demand } from '../core/allocator/demand.ts';
import type { Clock } from '../kube/clock.ts';
import { classify } from '../kube/errors.ts';
import { objectKey } from '../kube/kube-object.ts';
import { type Accept, placesOf } from './accepted-together.ts';
import type { GangWriter } from './gang-writer.ts';
import type { Log } from './log.ts';
import { PATIENCE_SECONDS, endsWithin } from './patience.ts';
import type { ReservationWriter, SlotWrite } from './reservation-writer.ts';

/** How many Reservations are written side by side, beside those that hang. */
const WRITES_AT_ONCE = 8;

/** Before a demand whose slots could not be written is made again. */
const RETRY_SECONDS = 1;

/** How long a promise counts whose write had no answer. */
const UNSURE_SECONDS = 30;

/** What an app is promised, and at whose expense. */
interface Promised extends Accept {
  readonly framework: string;
}

/** The slots of one app, or of all apps of a gang, the lead first. */
type Unit = readonly Promised[];

export interface SlotGiverOptions {
  readonly reservations: Pick<ReservationWriter, 'accept'>;
  readonly gangs: Pick<GangWriter, 'accept'>;
  /** Room that is about to be promised counts as taken from now on, until it is seen in a Reservation or forgotten. */
  readonly assume: (decision: Accept, framework: string) => void;
  readonly forget: (app: AppRef) => void;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Who asks, and is told. */
export interface Askers {
  readonly demandOf: (appKey: string) => Demand | undefined;
  /** The app's slots were written, or not: then it may ask again after so many seconds. Called once for each that was not dropped. */
  readonly answered: (app: AppRef, write: SlotWrite | 'failed', retrySeconds: number) => void;
  /** Something may have become free, or can be decided about again. */
  readonly nudge: () => void;
}

/**
 * Writes the slots that were accepted. A write that hangs is waited for a moment only, so that it holds up nobody else's turn; until it has
 * ended its apps are under way: their room is theirs, and nothing else is to be decided about them.
 */
export class SlotGiver {
  readonly #options: SlotGiverOptions;
  readonly #askers: Askers;
  /** Keys of the apps. */
  readonly #underWay = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** By UID of the app, what it was promised last: being written, or nobody knows whether it was. */
  readonly #promises = new Map<string, Promised>();

  constructor(options: SlotGiverOptions, askers: Askers) {
    this.#options = options;
    this.#askers = askers;
  }

  /** Whether slots of the app (namespace/name) are being written, so that none may be decided about. */
  isUnderWay(appKey: string): boolean {
    return this.#underWay.has(appKey);
  }

  /** To be called before each decision: whoever forgot what else was assumed for an app has forgotten its promise, too. */
  remind(): void {
    for (const promised of this.#promises.values()) this.#options.assume(promised, promised.framework);
  }

  /** Gives them all their slots. Returns when that is done, or when only what hangs is left. Never throws. */
  async give(accepted: readonly (readonly Accept[])[]): Promise<void> {
    const units = accepted.map((unit) => unit.map((decision) => this.#promise(decision)));
    const rows = rowsOf(units).values();
    const lane = async (): Promise<void> => {
      for (const row of rows) await this.#oneByOne(row);
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, lane));
  }

  /** Waits for what is under way, for so long at most. */
  async ended(seconds: number): Promise<void> {
    await endsWithin(this.#options.clock, seconds, Promise.all(this.#running));
  }

  #promise(decision: Accept): Promised {
    const key = keyOf(decision);
    const promised = { ...decision, framework: this.#askers.demandOf(key)?.framework ?? '' };
    this.#underWay.add(key);
    this.#promises.set(decision.app.uid, promised);
    this.#options.assume(promised, promised.framework);
    return promised;
  }

  async #oneByOne(row: readonly Unit[]): Promise<void> {
    for (const [at, unit] of row.entries()) {
      // One of them may have been deleted, or ask for nothing any more, since it was decided.
      if (!unit.every((decision) => this.#isAsked(decision))) this.#drop(unit);
      else if (!(await this.#endsSoon(unit))) {
        // Once it has ended these are decided about anew: by then the world is another one.
        for (const later of row.slice(at + 1)) this.#drop(later);
        return;
      }
    }
  }

  /** Writes it; false when that hangs. */
  async #endsSoon(unit: Unit): Promise<boolean> {
    const { clock, log } = this.#options;
    const work = this.#write(unit);
    this.#running.add(work);
    void work.then(() => this.#running.delete(work));
    if (await endsWithin(clock, PATIENCE_SECONDS, work)) return true;
    const apps = unit.map(keyOf);
    log.warn({ apps, seconds: PATIENCE_SECONDS }, 'slots are being written for long; others are served meanwhile');
    // Turns were taken that left these apps out, and others of their gangs.
    void work.then(() => this.#askers.nudge());
    return false;
  }

  #drop(unit: Unit): void {
    this.#forget(unit);
    for (const decision of unit) this.#underWay.delete(keyOf(decision));
    // Others were refused because of what these will not have.
    this.#askers.nudge();
  }

  async #write(unit: Unit): Promise<void> {
    const { log } = this.#options;
    const entry = { apps: unit.map(keyOf) };
    let write: SlotWrite | 'failed' = 'failed';
    try {
      write = await this.#send(unit);
      this.#forget(unit);
      const slots = unit.flatMap((decision) => decision.slots);
      if (write === 'written') log.info({ ...entry, slots: placesOf(slots) }, `${slots.length} slots accepted`);
      if (write === 'conflict') this.#letGo(unit, RETRY_SECONDS);
    } catch (error) {
      // The write may have taken effect although no reply came: the room stays taken until a watch must have shown it.
      this.#letGo(unit, classify(error) === 'terminal' ? RETRY_SECONDS : UNSURE_SECONDS);
      log.warn({ ...entry, err: error }, 'the accepted slots could not be written; the demand is served again');
    }
    const isDone = write === 'written' || write === 'unchanged';
    for (const decision of unit) {
      this.#underWay.delete(keyOf(decision));
      this.#askers.answered(decision.app, write, isDone ? 0 : RETRY_SECONDS);
    }
  }

  /** Nobody has the room after all: so long after it is anybody's, and others were refused because of it. */
  #letGo(unit: Unit, seconds: number): void {
    this.#options.clock.after(seconds, () => {
      this.#forget(unit);
      this.#askers.nudge();
    });
  }

  /** Not what the app was promised since. */
  #forget(unit: Unit): void {
    for (const decision of unit) {
      if (this.#promises.get(decision.app.uid) !== decision) continue;
      this.#promises.delete(decision.app.uid);
      this.#options.forget(decision.app);
    }
  }

  #isAsked(decision: Accept): boolean {
    return this.#askers.demandOf(keyOf(decision))?.app.uid === decision.app.uid;
  }

  #send(unit: Unit): Promise<SlotWrite> {
    const { reservations, gangs } = this.#options;
    const parts = unit.map(({ app, framework, slots }) => ({ owner: { ...app, framework }, slots }));
    const [only, ...others] = parts;
    return only === undefined || others.length > 0 ? gangs.accept(parts) : reservations.accept(only.owner, only.slots);
  }
}

/** What is written one after the other: each app for itself; gangs of one namespace together, as GangWriter takes them. */
function rowsOf(units: readonly Unit[]): readonly (readonly Unit[])[] {
  const gangs = new Map<string, Unit[]>();
  for (const unit of units) {
    const [lead] = unit;
    if (lead === undefined || unit.length === 1) continue;
    gangs.set(lead.app.namespace, [...(gangs.get(lead.app.namespace) ?? []), unit]);
  }
  return [...units.filter((unit) => unit.length === 1).map((unit) => [unit]), ...gangs.values()];
}

function keyOf({ app }: Accept): string {
  return objectKey(app.namespace, app.name);
}
