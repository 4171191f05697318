import type { Tenant } from '../allocator/decision.ts';
import { withPod } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';

/**
 * A column for each resource that level one looks at: first those that shares are taken of, then those that somebody limits without
 * their being shared (pods, attach slots). What nobody has and nobody limits has no column.
 */
export class FairColumns {
  readonly names: readonly string[];
  /** Columns below this one are of fair resources. */
  readonly fairCount: number;
  readonly #byName: ReadonlyMap<string, number>;
  readonly #ofMembers = new Map<Resources, Float64Array>();

  constructor(totals: Resources, tenants: readonly Tenant[]) {
    const fair = Object.keys(totals)
      .filter((name) => (totals[name] ?? 0) > 0)
      .toSorted();
    const limited = new Set(tenants.flatMap(({ limit }) => Object.keys(limit)));
    this.names = [...fair, ...[...limited].filter((name) => !fair.includes(name)).toSorted()];
    this.fairCount = fair.length;
    this.#byName = new Map(this.names.map((name, column) => [name, column]));
  }

  get count(): number {
    return this.names.length;
  }

  /** Undefined: nobody looks at it. */
  of(name: string): number | undefined {
    return this.#byName.get(name);
  }

  /** The amounts by column; `absent` where none is named. */
  vector(amounts: Resources, absent = 0): Float64Array {
    const vector = new Float64Array(this.count).fill(absent);
    this.fill(vector, amounts);
    return vector;
  }

  /** What a member that requests this takes, one pod at least. The same array for the same object: nobody may write into it. */
  ofMember(requests: Resources): Float64Array {
    const known = this.#ofMembers.get(requests);
    if (known !== undefined) return known;
    const made = this.vector(withPod(requests));
    this.#ofMembers.set(requests, made);
    return made;
  }

  /** Writes the amounts that are named into a row that starts at `offset`. */
  fill(into: Float64Array, amounts: Resources, offset = 0): void {
    for (const name of Object.keys(amounts)) {
      const column = this.#byName.get(name);
      if (column !== undefined) into[offset + column] = amounts[name] ?? 0;
    }
  }

  /** The amounts by name, zeros left out. */
  resources(vector: Float64Array, offset = 0): Resources {
    const found: Record<string, number> = {};
    for (const [column, name] of this.names.entries()) {
      const amount = vector[offset + column] ?? 0;
      if (amount !== 0) found[name] = amount;
    }
    return found;
  }
}
