import { systemClock, type Clock } from './clock.ts';
import { GivenConnection } from './connection.ts';
import { HttpKubeClient } from './http-client.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeconfigConnection } from './kubeconfig.ts';

export type { KubeClient, KubeRequest, KubeStream, Query } from './kube-client.ts';

export interface ConnectOptions {
  readonly kubeconfigPath?: string | undefined;
  /** A context of the kubeconfig; default: the current one. */
  readonly context?: string | undefined;
  /** An API server's URL, instead of any configuration file. */
  readonly server?: string | undefined;
  /** Bearer token, with `server` only. */
  readonly token?: string | undefined;
  readonly userAgent: string;
  /** Default 30. */
  readonly requestTimeoutSeconds?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A client from, in this order: `server`; `kubeconfigPath`; $KUBECONFIG; the pod's service account; ~/.kube/config. */
export function connect(options: ConnectOptions): KubeClient {
  const clock = options.clock ?? systemClock;
  const connection =
    options.server === undefined
      ? new KubeconfigConnection(options.kubeconfigPath, clock, options.context)
      : new GivenConnection(options.server, options.token);
  return new HttpKubeClient({ ...options, connection, clock });
}
