// Documents that OpenSearch was asked to keep, and those that it said it keeps.
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { waitUntil } from '../../../test/cluster/wait-until.ts';
import type { OpenSearchClient, ShardCopy } from './opensearch-client.ts';
import { WriteDiary } from './write-diary.ts';

export const INDEX = 'records';

/** Bytes that no compression makes fewer. */
const PAYLOAD_BYTES = 700;
const BULK = 500;
const WORKERS = 3;
const PAUSE_MILLISECONDS = 100;
/** For what is asked while all is well. */
const CALM_SECONDS = 60;

/** Three shards, each on two members. Writes are fsynced before they are acknowledged (`request`, the default, said aloud). */
const SETTINGS = {
  settings: { number_of_shards: 3, number_of_replicas: 1, 'translog.durability': 'request' },
  mappings: { properties: { payload: { type: 'keyword', index: false, doc_values: false } } },
};

const ATTEMPTS = 4;

/** They are told every 30 s; the rest is for a busy machine. */
const LEASES_SECONDS = 100;

/** Created now, or there already. */
const KEPT: ReadonlySet<number> = new Set([201, 409]);

interface BulkItem {
  readonly create: { readonly _id: string; readonly status: number };
}

/** Every document is in files that all copies have, and nobody is thought to need an earlier one. */
function isUpToDate({
  seq_no: { max_seq_no: last, global_checkpoint: agreed },
  retention_leases: { leases },
}: ShardCopy): boolean {
  return agreed === last && leases.length > 1 && leases.every(({ retaining_seq_no: needed }) => needed > last);
}

interface Document {
  readonly number: number;
  readonly payload: string;
}

interface FoundDocument {
  readonly _id: string;
  readonly found?: boolean;
  readonly _source?: Document;
}

/** What became of the documents. */
export interface DocumentVerdict {
  readonly acknowledged: number;
  /** Acknowledged, and there as they were sent. */
  readonly found: number;
  /** Counted by the index, and not asked for by anybody: a number is an id. */
  readonly doubled: number;
}

const makeDocument = (number: number): Document => ({
  number,
  payload: randomBytes(PAYLOAD_BYTES).toString('base64'),
});

/** Fills an index, and goes on adding documents one by one until it is stopped. */
export class DocumentLoad {
  readonly #client: OpenSearchClient;
  /** Checksums of what was acknowledged, by number. */
  readonly #acknowledged = new Map<number, number>();
  /** What was sent, and is not acknowledged yet. */
  readonly #sent = new Map<number, Document>();
  readonly diary = new WriteDiary();
  #next = 0;
  #isRunning = false;
  #workers: readonly Promise<void>[] = [];

  constructor(client: OpenSearchClient) {
    this.#client = client;
  }

  /** Creates the index with so many documents. Returns how many are in the files of each shard, by its number. */
  async fill(count: number): Promise<ReadonlyMap<string, number>> {
    await this.#insist(() => this.#create());
    while (this.#next < count) {
      const first = this.#next;
      this.#next += Math.min(BULK, count - first);
      await this.#insist(() => this.#bulk(first, this.#next));
    }
    // Into files: what is only in the logs of operations would be played again instead of copied.
    await this.#insist(
      async () => void (await this.#client.request('POST', `/${INDEX}/_flush`, undefined, CALM_SECONDS)),
    );
    // The members tell each other twice a minute how far each of them has got, and one that is lost before is taken to have got nowhere: its
    // volume would be copied anew. Nobody fills an index in the minute of a disaster.
    const isKnown = async (): Promise<boolean> => {
      const copies = await this.#client.copies(INDEX);
      return copies.length > 0 && copies.every(isUpToDate);
    };
    await waitUntil('every member knowing how far the others have got', isKnown, {
      timeoutSeconds: LEASES_SECONDS,
      everyMilliseconds: 1000,
    });
    return this.#client.documentsOfShards(INDEX);
  }

