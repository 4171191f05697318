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
      this.#look(health);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, asked + EVERY_MILLISECONDS - Date.now())));
    }
  }

  #look(health: Health | undefined): void {
    this.#now = health;
    const isGreen = health?.status === 'green';
    if (!isGreen) {
      this.#leftGreenAt ??= Date.now();
      this.#greenAt = undefined;
    } else if (this.#leftGreenAt !== undefined) this.#greenAt ??= Date.now();
    const said =
      health === undefined
        ? 'OpenSearch does not answer within its time'
        : `OpenSearch is ${health.status} with ${health.number_of_nodes} of 3 members${health.unassigned_shards > 0 ? `, ${health.unassigned_shards} copies of shards missing` : ''}`;
    if (said !== this.#last) this.#options.timeline.add(this.#options.who, said);
    this.#last = said;
  }
}
