import { classify, isReplaced } from './errors.ts';
import type { KubeRequest } from './kube-client.ts';
import type { KubeObject } from './kube-object.ts';
import { POD, pathOf, type ResourceType } from './resource-type.ts';
import { WriteSender, pathTo, writeOf, type Write, type WriteSenderOptions } from './write-sender.ts';

export interface WriterOptions extends WriteSenderOptions {
  /** Who owns the fields that are applied. */
  readonly fieldManager: string;
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

export interface EvictOptions {
  /** Only this very pod: one that was made under the same name since is left alone. */
  readonly uid: string;
  /** Only ask whether it would be let go now; nothing happens, and no lease is needed. */
  readonly dryRun?: boolean | undefined;
}

/** Labels and annotations to set; null removes one. */
export interface MetadataPatch {
  readonly labels?: Readonly<Record<string, string | null>> | undefined;
  readonly annotations?: Readonly<Record<string, string | null>> | undefined;
}

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

/**
 * Every write of Proffer. Each is one request of bounded time, named and repeatable: a reply that was lost is answered by doing
 * the same again. Everything thrown is a KubeError (see `classify`) or a NotLeaderError.
 */
export class Writer {
  readonly #fieldManager: string;
  readonly #sender: WriteSender;

  constructor(options: WriterOptions) {
    this.#fieldManager = options.fieldManager;
    this.#sender = new WriteSender(options);
  }

  /**
   * Creates the object, or makes the fields given be what they say (server-side apply). With `metadata.uid` it never creates:
   * an object that is gone or was replaced is a `conflict`.
   */
  apply(object: KubeObject, options: ApplyOptions = {}): Promise<KubeObject> {
    return this.#apply('apply', object, { fieldManager: this.#fieldManager, force: options.force ?? true });
  }

  /** What `apply` would answer, without doing it, unknown fields refused. Throws the same errors; needs no lease. */
  async dryRunApply(object: KubeObject): Promise<KubeObject> {
    const write = writeOf('apply', object);
    const query = { fieldManager: this.#fieldManager, force: true, dryRun: 'All', fieldValidation: 'Strict' };
    return this.#sender.request({
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

  /**
   * Sets or removes labels and annotations of the very object that has this UID; `conflict` when it was replaced, or with
   * `resourceVersion` when it was changed since.
   */
  patchMetadata(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: MetadataPatch,
    { uid, resourceVersion }: { readonly uid: string; readonly resourceVersion?: string | undefined },
  ): Promise<KubeObject> {
    return this.#patch({ verb: 'patch', type, namespace, name }, { metadata: { ...patch, uid, resourceVersion } });
  }

  /** Creates the object. `alreadyExists` may be our own earlier try whose reply was lost: read it and compare. */
  async create(object: KubeObject): Promise<KubeObject> {
    const write = writeOf('create', object);
    return this.#sender.send(write, {
      method: 'POST',
      path: pathOf(write.type, write.namespace),
      query: { fieldManager: this.#fieldManager },
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
    return this.#sender.send(write, {
      method: 'PUT',
      path: pathTo(write, subresource),
      query: { fieldManager: this.#fieldManager },
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
      await this.#sender.send(write, {
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

  /**
   * Asks for the pod to be stopped, disruption budgets respected. Resolves when it is on its way out, gone, or already replaced by another
   * of its name; `throttled` while a budget does not let it go.
   */
  async evict(namespace: string, name: string, { uid, dryRun = false }: EvictOptions): Promise<void> {
    const write: Write = { verb: 'evict', type: POD, namespace, name };
    const request: KubeRequest = {
      method: 'POST',
      path: pathTo(write, 'eviction'),
      ...(dryRun ? { query: { dryRun: 'All' } } : {}),
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      },
    };
    try {
      await (dryRun ? this.#sender.request(request) : this.#sender.send(write, request));
    } catch (error) {
      if (classify(error) !== 'notFound' && !isReplaced(error)) throw error;
    }
  }

  /** The object as it is now, past all caches; undefined when there is none. */
  async get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    try {
      return await this.#sender.request<KubeObject>({ method: 'GET', path: pathOf(type, namespace, name) });
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
    return this.#sender.send(write, {
      method: 'PATCH',
      path,
      query,
      contentType: APPLY,
      body: withoutServerFields(object),
    });
  }

  async #patch(write: Write, body: unknown, subresource?: string): Promise<KubeObject> {
    return this.#sender.send(write, {
      method: 'PATCH',
      path: pathTo(write, subresource),
      query: { fieldManager: this.#fieldManager },
      contentType: MERGE,
      body,
    });
  }
}

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
