import type { RequestOptions } from 'node:https';
import type { AccountToken } from './account-token.ts';
import type { Clock } from './clock.ts';
import { type Connection, ConnectionPool } from './connection.ts';
import { KubeError } from './errors.ts';
import { HttpKubeClient } from './http-client.ts';
import type { KubeClient } from './kube-client.ts';
import { isRecord } from './kube-object.ts';
import { NODE, pathOf } from './resource-type.ts';

export interface KubeletStatsOptions {
  readonly client: KubeClient;
  readonly token: AccountToken;
  /** Certificate authority of kubelets' serving certificates, PEM; undefined: those that Node.js trusts. */
  readonly authority: () => Promise<RequestOptions['ca']>;
  /** False: whoever answers at the node's address is believed. */
  readonly verify: boolean;
  readonly clock: Clock;
}

const TIMEOUT_SECONDS = 10;

/**
 * Asks kubelets for /stats/summary, past the API server: a kubelet asks only for the right to `nodes/stats`, where a request through the
 * API server needs `nodes/proxy`, which is the right to run anything in any pod.
 */
export class KubeletStats {
  readonly #options: KubeletStatsOptions;
  readonly #kubelets = new Map<string, HttpKubeClient>();

  constructor(options: KubeletStatsOptions) {
    this.#options = options;
  }

  /** What the kubelet of this node says, as JSON. Throws KubeError. */
  async summary(node: string): Promise<unknown> {
    const kubelet = this.#kubelets.get(node) ?? (await this.#find(node));
    try {
      return await kubelet.request({ method: 'GET', path: '/stats/summary', timeoutSeconds: TIMEOUT_SECONDS });
    } catch (error) {
      // Its address may be another one by now.
      this.forget(node);
      throw error;
    }
  }

  /** Closes what is open to that node. */
  forget(node: string): void {
    this.#kubelets.get(node)?.close();
    this.#kubelets.delete(node);
  }

  nodes(): readonly string[] {
    return [...this.#kubelets.keys()];
  }

  async #find(node: string): Promise<HttpKubeClient> {
    const { client, clock } = this.#options;
    const live = await client.request<unknown>({ method: 'GET', path: pathOf(NODE, undefined, node) });
    const server = serverOf(node, live);
    const kubelet = new HttpKubeClient({ connection: this.#connection(server), userAgent: 'proffer-operator', clock });
    this.#kubelets.set(node, kubelet);
    return kubelet;
  }

  #connection(server: string): Connection {
    const { token, authority, verify } = this.#options;
    const pool = new ConnectionPool();
    return {
      server,
      options: async () => {
        const trust = verify ? { ca: await authority() } : { rejectUnauthorized: false };
        const headers = { authorization: `Bearer ${await token.get()}` };
        return { ...trust, headers, agent: pool.agentFor(server) };
      },
      reload: () => false,
      dropIdle: () => pool.dropIdle(),
      close: () => pool.close(),
    };
  }
}

/** The kubelet's URL, as its node says. */
function serverOf(node: string, live: unknown): string {
  const status = field(live, 'status');
  const addresses = field(status, 'addresses');
  const list = Array.isArray(addresses) ? addresses : [];
  const address = ['InternalIP', 'ExternalIP', 'Hostname']
    .map((type) =>
      field(
        list.find((item) => field(item, 'type') === type),
        'address',
      ),
    )
    .find((found): found is string => typeof found === 'string');
  if (address === undefined)
    throw new KubeError({ status: 0, reason: 'NoAddress', message: `node ${node} has no address` });
  const port = field(field(field(status, 'daemonEndpoints'), 'kubeletEndpoint'), 'Port');
  const host = address.includes(':') ? `[${address}]` : address;
  return `https://${host}:${typeof port === 'number' && port > 0 ? port : 10_250}`;
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}
