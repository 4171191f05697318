import type { KubeClient } from '../../src/kube/client.ts';
import { makeCaches, type Stores } from '../../src/operator/caches.ts';
import { makeLog } from '../../src/operator/log.ts';
import { OperatorMetrics } from '../../src/operator/metrics.ts';

/** For tests: the operator's stores as they are before anything was read. */
export function emptyStores(): Stores {
  const client: KubeClient = {
    server: 'nowhere',
    request: () => Promise.reject(new Error('a test asked the API server')),
    stream: () => Promise.reject(new Error('a test watched the API server')),
    close: () => undefined,
  };
  return makeCaches(client, makeLog('error', 'test'), new OperatorMetrics()).stores;
}
