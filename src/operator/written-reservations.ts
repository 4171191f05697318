import type { Reservation } from '../api/reservation.ts';
import type { Store } from '../kube/store.ts';
import { isOlder } from './apply-memory.ts';

interface Written {
  readonly reservation: Reservation;
  readonly at: number;
}

/** A write of ours that no watch has shown for so long was undone by somebody while the watch was down. */
const FORGET_SECONDS = 60;

/** What our own writes made of Reservations, until the watch shows it. */
export class WrittenReservations {
  readonly #store: Store<Reservation>;
  readonly #now: () => number;
  readonly #written = new Map<string, Written>();
  /** UIDs of those that went while something was being written. */
  readonly #gone = new Set<string>();
  #beingWritten = 0;

  /** `now` is epoch seconds. */
  constructor(store: Store<Reservation>, now: () => number) {
    this.#store = store;
    this.#now = now;
    store.onChange((key, next, previous) => {
      if (this.#beingWritten > 0 && previous !== undefined && next?.metadata.uid !== previous.metadata.uid)
        this.#gone.add(previous.metadata.uid);
      const own = this.#written.get(key)?.reservation;
      if (own === undefined) return;
      const caughtUp = next === undefined || !isOlder(next.metadata.resourceVersion, own.metadata.resourceVersion);
      if (caughtUp) this.#written.delete(key);
    });
  }

  keys(): Iterable<string> {
    return this.#written.keys();
  }

  /** The newest that is known under a key (namespace/name), from the watch or from a write. */
  newest(key: string): Reservation | undefined {
    const cached = this.#store.get(key);
    const own = this.#written.get(key);
    if (own === undefined || this.#now() - own.at > FORGET_SECONDS) return cached;
    return cached === undefined || isBehind(cached, own.reservation) ? own.reservation : cached;
  }

  /** To be asked to write through this, so that an answer that comes late is known from one that is news. */
  async during<T>(write: () => Promise<T>): Promise<T> {
    this.#beingWritten += 1;
    try {
      return await write();
    } finally {
      this.#beingWritten -= 1;
      if (this.#beingWritten === 0) this.#gone.clear();
    }
  }

  /** What a write was answered. False when it is no news: the watch has shown more since, or that it is gone. */
  note(key: string, reservation: Reservation): boolean {
    const known = this.newest(key);
    if (this.#gone.has(reservation.metadata.uid) || (known !== undefined && isBehind(reservation, known))) return false;
    this.#written.set(key, { reservation, at: this.#now() });
    return true;
  }

  /** Somebody wrote in between, on top of this version or of nothing; what was written since counts all the same. */
  lost(key: string, resourceVersion: string | undefined): void {
    if (this.#written.get(key)?.reservation.metadata.resourceVersion === resourceVersion) this.#written.delete(key);
  }

  delete(key: string): void {
    this.#written.delete(key);
  }
}

function isBehind(one: Reservation, other: Reservation): boolean {
  return isOlder(one.metadata.resourceVersion, other.metadata.resourceVersion);
}
