import { type KubeClient, connect } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { listPages } from '../kube/list-pages.ts';
import { type ResourceType, pathOf } from '../kube/resource-type.ts';
import { type ParsedLine, valueOf } from './command-line.ts';

const MANAGER = 'kubectl-proffer';

/** Reads and writes of a command that changes the cluster, with the rights of the kubeconfig. All it throws is a KubeError. */
export class ObjectClient {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(line: ParsedLine, namespace: string) {
    this.#namespace = namespace;
    this.#client = connect({
      kubeconfigPath: valueOf(line, 'kubeconfig'),
      context: valueOf(line, 'context'),
      userAgent: MANAGER,
    });
  }

  /** Undefined: there is none of that name, or no such kind. */
  async get(type: ResourceType, name: string): Promise<KubeObject | undefined> {
    try {
      return await this.#client.request<KubeObject>({ method: 'GET', path: this.#path(type, name) });
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All of the namespace. */
  async list(type: ResourceType): Promise<readonly KubeObject[]> {
    const found: KubeObject[] = [];
    const namespace = type.namespaced ? this.#namespace : undefined;
    for await (const { items } of listPages(this.#client, { type, namespace })) {
      for (const item of items) found.push({ ...(item as KubeObject), apiVersion: type.apiVersion, kind: type.kind });
    }
    return found;
  }

  async create(type: ResourceType, object: object, { dryRun }: { readonly dryRun: boolean }): Promise<KubeObject> {
    const query = { fieldManager: MANAGER, fieldValidation: 'Strict', ...(dryRun ? { dryRun: 'All' } : {}) };
    return this.#client.request({ method: 'POST', path: pathOf(type, this.#namespace), query, body: object });
  }

  /** Merges the patch into the very object that was read; a conflict when it changed since. */
  async patch(
    type: ResourceType,
    { metadata }: KubeObject,
    patch: Readonly<Record<string, unknown>>,
  ): Promise<KubeObject> {
    const { name, uid, resourceVersion } = metadata;
    return this.#client.request({
      method: 'PATCH',
      path: this.#path(type, name),
      query: { fieldManager: MANAGER },
      contentType: 'application/merge-patch+json',
      body: { ...patch, metadata: { ...(patch['metadata'] as object | undefined), uid, resourceVersion } },
    });
  }

  /** Deletes the very object that was read, and leaves what it owns. */
  async orphan(type: ResourceType, { metadata }: KubeObject): Promise<void> {
    await this.#client.request({
      method: 'DELETE',
      path: this.#path(type, metadata.name),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: metadata.uid },
        propagationPolicy: 'Orphan',
      },
    });
  }

  close(): void {
    this.#client.close();
  }

  #path(type: ResourceType, name: string): string {
    return pathOf(type, type.namespaced ? this.#namespace : undefined, name);
  }
}
