import { accessSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from './clock.ts';
import { ConnectionPool, type Connection } from './connection.ts';

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** How long one answer of the configuration is used. Token files are read again by the configuration every 60 s. */
const KEEP_SECONDS = 5;

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Loads the configuration. Throws with what was looked for when there is none, instead of guessing localhost. */
function load(path: string | undefined, context?: string): KubeConfig {
  const config = found(path);
  if (context === undefined) return config;
  if (config.getContextObject(context) === null) {
    const names = config.getContexts().map(({ name }) => name);
    throw new Error(`the kubeconfig has no context "${context}": it has ${names.join(', ') || 'none'}`);
  }
  config.setCurrentContext(context);
  return config;
}

function found(path: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (path !== undefined) config.loadFromFile(path);
  else if (process.env['KUBECONFIG']) config.loadFromDefault();
  else if (process.env['KUBERNETES_SERVICE_HOST'] && exists(SERVICE_ACCOUNT_TOKEN)) config.loadFromCluster();
  else if (exists(`${process.env['HOME'] ?? ''}/.kube/config`)) config.loadFromDefault();
  if (config.getCurrentCluster() !== null) return config;
  throw new Error(
    path === undefined
      ? 'no cluster to talk to: $KUBECONFIG is not set, this is no pod with a service account token, and there is no ~/.kube/config with a ' +
          'current context. Set $KUBECONFIG, or name a kubeconfig file'
      : `${path} has no current-context that names one of its clusters: kubectl config use-context NAME --kubeconfig ${path}`,
  );
}

/** The namespace that the context names, for commands that are given none; undefined: it names none. Throws as KubeconfigConnection does. */
export function namespaceOfContext(path: string | undefined, context?: string): string | undefined {
  const config = load(path, context);
  return config.getContextObject(config.getCurrentContext())?.namespace;
}

/**
 * The connection that a kubeconfig file or a pod's service account describes, kept fresh: rotated token files, expiring exec
 * credentials and replaced certificates are seen within about a minute, or at once after a 401.
 */
export class KubeconfigConnection implements Connection {
  readonly #path: string | undefined;
  readonly #context: string | undefined;
  readonly #clock: Clock;
  readonly #pool = new ConnectionPool();
  #config: KubeConfig;
  #options: Promise<RequestOptions> | undefined;
  #optionsUntil = 0;
  #reloadedAt = -Infinity;

  /** Without a path: $KUBECONFIG, the pod's service account, ~/.kube/config. Without a context: the current one. Throws when there is none. */
  constructor(path: string | undefined, clock: Clock, context?: string) {
    this.#path = path;
    this.#context = context;
    this.#clock = clock;
    this.#config = load(path, context);
  }

  get server(): string {
    return this.#config.getCurrentCluster()?.server ?? '';
  }

  /** Callers side by side share one answer, so an exec plugin runs once. */
  options(): Promise<RequestOptions> {
    const now = this.#clock.monotonicSeconds();
    if (this.#options === undefined || now >= this.#optionsUntil) {
      const fresh = this.#ask();
      this.#options = fresh;
      this.#optionsUntil = now + KEEP_SECONDS;
      fresh.catch(() => {
        if (this.#options === fresh) this.#options = undefined;
      });
    }
    return this.#options;
  }

  reload(): boolean {
    const now = this.#clock.monotonicSeconds();
    if (now - this.#reloadedAt < KEEP_SECONDS) return false;
    this.#reloadedAt = now;
    this.#config = load(this.#path, this.#context);
    this.#options = undefined;
    return true;
  }

  dropIdle(): void {
    this.#pool.dropIdle();
  }

  close(): void {
    this.#pool.close();
  }

  async #ask(): Promise<RequestOptions> {
    const cluster = this.#config.getCurrentCluster();
    // Without this the configuration refuses plain HTTP, which a local proxy (kubectl proxy) and tests speak.
    if (cluster?.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const headers = options.headers as Record<string, unknown> | undefined;
    // Token files often end in a line feed, which no header may.
    const authorization = headers?.['Authorization'];
    if (headers !== undefined && typeof authorization === 'string') headers['Authorization'] = authorization.trim();
    // The configuration's own agent has no keep-alive and keeps its first certificate for ever; but it knows the way through a proxy.
    if (!cluster?.proxyUrl) options.agent = this.#pool.agentFor(this.server);
    return options;
  }
}