  start(): void {
    this.#isRunning = true;
    this.#workers = Array.from({ length: WORKERS }, () => this.#work());
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await Promise.all(this.#workers);
  }

  /** Looks for every acknowledged document, and at what is in it. Ids are numbers, so what is there twice is counted without being among them. */
  async check(): Promise<DocumentVerdict> {
    await this.#client.request('POST', `/${INDEX}/_refresh`, undefined, CALM_SECONDS);
    const wanted = Array.from({ length: this.#next }, (_, number) => number);
    let ids = 0;
    let found = 0;
    for (let at = 0; at < wanted.length; at += BULK) {
      const asked = JSON.stringify({ ids: wanted.slice(at, at + BULK).map(String) });
      const { body } = await this.#client.request('POST', `/${INDEX}/_mget`, asked, CALM_SECONDS);
      const { docs } = body as { docs: readonly FoundDocument[] };
      ids += docs.filter((document) => document.found === true).length;
      found += docs.filter((document) => this.#isAsSent(document)).length;
    }
    const { body } = await this.#client.request('GET', `/${INDEX}/_count`, undefined, CALM_SECONDS);
    const { count } = body as { count: number };
    return { acknowledged: this.#acknowledged.size, found, doubled: Math.max(0, count - ids) };
  }

  #isAsSent({ _id, _source: source }: FoundDocument): boolean {
    const checksum = this.#acknowledged.get(Number(_id));
    return checksum !== undefined && source !== undefined && crc32(source.payload) === checksum;
  }

  /** What is asked again because an answer was lost may have been done the first time. */
  async #create(): Promise<void> {
    const { status, body } = await this.#client.request('PUT', `/${INDEX}`, JSON.stringify(SETTINGS), CALM_SECONDS);
    const isThere = JSON.stringify(body).includes('resource_already_exists_exception');
    if (status !== 200 && !isThere) throw new Error(`the index was not created: ${JSON.stringify(body)}`);
  }

  /** Documents from the first number up to, and without, the last. */
  async #bulk(first: number, last: number): Promise<void> {
    const numbers = Array.from({ length: last - first }, (_, index) => first + index);
    const lines = numbers.flatMap((number) => [
      JSON.stringify({ create: { _index: INDEX, _id: String(number) } }),
      JSON.stringify(this.#documentOf(number)),
    ]);
    const { body } = await this.#client.request('POST', '/_bulk', `${lines.join('\n')}\n`, CALM_SECONDS);
    const { items = [] } = body as { readonly items?: readonly BulkItem[] };
    for (const { create } of items) if (KEPT.has(create.status)) this.#acknowledge(Number(create._id));
  }

  /** The same whenever it is asked for: what is sent again must not be another document under the same id. */
  #documentOf(number: number): Document {
    const known = this.#sent.get(number);
    if (known !== undefined) return known;
    const document = makeDocument(number);
    this.#sent.set(number, document);
    return document;
  }

  #acknowledge(number: number): void {
    const document = this.#sent.get(number);
    this.#sent.delete(number);
    if (document !== undefined && !this.#acknowledged.has(number))
      this.#acknowledged.set(number, crc32(document.payload));
  }

  /** While all is well, a machine that is too busy to answer is the only trouble there may be. */
  async #insist(work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      try {
        await work();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
    await work();
  }

  async #work(): Promise<void> {
    while (this.#isRunning) {
      const number = this.#next;
      this.#next += 1;
      await this.#keep(number);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    }
  }

  /** Asks until there is an answer: without one nobody knows whether the document is kept. That it exists already is a late yes. */
  async #keep(number: number): Promise<void> {
    const document = JSON.stringify(this.#documentOf(number));
    while (this.#isRunning) {
      const path = `/${INDEX}/_create/${number}?timeout=4s`;
      const reply = await this.#client.request('PUT', path, document).catch(() => undefined);
      const isKept = reply !== undefined && KEPT.has(reply.status);
      this.diary.note(isKept ? 'acknowledged' : reply === undefined ? 'unanswered' : 'refused');
      if (isKept) {
        this.#acknowledge(number);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
