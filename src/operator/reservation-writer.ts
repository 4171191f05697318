import { randomUUID } from 'node:crypto';
import { API_VERSION } from '../api/group.ts';
import { LABEL_APP, LABEL_APP_UID, LABEL_FRAMEWORK, LABEL_MANAGED_BY, MANAGED_BY } from '../api/labels.ts';
import { parseReservation } from '../api/parse.ts';
import { reservationSummary, type Reservation, type ReservationSpec, type Slot } from '../api/reservation.ts';
import type { AcceptedSlot } from '../core/allocator/decision.ts';
import type { AppRef } from '../core/allocator/demand.ts';
import type { ProposalWrite } from '../core/allocator/gang-proposals.ts';
import { canonicalJson } from '../core/app/intent-hash.ts';
import { formatTime } from '../core/app/rfc3339.ts';
import { formatResourceList } from '../core/resources/resource-list.ts';
import { classify } from '../kube/errors.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Store } from '../kube/store.ts';
import type { Writer } from '../kube/writer.ts';
import type { OperatorMetrics } from './metrics.ts';
import { PERSISTENT_APP, RESERVATION } from './own-types.ts';
import { WrittenReservations } from './written-reservations.ts';

/** `conflict`: somebody wrote in between, or a Reservation of an earlier app of that name is still there; look again and decide anew. */
export type SlotWrite = 'written' | 'unchanged' | 'conflict';

/** Whose slots they are, and which Framework they are charged to. */
export interface SlotOwner extends AppRef {
  readonly framework: string;
}

export interface ReservationWriterOptions {
  readonly writer: Pick<Writer, 'create' | 'patchCas' | 'get' | 'delete'>;
  readonly store: Store<Reservation>;
  /** The leader's epoch, written into every slot that is accepted. */
  readonly epoch: () => number;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly metrics: Pick<OperatorMetrics, 'wroteReservation'>;
  /** Called after each write, so that the resource view need not wait for the watch. */
  readonly onWritten: (reservation: Reservation) => void;
}

/** What a Reservation should hold; committed decisions stay as they are where nothing is said of them. */
type Wanted = Pick<ReservationSpec, 'slots'> & Partial<Pick<ReservationSpec, 'committedDecisions'>>;

/**
 * The one place that writes Reservations, always by compare-and-swap on what it read. Its own last write counts before the watch
 * shows it, so that no decision is made twice.
 */
export class ReservationWriter {
  readonly #written: WrittenReservations;
  readonly #options: ReservationWriterOptions;

  constructor(options: ReservationWriterOptions) {
    this.#options = options;
    this.#written = new WrittenReservations(options.store, options.now);
  }

  /** The newest that is known under a key (namespace/name), whosever it is. */
  newestOf(key: string): Reservation | undefined {
    return this.#written.newest(key);
  }

  /** The newest that is known of the app's Reservation; undefined when it has none of its own (an earlier app's does not count). */
  newest(app: AppRef): Reservation | undefined {
    const known = this.#known(app);
    return known?.spec.app.uid === app.uid ? known : undefined;
  }

  /** Bookkeeping: makes the Reservation hold exactly `slots`, if it still is `base`. */
  async keep(app: SlotOwner, slots: readonly Slot[], base: Reservation | undefined): Promise<SlotWrite> {
    const sameOwner = base === undefined || base.metadata.labels[LABEL_FRAMEWORK] === app.framework;
    if (sameOwner && canonicalJson(slots) === canonicalJson(base?.spec.slots ?? [])) return 'unchanged';
    return this.#swap(app, { slots }, base);
  }

  /**
   * Adds slots that the allocator accepted, all of them in one write. Members that meanwhile have a usable slot keep that one.
   * Throws what the API server answered, but for lost races.
   */
  async accept(app: SlotOwner, accepted: readonly AcceptedSlot[]): Promise<SlotWrite> {
    return this.#add(app, accepted, { state: 'Held', decision: randomUUID() });
  }

  /**
   * Adds slots that count as taken and let nobody in before `decision`, which is over several apps, is committed. `unchanged`: all of
   * these members have usable slots. Throws what the API server answered, but for lost races.
   */
  async propose(app: SlotOwner, accepted: readonly AcceptedSlot[], decision: string): Promise<SlotWrite> {
    return this.#add(app, accepted, { state: 'Proposed', decision });
  }

  /** Commits, completes or withdraws proposals. Throws what the API server answered, but for lost races. */
  async settle({ reservation, slots, committedDecisions }: ProposalWrite): Promise<SlotWrite> {
    const { metadata, spec } = reservation;
    const framework = metadata.labels[LABEL_FRAMEWORK] ?? '';
    const owner = { namespace: metadata.namespace ?? '', name: metadata.name, uid: spec.app.uid, framework };
    return this.#swap(owner, { slots, committedDecisions }, reservation);
  }

