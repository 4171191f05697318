import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Records kept in memory and in a folder, one JSON file each, so that a killed array goes on where it was. A record is replaced by
 * a rename: it is the old one or the new one, never half of it. (A crash of the machine is not survived: nothing is synced.)
 */
export class RecordFolder<T> {
  readonly #folder: string;
  readonly #records = new Map<string, T>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const id = decodeURIComponent(file.slice(0, -'.json'.length));
      this.#records.set(id, JSON.parse(readFileSync(join(folder, file), 'utf8')) as T);
    }
  }

  get(id: string): T | undefined {
    return this.#records.get(id);
  }

  list(): readonly T[] {
    return [...this.#records.values()];
  }

  put(id: string, record: T): void {
    const temporary = `${this.#path(id)}.new`;
    writeFileSync(temporary, JSON.stringify(record));
    renameSync(temporary, this.#path(id));
    this.#records.set(id, record);
  }

  delete(id: string): void {
    rmSync(this.#path(id), { force: true });
    this.#records.delete(id);
  }

  #path(id: string): string {
    return join(this.#folder, `${encodeURIComponent(id)}.json`);
  }
}
