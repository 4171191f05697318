import type { KubeClient, KubeRequest } from './kube-client.ts';
import { systemClock, type Clock } from './clock.ts';
import { NotLeaderError, classify, isReplaced } from './errors.ts';
import { objectKey, type KubeObject } from './kube-object.ts';
import { pathOf, typeOf, type ResourceType } from './resource-type.ts';

export type WriteVerb = 'apply' | 'applyStatus' | 'patch' | 'create' | 'update' | 'delete';

/** One write that was sent, for metrics and logs. */
export interface WriteReport {
  readonly verb: WriteVerb;
  readonly kind: string;
  readonly key: string;
  /** `ok`, or the class of the error. */
  readonly outcome: string;
  readonly seconds: number;
}

export interface WriterOptions {
  readonly client: KubeClient;
  /** Who owns the fields that are applied. */
  readonly fieldManager: string;
  /** Asked right before each write is sent; false ends it with NotLeaderError. Default: always. */
  readonly mayWrite?: (() => boolean) | undefined;
  /** Default 10: a write must not outlive the lease it was begun under by much. */
  readonly requestTimeoutSeconds?: number | undefined;
  readonly onWrite?: ((report: WriteReport) => void) | undefined;
  readonly clock?: Clock | undefined;
}

export interface ApplyOptions {
  /** Take fields over from other managers. Default true, as is right for objects that are ours; false: others' fields are a terminal error. */
  readonly force?: boolean | undefined;
}

export interface SubresourceOption {
  readonly subresource?: 'status' | 'scale' | undefined;
}

export interface DeleteOptions {
  /** Only this very object: one that was made under the same name since is left alone. */
  readonly uid: string;
  /** Only in this state. */
  readonly resourceVersion?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagation?: 'Orphan' | 'Background' | 'Foreground' | undefined;
}

/** Labels and annotations to set; null removes one. */
export interface MetadataPatch {
  readonly labels?: Readonly<Record<string, string | null>> | undefined;
  readonly annotations?: Readonly<Record<string, string | null>> | undefined;
}

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

/** The parts of a write that all verbs share. */
interface Write {
  readonly verb: WriteVerb;
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
}

