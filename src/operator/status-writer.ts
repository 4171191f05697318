import type { ObjectMeta } from '../api/object-meta.ts';
import { STATUS_MANAGER } from '../api/labels.ts';
import { canonicalJson } from '../core/app/intent-hash.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Writer } from '../kube/writer.ts';
import { isOlder } from './apply-memory.ts';
import type { OperatorMetrics } from './metrics.ts';

/** An object of ours, parsed: what its status is about, and the status as the cache shows it. */
export interface WithStatus<Status> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'resourceVersion' | 'uid'>;
  readonly status?: Status | undefined;
}

interface Sent {
  readonly uid: string;
  readonly wanted: string;
  /** What the API server answered. */
  readonly status: object;
  readonly resourceVersion: string;
}

/** Writes status by server-side apply under its own field manager, and only when it says something new. */
export class StatusWriter {
  readonly #sent = new Map<string, Sent>();
  readonly #writer: Pick<Writer, 'applyStatus'>;
  readonly #metrics: Pick<OperatorMetrics, 'skipped'>;

  constructor(writer: Pick<Writer, 'applyStatus'>, metrics: Pick<OperatorMetrics, 'skipped'>) {
    this.#writer = writer;
    this.#metrics = metrics;
  }

  /** The object with the newest status: our own last write, as long as the watch has not shown it. */
  latest<T extends WithStatus<object>>(object: T): T {
    const sent = this.#sent.get(keyOf(object));
    const { uid, resourceVersion } = object.metadata;
    const behind = sent?.uid === uid && isOlder(resourceVersion, sent.resourceVersion);
    return behind ? { ...object, status: sent.status } : object;
  }

  /** Answers whether it was written. `parse` is the kind's own, so that defaults do not count as differences. Throws what the writer throws. */
  async write<Status extends object>(
    object: WithStatus<Status>,
    wanted: Status,
    parse: (raw: unknown) => { readonly status?: Status | undefined },
  ): Promise<boolean> {
    const { apiVersion, kind } = object;
    const { name, namespace, uid } = object.metadata;
    const [live, next] = [orderless(this.latest(object).status ?? {}), orderless(wanted)];
    if (live === next) return false;
    const key = keyOf(object);
    const sent = this.#sent.get(key);
    // The API server keeps it otherwise than we said it: once was enough.
    if (sent?.uid === uid && sent.wanted === next && live === orderless(sent.status)) {
      this.#metrics.skipped(kind);
      return false;
    }
    const metadata = { name, uid, ...(namespace === '' ? {} : { namespace }) };
    const answer = await this.#writer.applyStatus({ apiVersion, kind, metadata, status: wanted }, STATUS_MANAGER);
    const resourceVersion = answer.metadata.resourceVersion ?? '';
    this.#sent.set(key, { uid, wanted: next, status: parse(answer).status ?? {}, resourceVersion });
    return true;
  }

  forget(kind: string, key: string): void {
    this.#sent.delete(`${kind} ${key}`);
  }
}

function keyOf({ kind, metadata }: WithStatus<object>): string {
  return `${kind} ${objectKey(metadata.namespace, metadata.name)}`;
}

/** A text that is the same for the same status; the order of list entries does not count, since an apply merges most lists by key. */
function orderless(status: object): string {
  return canonicalJson(sorted(status));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => canonicalJson(sorted(item))).toSorted();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)]));
}
