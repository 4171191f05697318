import type { Actor, Timeline } from '../timeline.ts';
import type { Health, OpenSearchClient } from './opensearch-client.ts';

const EVERY_MILLISECONDS = 500;
const MEMBERS = 3;

interface Options {
  readonly client: OpenSearchClient;
  readonly timeline: Timeline;
  readonly who: Actor;
}

type State = Health['status'] | 'silent';

/** For how many seconds it said what of itself; `silent`: nobody answered in time. */
export type HealthTimes = Readonly<Record<State, number>>;

/** Asks for the health of a cluster all the time, tells the timeline when it changes, and remembers when it was green. */
export class HealthWatch {
  readonly #options: Options;
  readonly #stop = new AbortController();
  #last = '';
  #now: Health | undefined;
  #leftGreenAt: number | undefined;
  #greenAt: number | undefined;
  #greenMembers = 0;
  #wholeAt: number | undefined;
  readonly #states: { readonly at: number; readonly state: State }[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  /** Since when it is green again, in milliseconds since the epoch; undefined: it is not, or it was never anything else. */
  get greenAgainAt(): number | undefined {
    return this.#greenAt;
  }

  /** Since when it is green with all members, and nothing moves between them any more; milliseconds since the epoch. */
  get wholeAt(): number | undefined {
    return this.#wholeAt;
  }

  /** How many members it has: when it was green again, or else now. */
  get members(): number {
    return this.#greenAt === undefined ? (this.#now?.number_of_nodes ?? 0) : this.#greenMembers;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Forgets what was; what follows is measured anew. */
  forget(): void {
    this.#leftGreenAt = undefined;
    this.#greenAt = undefined;
    this.#wholeAt = undefined;
  }

  /** Since that moment (milliseconds since the epoch). */
  timesSince(since: number): HealthTimes {
    const times = { green: 0, yellow: 0, red: 0, silent: 0 };
    this.#states.forEach(({ at, state }, index) => {
      const until = this.#states[index + 1]?.at ?? Date.now();
      times[state] += Math.max(0, until - Math.max(at, since));
    });
    return mapValues(times, (milliseconds) => Math.round(milliseconds / 100) / 10);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const asked = Date.now();
      const health = await this.#options.client.health().catch(() => undefined);
      this.#look(health, await this.#isTrue(health));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, asked + EVERY_MILLISECONDS - Date.now())));
    }
  }

  /** Whether a word of green is more than a memory of members that are lost; asked when it had not been green, or not with all of them. */
  async #isTrue(health: Health | undefined): Promise<boolean> {
    if (health?.status !== 'green' || this.#leftGreenAt === undefined) return true;
    const isDoubtful = this.#greenAt === undefined || (this.#wholeAt === undefined && isWhole(health));
    return !isDoubtful || (await this.#options.client.allAnswer().catch(() => false));
  }

  #look(health: Health | undefined, isTrue: boolean): void {
    this.#now = health;
    this.#note(health?.status ?? 'silent');
    this.#noteGreen(health, isTrue);
    this.#wholeAt = isTrue && isWhole(health) ? (this.#wholeAt ?? Date.now()) : undefined;
    const said = health === undefined ? 'OpenSearch does not answer within its time' : told(health, isTrue);
    if (said !== this.#last) this.#options.timeline.add(this.#options.who, said);
    this.#last = said;
  }

  #noteGreen(health: Health | undefined, isTrue: boolean): void {
    if (health?.status !== 'green') {
      this.#leftGreenAt ??= Date.now();
      this.#greenAt = undefined;
    } else if (this.#leftGreenAt !== undefined && isTrue && this.#greenAt === undefined) {
      this.#greenAt = Date.now();
      this.#greenMembers = health.number_of_nodes;
    }
  }

  #note(state: State): void {
    if (this.#states.at(-1)?.state !== state) this.#states.push({ at: Date.now(), state });
  }
}

function isWhole(health: Health | undefined): boolean {
  return health?.status === 'green' && health.number_of_nodes === MEMBERS && health.relocating_shards === 0;
}

function told(health: Health, isTrue: boolean): string {
  const { status, number_of_nodes: members, unassigned_shards: missing, relocating_shards: moving } = health;
  const parts = [
    `OpenSearch is ${status} with ${members} of ${MEMBERS} members`,
    ...(missing > 0 ? [`${missing} copies of shards missing`] : []),
    ...(moving > 0 ? ['copies of shards moving between members'] : []),
    ...(isTrue ? [] : ['and not all of them answer']),
  ];
  return parts.join(', ');
}

function mapValues<K extends string>(
  record: Readonly<Record<K, number>>,
  of: (value: number) => number,
): Record<K, number> {
  return Object.fromEntries(Object.entries<number>(record).map(([key, value]) => [key, of(value)])) as Record<
    K,
    number
  >;
}