  /** The newest of all Reservations of a namespace, whosever they are. */
  newestIn(namespace: string): readonly Reservation[] {
    const keys = new Set([...this.#options.store.keys(), ...this.#written.keys()]);
    return [...keys].flatMap((key) => (key.startsWith(`${namespace}/`) ? (this.newestOf(key) ?? []) : []));
  }

  /**
   * Removes what an app left that was deleted with `--cascade=orphan`: a Reservation that nobody owns any more holds room for nobody,
   * and would stand in the way of the next app of that name. One that is owned is left to garbage collection.
   */
  async removeOrphan(key: string): Promise<void> {
    const { store, writer } = this.#options;
    const left = store.get(key);
    if (left === undefined || left.metadata.ownerReferences.length > 0) return;
    const { namespace, name, uid, resourceVersion } = left.metadata;
    const app = await writer.get(PERSISTENT_APP, namespace, left.spec.app.name);
    if (app?.metadata.uid === left.spec.app.uid) return;
    await writer.delete(RESERVATION, namespace, name, { uid, resourceVersion });
    this.#written.delete(key);
  }

  async #add(
    app: SlotOwner,
    accepted: readonly AcceptedSlot[],
    as: Pick<Slot, 'state' | 'decision'>,
  ): Promise<SlotWrite> {
    const base = this.newest(app);
    const kept = (base?.spec.slots ?? []).filter(isUsable);
    const settled = new Set(kept.map((slot) => slot.member));
    const closed = new Set((base?.spec.slots ?? []).filter(isOfNobody).map((slot) => slot.member));
    const added = accepted
      .filter((slot) => !settled.has(slot.member))
      .map((slot) =>
        this.#slot(slot, as.state === 'Held' && closed.has(slot.member) ? { ...as, state: 'Moving' } : as),
      );
    if (added.length === 0) return 'unchanged';
    const replaced = new Set(added.map((slot) => slot.member));
    const others = (base?.spec.slots ?? []).filter((slot) => !replaced.has(slot.member));
    return this.#swap(app, { slots: [...others, ...added] }, base);
  }

  #slot(slot: AcceptedSlot, as: Pick<Slot, 'state' | 'decision'>): Slot {
    return {
      member: slot.member,
      node: slot.node,
      zone: slot.zone,
      resources: formatResourceList(slot.resources),
      volumes: slot.volumes.map(({ claim, pool, storageClassName, bytes, pinned }) => ({
        claim,
        pool,
        storageClassName,
        bytes,
        pinned,
      })),
      ...as,
      podUID: '',
      epoch: this.#options.epoch(),
      acceptedAt: formatTime(this.#options.now()),
    };
  }

  async #swap(app: SlotOwner, wanted: Wanted, base: Reservation | undefined): Promise<SlotWrite> {
    const outcome = await this.#written.during(() => this.#tryToSwap(app, wanted, base));
    this.#options.metrics.wroteReservation(outcome);
    return outcome;
  }

  async #tryToSwap(app: SlotOwner, wanted: Wanted, base: Reservation | undefined): Promise<SlotWrite> {
    const known = this.#known(app);
    // What we are asked to change is not the newest any more, or the name still belongs to an earlier app that is being cleaned up.
    if (known?.metadata.resourceVersion !== base?.metadata.resourceVersion) return 'conflict';
    try {
      const answer = base === undefined ? await this.#create(app, wanted) : await this.#update(app, base, wanted);
      const reservation = parseReservation(answer);
      if (this.#written.note(keyOf(app), reservation)) this.#options.onWritten(reservation);
      return 'written';
    } catch (error) {
      const lostRace = ['conflict', 'alreadyExists', 'notFound'].includes(classify(error));
      if (!lostRace) throw error;
      this.#written.lost(keyOf(app), base?.metadata.resourceVersion);
      return 'conflict';
    }
  }

  #create(app: SlotOwner, { slots }: Wanted): Promise<unknown> {
    return this.#options.writer.create({
      apiVersion: API_VERSION,
      kind: 'Reservation',
      metadata: {
        name: app.name,
        namespace: app.namespace,
        labels: labelsOf(app),
        ownerReferences: [
          { apiVersion: API_VERSION, kind: 'PersistentApp', name: app.name, uid: app.uid, controller: true },
        ],
      },
      spec: { app: { name: app.name, uid: app.uid }, slots, summary: reservationSummary(slots) },
    });
  }

  #update(app: SlotOwner, base: Reservation, wanted: Wanted): Promise<unknown> {
    const { namespace, name, resourceVersion } = base.metadata;
    const metadata = { labels: labelsOf(app) };
    const patch = { metadata, spec: { ...wanted, summary: reservationSummary(wanted.slots) } };
    return this.#options.writer.patchCas(RESERVATION, namespace, name, patch, resourceVersion);
  }

  #known(app: AppRef): Reservation | undefined {
    return this.newestOf(keyOf(app));
  }
}

/**
 * A slot on the move whose pod is gone already, as Kubernetes takes it from a node that is out of service: nothing but the slot tells that
 * the volumes are not cut off yet. What takes its place lets nobody in either, before that is looked at (core/recovery/decide-moves.ts).
 */
function isOfNobody({ state, podUID }: Slot): boolean {
  return state === 'Moving' && podUID === '';
}

/** Whether a member may go to this slot, or is there already. */
export function isUsable(slot: Slot): boolean {
  return slot.state === 'Held' || slot.state === 'Claimed';
}

function labelsOf(app: SlotOwner): Readonly<Record<string, string>> {
  return {
    [LABEL_MANAGED_BY]: MANAGED_BY,
    [LABEL_APP]: app.name,
    [LABEL_APP_UID]: app.uid,
    [LABEL_FRAMEWORK]: app.framework,
  };
}

function keyOf(app: AppRef): string {
  return objectKey(app.namespace, app.name);
}
