import type { Actor, Timeline } from '../timeline.ts';
import type { Health, OpenSearchClient } from './opensearch-client.ts';

const EVERY_MILLISECONDS = 500;

interface Options {
  readonly client: OpenSearchClient;
  readonly timeline: Timeline;
  readonly who: Actor;
}

/** Asks for the health of a cluster all the time, tells the timeline when it changes, and remembers when it was green. */
export class HealthWatch {
  readonly #options: Options;
  readonly #stop = new AbortController();
  #last = '';
  #now: Health | undefined;
  #leftGreenAt: number | undefined;
  #greenAt: number | undefined;
  #greenMembers = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** What it said last; undefined: nobody answers. */
  get now(): Health | undefined {
    return this.#now;
  }

  /** Since when it is green again, in milliseconds since the epoch; undefined: it is not, or it was never anything else. */
  get greenAgainAt(): number | undefined {
    return this.#greenAt;
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
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const asked = Date.now();
      const health = await this.#options.client.health().catch(() => undefined);
      this.#look(health, await this.#isTrue(health));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, asked + EVERY_MILLISECONDS - Date.now())));
    }
  }

  /** Whether a word of green is more than a memory of members that are lost; asked when it had not been green. */
  async #isTrue(health: Health | undefined): Promise<boolean> {
    const isDoubtful = health?.status === 'green' && this.#leftGreenAt !== undefined && this.#greenAt === undefined;
    return !isDoubtful || (await this.#options.client.allAnswer().catch(() => false));
  }

  #look(health: Health | undefined, isTrue: boolean): void {
    this.#now = health;
    if (health?.status !== 'green') {
      this.#leftGreenAt ??= Date.now();
      this.#greenAt = undefined;
    } else if (this.#leftGreenAt !== undefined && isTrue && this.#greenAt === undefined) {
      this.#greenAt = Date.now();
      this.#greenMembers = health.number_of_nodes;
    }
    const said = health === undefined ? 'OpenSearch does not answer within its time' : told(health, isTrue);
    if (said !== this.#last) this.#options.timeline.add(this.#options.who, said);
    this.#last = said;
  }
}

function told({ status, number_of_nodes: members, unassigned_shards: missing }: Health, isTrue: boolean): string {
  const shards = missing > 0 ? `, ${missing} copies of shards missing` : '';
  return `OpenSearch is ${status} with ${members} of 3 members${shards}${isTrue ? '' : ', and not all of them answer'}`;
}
