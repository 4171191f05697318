// One OpenSearch cluster in the demo: its pods' addresses, the load on it, its health, and what its members copied.
import { readPod } from '../../../src/core/facts/read-pod.ts';
import { objectOf, textOf } from '../../../src/core/facts/json.ts';
import type { TestCluster } from '../../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../../test/cluster/wait-until.ts';
import { NAMESPACE } from '../workload.ts';
import type { Actor, Timeline } from '../timeline.ts';
import { DocumentLoad, INDEX } from './document-load.ts';
import { HealthWatch } from './health-watch.ts';
import { OpenSearchClient, type ShardRecovery } from './opensearch-client.ts';

/** Three Javas that start at once need a minute of processor time, and share it with whatever else runs. */
const START_SECONDS = 300;
const ADDRESSES_EVERY_MILLISECONDS = 3000;

/** What came over the network from other members, and what a member had on its volume already. */
export interface Copied {
  /** Of files of the index. */
  readonly copiedBytes: number;
  /** Operations that other members sent one by one: what was written while the member was away. */
  readonly copiedOperations: number;
  /** Of files that were compared with another member's. Where operations are all that is missing, files are not even compared. */
  readonly reusedBytes: number;
  readonly recoveries: readonly Recovered[];
}

/** How one copy of a shard was brought up to date. */
interface Recovered {
  readonly shard: number;
  /** `PEER`: by another member; `EXISTING_STORE`: from its own volume alone. */
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly copiedBytes: number;
  readonly operations: number;
  readonly reusedBytes: number;
}

/** How a cluster got through a loss. Null: it did not, in the time it was watched. */
export interface Healing extends Copied {
  /** From the loss until all copies of all shards were there again; with all members, where they came back. */
  readonly greenSeconds: number | null;
  /** How many members it has then. */
  readonly members: number;
  /** What all copies of the index take on all members. */
  readonly indexBytes: number;
}

const NOTHING: Copied = { copiedBytes: 0, copiedOperations: 0, reusedBytes: 0, recoveries: [] };

export class SearchCluster {
  readonly name: string;
  readonly load: DocumentLoad;
  readonly health: HealthWatch;
  readonly #cluster: TestCluster;
  readonly #client: OpenSearchClient;
  /** How many documents the files of each shard have since the index was filled, by the shard's number. */
  filled: ReadonlyMap<string, number> = new Map();
  #addresses: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    cluster: TestCluster,
    name: string,
    { timeline, who }: { readonly timeline: Timeline; readonly who: Actor },
  ) {
    this.#cluster = cluster;
    this.name = name;
    this.#client = new OpenSearchClient(() => this.#addresses);
    this.load = new DocumentLoad(this.#client);
    this.health = new HealthWatch({ client: this.#client, timeline, who });
  }

  /** Waits until three members are green, fills the index, and goes on adding documents. */
  async begin(documents: number): Promise<void> {
    this.#timer = setInterval(() => void this.#lookForPods().catch(() => undefined), ADDRESSES_EVERY_MILLISECONDS);
    const three = async (): Promise<boolean> => {
      await this.#lookForPods();
      const { status, number_of_nodes: members } = await this.#client.health();
      return status === 'green' && members === 3;
    };
    await waitUntil(`three members of ${this.name} in one cluster`, three, {
      timeoutSeconds: START_SECONDS,
      everyMilliseconds: 1000,
    }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.#lastWords()}`, { cause: error });
    });
    this.filled = await this.load.fill(documents);
    await waitUntil(`${this.name} green`, async () => (await this.#client.health()).status === 'green', {
      timeoutSeconds: 60,
    });
    this.load.start();
    this.health.start();
  }

  /** What came of it since that moment (milliseconds since the epoch). */
  async healing(since: number): Promise<Healing> {
    const { greenAgainAt: anyGreenAt, wholeAt = 0 } = this.health;
    const isWhole = wholeAt > since;
    const greenAgainAt = isWhole ? wholeAt : anyGreenAt;
    const ask = async (): Promise<readonly [Copied, number]> =>
      Promise.all([this.#copied(since), this.#client.size(INDEX)]);
    // One that is green and does not answer is busy. Any other that does not answer copies nothing, either.
    const [copied, indexBytes] = await ask()
      .catch((error: unknown) => (greenAgainAt === undefined ? Promise.reject(error) : ask()))
      .catch(() => [NOTHING, 0] as const);
    const greenSeconds = greenAgainAt === undefined ? null : Math.round((greenAgainAt - since) / 100) / 10;
    return { greenSeconds, members: isWhole ? 3 : this.health.members, indexBytes, ...copied };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.health.stop();
    await this.load.stop();
  }

  async #copied(since: number): Promise<Copied> {
    const late = (await this.#client.recoveries(INDEX)).filter(({ start_time_in_millis: at }) => at >= since);
    const fromPeers = late.filter(({ type }) => type === 'PEER');
    return {
      copiedBytes: sum(fromPeers.map(({ index }) => index.size.recovered_in_bytes)),
      copiedOperations: sum(fromPeers.map(({ translog }) => translog.recovered)),
      reusedBytes: sum(late.map(({ index }) => index.size.reused_in_bytes)),
      recoveries: late.map(recovered),
    };
  }

  /** What pods and members say when they don't start. */
  async #lastWords(): Promise<string> {
    const names = [0, 1, 2].map((ordinal) => `${this.name}-${ordinal}`);
    const asked = [
      ['get', 'pods', '-n', NAMESPACE, '-o', 'wide'],
      ...names.map((name) => ['logs', '-n', NAMESPACE, name, '--tail=8']),
    ];
    const said = asked.map((args) => this.#cluster.kubectl(args, { timeoutSeconds: 15 }).catch(String));
    return (await Promise.all(said)).join('\n');
  }

  async #lookForPods(): Promise<void> {
    const listed = await this.#cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-o', 'json'], { timeoutSeconds: 10 });
    const pods = (JSON.parse(listed) as { items: readonly unknown[] }).items;
    this.#addresses = pods.flatMap((raw) => {
      const { name, deleting } = readPod(raw);
      const address = textOf(objectOf(objectOf(raw)['status'])['podIP']);
      return name.startsWith(`${this.name}-`) && !deleting && address !== '' ? [address] : [];
    });
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function recovered({ id, type, source, target, index: { size }, translog }: ShardRecovery): Recovered {
  return {
    shard: id,
    type,
    from: source.name ?? '',
    to: target.name ?? '',
    copiedBytes: size.recovered_in_bytes,
    operations: translog.recovered,
    reusedBytes: size.reused_in_bytes,
  };
}