/**
 * Every write of Proffer. Each is one request of bounded time, named and repeatable: a reply that was lost is answered by doing
 * the same again. Everything thrown is a KubeError (see `classify`) or a NotLeaderError.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #clock: Clock;
  readonly #timeoutSeconds: number;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timeoutSeconds = options.requestTimeoutSeconds ?? 10;
  }

  /**
   * Creates the object, or makes the fields given be what they say (server-side apply). With `metadata.uid` it never creates:
   * an object that is gone or was replaced is a `conflict`.
   */
  apply(object: KubeObject, options: ApplyOptions = {}): Promise<KubeObject> {
    return this.#apply('apply', object, { fieldManager: this.#options.fieldManager, force: options.force ?? true });
  }

  /** What `apply` would answer, without doing it, unknown fields refused. Throws the same errors; needs no lease. */
  async dryRunApply(object: KubeObject): Promise<KubeObject> {
    const write = writeOf('apply', object);
    const { fieldManager } = this.#options;
    const query = { fieldManager, force: true, dryRun: 'All', fieldValidation: 'Strict' };
    return this.#request({
      method: 'PATCH',
      path: pathTo(write),
      query,
      contentType: APPLY,
      body: withoutServerFields(object),
    });
  }

  /** Applies the `status` of an object under a manager of its own, so that it never owns spec fields. Never creates the object. */
  applyStatus(object: KubeObject, manager: string): Promise<KubeObject> {
    return this.#apply('applyStatus', object, { fieldManager: manager, force: true });
  }

  /** Sets or removes labels and annotations of the very object that has this UID; `conflict` when it was replaced. */
  patchMetadata(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: MetadataPatch,
    { uid }: { readonly uid: string },
  ): Promise<KubeObject> {
    return this.#patch({ verb: 'patch', type, namespace, name }, { metadata: { ...patch, uid } });
  }

  /** Creates the object. `alreadyExists` may be our own earlier try whose reply was lost: read it and compare. */
  async create(object: KubeObject): Promise<KubeObject> {
    const write = writeOf('create', object);
    return this.#send(write, {
      method: 'POST',
      path: pathOf(write.type, write.namespace),
      query: { fieldManager: this.#options.fieldManager },
      body: object,
    });
  }

  /**
   * Replaces the whole object, if nobody changed it since it was read; else `conflict`. For kinds of our own only, and only with raw
   * JSON that was read: fields that are not in it are removed.
   */
  async updateCas(object: KubeObject, { subresource }: SubresourceOption = {}): Promise<KubeObject> {
    const write = writeOf('update', object);
    if (!object.metadata.resourceVersion) {
      throw new Error(
        `updateCas of ${write.type.kind} ${object.metadata.name} without metadata.resourceVersion would overwrite blindly`,
      );
    }
    return this.#send(write, {
      method: 'PUT',
      path: pathTo(write, subresource),
      query: { fieldManager: this.#options.fieldManager },
      body: object,
    });
  }

  /** Merges the patch, if the object is still at `resourceVersion`; else `conflict`. */
  patchCas(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: Readonly<Record<string, unknown>>,
    resourceVersion: string,
    { subresource }: SubresourceOption = {},
  ): Promise<KubeObject> {
    const metadata = { ...(patch['metadata'] as object | undefined), resourceVersion };
    return this.#patch({ verb: 'patch', type, namespace, name }, { ...patch, metadata }, subresource);
  }

  /**
   * Deletes the object that has this UID. Resolves when it is gone, on its way (finalizers, grace period), or already replaced by
   * another of its name; `conflict` when it is still there in another state than `resourceVersion`.
   */
  async delete(type: ResourceType, namespace: string | undefined, name: string, options: DeleteOptions): Promise<void> {
    const { uid, resourceVersion, gracePeriodSeconds, propagation } = options;
    const write: Write = { verb: 'delete', type, namespace, name };
    try {
      await this.#send(write, {
        method: 'DELETE',
        path: pathTo(write),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid, resourceVersion },
          gracePeriodSeconds,
          propagationPolicy: propagation,
        },
      });
    } catch (error) {
      if (classify(error) !== 'notFound' && !isReplaced(error)) throw error;
    }
  }

  /** The object as it is now, past all caches; undefined when there is none. */
  async get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    try {
      return await this.#request<KubeObject>({ method: 'GET', path: pathOf(type, namespace, name) });
    } catch (error) {
      if (classify(error) === 'notFound') return undefined;
      throw error;
    }
  }

  async #apply(
    verb: 'apply' | 'applyStatus',
    object: KubeObject,
    query: { fieldManager: string; force: boolean },
  ): Promise<KubeObject> {
    const write = writeOf(verb, object);
    const path = pathTo(write, verb === 'applyStatus' ? 'status' : undefined);
    return this.#send(write, { method: 'PATCH', path, query, contentType: APPLY, body: withoutServerFields(object) });
  }

  async #patch(write: Write, body: unknown, subresource?: string): Promise<KubeObject> {
    const { fieldManager } = this.#options;
    return this.#send(write, {
      method: 'PATCH',
      path: pathTo(write, subresource),
      query: { fieldManager },
      contentType: MERGE,
      body,
    });
  }

  async #send(write: Write, request: KubeRequest): Promise<KubeObject> {
    const { mayWrite, onWrite } = this.#options;
    const key = objectKey(write.namespace, write.name);
    const startedAt = this.#clock.monotonicSeconds();
    const report = (outcome: string) =>
      onWrite?.({
        verb: write.verb,
        kind: write.type.kind,
        key,
        outcome,
        seconds: this.#clock.monotonicSeconds() - startedAt,
      });
    if (mayWrite !== undefined && !mayWrite()) throw new NotLeaderError(`${write.verb} of ${write.type.kind} ${key}`);
    try {
      const answer = await this.#request<KubeObject>(request);
      report('ok');
      return answer;
    } catch (error) {
      report(classify(error));
      throw error;
    }
  }

  #request<T>(request: KubeRequest): Promise<T> {
    return this.#options.client.request<T>({ timeoutSeconds: this.#timeoutSeconds, ...request });
  }
}

function writeOf(verb: WriteVerb, { apiVersion, kind, metadata }: KubeObject): Write {
  const type = typeOf(apiVersion, kind);
  return { verb, type, namespace: type.namespaced ? metadata.namespace : undefined, name: metadata.name };
}

const pathTo = ({ type, namespace, name }: Write, subresource?: string): string =>
  pathOf(type, namespace, name, subresource);

/** An apply says what we want; what the server adds to an object that was read is not ours to say. */
function withoutServerFields(object: KubeObject): KubeObject {
  const {
    managedFields: _managed,
    resourceVersion: _version,
    creationTimestamp: _created,
    ...metadata
  } = object.metadata;
  return { ...object, metadata };
}
