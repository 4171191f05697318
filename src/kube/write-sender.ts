import type { KubeClient, KubeRequest } from './kube-client.ts';
import { systemClock, type Clock } from './clock.ts';
import { NotLeaderError, classify } from './errors.ts';
import { objectKey, type KubeObject } from './kube-object.ts';
import { pathOf, typeOf, type ResourceType } from './resource-type.ts';

export type WriteVerb = 'apply' | 'applyStatus' | 'patch' | 'create' | 'update' | 'delete' | 'evict';

/** One write that was sent, for metrics and logs. */
export interface WriteReport {
  readonly verb: WriteVerb;
  readonly kind: string;
  readonly key: string;
  /** `ok`, or the class of the error. */
  readonly outcome: string;
  readonly seconds: number;
}

export interface WriteSenderOptions {
  readonly client: KubeClient;
  /** Asked right before each write is sent; false ends it with NotLeaderError. Default: always. */
  readonly mayWrite?: (() => boolean) | undefined;
  /** Default 10: a write must not outlive the lease it was begun under by much. */
  readonly requestTimeoutSeconds?: number | undefined;
  readonly onWrite?: ((report: WriteReport) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** What is written how. */
export interface Write {
  readonly verb: WriteVerb;
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
}

export function writeOf(verb: WriteVerb, { apiVersion, kind, metadata }: KubeObject): Write {
  const type = typeOf(apiVersion, kind);
  return { verb, type, namespace: type.namespaced ? metadata.namespace : undefined, name: metadata.name };
}

export function pathTo({ type, namespace, name }: Write, subresource?: string): string {
  return pathOf(type, namespace, name, subresource);
}

/** Sends writes while we may, each in bounded time, and reports them. */
export class WriteSender {
  readonly #options: WriteSenderOptions;
  readonly #clock: Clock;
  readonly #timeoutSeconds: number;

  constructor(options: WriteSenderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timeoutSeconds = options.requestTimeoutSeconds ?? 10;
  }

  /** Throws NotLeaderError, without sending, when we may not write; else what the request throws. */
  async send(write: Write, request: KubeRequest): Promise<KubeObject> {
    const { mayWrite } = this.#options;
    if (mayWrite !== undefined && !mayWrite()) {
      throw new NotLeaderError(`${write.verb} of ${write.type.kind} ${objectKey(write.namespace, write.name)}`);
    }
    const startedAt = this.#clock.monotonicSeconds();
    try {
      const answer = await this.request<KubeObject>(request);
      this.#report(write, 'ok', startedAt);
      return answer;
    } catch (error) {
      this.#report(write, classify(error), startedAt);
      throw error;
    }
  }

  /** For what changes nothing: needs no leave, and is not reported. */
  request<T>(request: KubeRequest): Promise<T> {
    return this.#options.client.request<T>({ timeoutSeconds: this.#timeoutSeconds, ...request });
  }

  #report({ verb, type, namespace, name }: Write, outcome: string, startedAt: number): void {
    const seconds = this.#clock.monotonicSeconds() - startedAt;
    this.#options.onWrite?.({ verb, kind: type.kind, key: objectKey(namespace, name), outcome, seconds });
  }
}
