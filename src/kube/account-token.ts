import type { Clock } from './clock.ts';
import { KubeError } from './errors.ts';
import type { KubeClient } from './kube-client.ts';
import { SERVICE_ACCOUNT, pathOf } from './resource-type.ts';

/** Asked for each time; the API server gives 10 minutes at least. */
const LIFETIME_SECONDS = 3600;
/** A token is renewed when this part of its life is over. */
const RENEW_AFTER = 0.8;

/**
 * Short-lived tokens of another service account, by TokenRequest: what is sent to somebody whom we trust less than the API server must
 * not be a token of our own.
 */
export class AccountToken {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #path: string;
  #token: Promise<string> | undefined;
  #until = 0;

  constructor(client: KubeClient, clock: Clock, account: { readonly namespace: string; readonly name: string }) {
    this.#client = client;
    this.#clock = clock;
    this.#path = pathOf(SERVICE_ACCOUNT, account.namespace, account.name, 'token');
  }

  /** Callers side by side share one request. Throws KubeError. */
  get(): Promise<string> {
    const now = this.#clock.monotonicSeconds();
    if (this.#token === undefined || now >= this.#until) {
      this.#until = now + LIFETIME_SECONDS * RENEW_AFTER;
      const fresh = this.#request();
      this.#token = fresh;
      fresh.catch(() => {
        if (this.#token === fresh) this.#token = undefined;
      });
    }
    return this.#token;
  }

  async #request(): Promise<string> {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: LIFETIME_SECONDS },
    };
    const answer = await this.#client.request<{ status?: { token?: string } }>({
      method: 'POST',
      path: this.#path,
      body,
    });
    const token = answer.status?.token;
    if (token === undefined)
      throw new KubeError({ status: 0, reason: 'BadReply', message: `${this.#path}: no token in the reply` });
    return token;
  }
}
