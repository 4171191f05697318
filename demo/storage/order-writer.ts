import { setTimeout as sleep } from 'node:timers/promises';
import type { MemberTable } from './member-table.ts';

const PAUSE_MILLISECONDS = 100;

/** Somebody who writes one order after the other to one member, and remembers what was committed. */
export class OrderWriter {
  readonly #orders: MemberTable;
  #committed = 0;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  /** One transaction after the other, so that no number is left out. */
  #last: Promise<void> = Promise.resolve();

  constructor(orders: MemberTable) {
    this.#orders = orders;
  }

  /** The orders 1 to this one are committed, as PostgreSQL said. */
  get committed(): number {
    return this.#committed;
  }

  /** Writes so many in one transaction. */
  write(count: number): Promise<void> {
    const written = this.#last.then(async () => {
      await this.#orders.add(this.#committed + 1, this.#committed + count);
      this.#committed += count;
    });
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Goes on writing until it is stopped, or until a write fails. */
  start(): void {
    const loop = async (): Promise<void> => {
      while (!this.#stopped) {
        await this.write(1);
        await sleep(PAUSE_MILLISECONDS);
      }
    };
    this.#running = loop();
    // Told by stop().
    this.#running.catch(() => undefined);
  }

  /** Throws what ended it before. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}
