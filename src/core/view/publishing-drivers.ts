import type { DriverFacts } from '../facts/storage-facts.ts';
import type { PoolCapacity } from './pool-capacity.ts';
import type { StorageFactsIndex } from './storage-facts-index.ts';

/** Which drivers publish capacity, and with them which classes, in whatever order one hears of driver and class. */
export class PublishingDrivers {
  readonly #facts: StorageFactsIndex;
  readonly #capacity: PoolCapacity;
  readonly #names = new Set<string>();

  constructor(facts: StorageFactsIndex, capacity: PoolCapacity) {
    this.#facts = facts;
    this.#capacity = capacity;
  }

  /** Returns whether that is news. */
  set({ name, publishesCapacity }: DriverFacts): boolean {
    if (publishesCapacity === this.#names.has(name)) return false;
    if (publishesCapacity) this.#names.add(name);
    else this.#names.delete(name);
    for (const { provisioner, name: className } of this.#facts.classes.values()) {
      if (provisioner === name) this.classChanged(className);
    }
    return true;
  }

  classChanged(className: string): void {
    const driver = this.#facts.classes.get(className)?.provisioner ?? '';
    this.#capacity.setPublishing(className, this.#names.has(driver));
  }
}
