/** Where a volume of the pool can be used: anywhere, in one zone, or on one node. */
export type PoolScope = 'Cluster' | 'Zone' | 'Node';

/** A pool of the array; each has a StorageClass of its own (manifests.ts). */
export interface PoolSpec {
  readonly name: string;
  readonly scope: PoolScope;
  /** For scope Zone: of each zone. For scope Node: of each node. */
  readonly capacityBytes: number;
  /** Default: the capacity. */
  readonly maximumVolumeBytes?: number;
  /** Default: `array-<name>`. */
  readonly storageClassName?: string;
}

const GIB = 2 ** 30;

/** Images are sparse, so the sizes only have to be plausible. */
export const DEFAULT_POOLS: readonly PoolSpec[] = [
  {
    name: 'shared',
    scope: 'Cluster',
    capacityBytes: 1024 * GIB,
    maximumVolumeBytes: 256 * GIB,
    storageClassName: 'array',
  },
];

/** Space taken from a pool by one volume. */
export interface PoolShare {
  readonly pool: string;
  readonly segment: string | undefined;
  readonly capacityBytes: number;
}

export interface PoolQuestions {
  /** Every volume there is. */
  readonly shares: () => readonly PoolShare[];
  /** Whether a fault says that the pool is full there. */
  readonly saysFull: (pool: string, segment: string | undefined) => boolean;
}

/** Capacity by pool and segment. A segment is a zone or a node; a pool of scope Cluster has the one segment `undefined`. */
export class Pools {
  readonly #specs: ReadonlyMap<string, PoolSpec>;
  readonly #questions: PoolQuestions;

  constructor(specs: readonly PoolSpec[], questions: PoolQuestions) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#questions = questions;
  }

  get names(): readonly string[] {
    return [...this.#specs.keys()];
  }

  /** Whether nodes must tell who they are, and not only their zone. */
  get needsNodes(): boolean {
    return [...this.#specs.values()].some(({ scope }) => scope === 'Node');
  }

  /** The pool of that name; without a name, the first. */
  find(name: string | undefined): PoolSpec | undefined {
    return this.#specs.get(name ?? this.names[0] ?? '');
  }

  freeBytes(pool: PoolSpec, segment: string | undefined): number {
    if (this.#questions.saysFull(pool.name, segment)) return 0;
    const used = this.#questions
      .shares()
      .filter((share) => share.pool === pool.name && share.segment === segment)
      .reduce((sum, share) => sum + share.capacityBytes, 0);
    return Math.max(0, pool.capacityBytes - used);
  }

  /** The largest volume that could be made there now. */
  largestVolumeBytes(pool: PoolSpec, segment: string | undefined): number {
    return Math.min(maximumVolumeBytes(pool), this.freeBytes(pool, segment));
  }
}

export function maximumVolumeBytes(pool: PoolSpec): number {
  return pool.maximumVolumeBytes ?? pool.capacityBytes;
}

/** The pool's StorageClass. */
export function storageClassOf(pool: PoolSpec): string {
  return pool.storageClassName ?? `array-${pool.name}`;
}
