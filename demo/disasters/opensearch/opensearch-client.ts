// OpenSearch over HTTP from outside of the cluster, at the addresses of its members' pods: one that does not answer is passed over.

/** A reply with its status; the body is parsed JSON. */
interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface Health {
  readonly status: 'green' | 'yellow' | 'red';
  readonly number_of_nodes: number;
  readonly unassigned_shards: number;
  readonly relocating_shards: number;
}

/** One copy of a shard that was brought up to date, as `_recovery` tells. */
export interface ShardRecovery {
  readonly id: number;
  readonly type: string;
  readonly source: { readonly name?: string };
  readonly start_time_in_millis: number;
  readonly target: { readonly name?: string };
  readonly translog: { readonly recovered: number };
  readonly index: { readonly size: { readonly recovered_in_bytes: number; readonly reused_in_bytes: number } };
}

/** How far one copy of a shard has got, as `_stats` tells; numbers count the operations on the shard from 0. */
export interface ShardCopy {
  readonly seq_no: { readonly max_seq_no: number; readonly global_checkpoint: number };
  /** For each member that has a copy: the first operation that it may still need. */
  readonly retention_leases: { readonly leases: readonly { readonly id: string; readonly retaining_seq_no: number }[] };
}

interface ShardDocuments {
  readonly docs: { readonly count: number };
}

const REQUEST_SECONDS = 5;
/** How long a member that did not answer is asked last. */
const AVOIDED_SECONDS = 20;

export class OpenSearchClient {
  /** The addresses of the pods as they are now. */
  readonly #addresses: () => readonly string[];
  readonly #failedAt = new Map<string, number>();

  constructor(addresses: () => readonly string[]) {
    this.#addresses = addresses;
  }

  /** Throws when no member answers at all, each within the time (default 5 s). */
  async request(method: string, path: string, body?: string, timeoutSeconds = REQUEST_SECONDS): Promise<Reply> {
    const contentType = path.startsWith('/_bulk') ? 'application/x-ndjson' : 'application/json';
    let problem = 'it has no pod with an address';
    for (const address of this.#inOrder()) {
      try {
        const response = await fetch(`http://${address}:9200${path}`, {
          method,
          signal: AbortSignal.timeout(timeoutSeconds * 1000),
          ...(body === undefined ? {} : { body, headers: { 'content-type': contentType } }),
        });
        return { status: response.status, body: await response.json() };
      } catch (error) {
        this.#failedAt.set(address, Date.now());
        problem = error instanceof Error ? error.message : String(error);
      }
    }
    throw new Error(`no member answers ${method} ${path}: ${problem}`);
  }

  async health(): Promise<Health> {
    const { status, body } = await this.request('GET', '/_cluster/health?timeout=2s');
    if (status !== 200) throw new Error(`_cluster/health answers ${status}`);
    return body as Health;
  }

  /**
   * Whether every member that the cluster counts answers for itself. After an election the new manager counts those whom the old one knew, and
   * calls their shards well, until it has asked them in vain for half a minute.
   */
  async allAnswer(): Promise<boolean> {
    const { body } = await this.request('GET', '/_cat/nodes?format=json&h=ip');
    const asked = (body as readonly { readonly ip: string }[]).map(({ ip }) =>
      fetch(`http://${ip}:9200/`, { method: 'HEAD', signal: AbortSignal.timeout(REQUEST_SECONDS * 1000) }),
    );
    return Promise.all(asked).then(
      () => true,
      () => false,
    );
  }

  /** Shard copies of the index, each with its latest recovery. */
  async recoveries(index: string): Promise<readonly ShardRecovery[]> {
    const { body } = await this.request('GET', `/${index}/_recovery`);
    return (body as Readonly<Record<string, { readonly shards: readonly ShardRecovery[] }>>)[index]?.shards ?? [];
  }

  /** Bytes that all copies of all shards of the index take. */
  async size(index: string): Promise<number> {
    const { body } = await this.request('GET', `/${index}/_stats/store?filter_path=_all.total.store.size_in_bytes`);
    return (body as { _all?: { total: { store: { size_in_bytes: number } } } })._all?.total.store.size_in_bytes ?? 0;
  }

  /** Documents in each shard of the index, by the shard's number; what was not refreshed yet is not counted. */
  async documentsOfShards(index: string): Promise<ReadonlyMap<string, number>> {
    const { body } = await this.request('GET', `/${index}/_stats/docs?level=shards&filter_path=indices.*.shards`);
    const { indices } = body as {
      indices?: Readonly<Record<string, { readonly shards: Readonly<Record<string, readonly ShardDocuments[]>> }>>;
    };
    const shards = Object.entries(indices?.[index]?.shards ?? {});
    return new Map(shards.map(([shard, copies]) => [shard, Math.min(...copies.map(({ docs }) => docs.count))]));
  }

  /** All copies of all shards of the index. */
  async copies(index: string): Promise<readonly ShardCopy[]> {
    const { body } = await this.request('GET', `/${index}/_stats?level=shards&filter_path=indices.*.shards`);
    const { indices } = body as {
      indices?: Readonly<Record<string, { readonly shards: Readonly<Record<string, readonly ShardCopy[]>> }>>;
    };
    return Object.values(indices?.[index]?.shards ?? {}).flat();
  }

  #inOrder(): readonly string[] {
    const avoid = (address: string): number => {
      const at = this.#failedAt.get(address) ?? 0;
      return Date.now() - at < AVOIDED_SECONDS * 1000 ? at : 0;
    };
    return this.#addresses().toSorted((a, b) => avoid(a) - avoid(b));
  }
}
