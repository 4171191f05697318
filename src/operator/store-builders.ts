import type { KubeClient } from '../kube/client.ts';
import { makeCaches, type Stores } from './caches.ts';
import { makeLog } from './log.ts';
import { OperatorMetrics } from './metrics.ts';

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
