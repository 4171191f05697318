// Watches the API server directly, beside whatever a test does, and collects what broke a rule of safety-rules.ts.
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { SafetyRules, type Raw, type Violation, type WatchEvent } from './safety-rules.ts';

const WATCHED: readonly (readonly [kind: string, path: string])[] = [
  ['Node', '/api/v1/nodes'],
  ['Pod', '/api/v1/pods'],
  ['PersistentVolumeClaim', '/api/v1/persistentvolumeclaims'],
  ['PersistentVolume', '/api/v1/persistentvolumes'],
  ['Reservation', '/apis/proffer.dev/v1alpha1/reservations'],
];

export interface SafetyMonitor {
  readonly violations: readonly Violation[];
  allowDelete(uid: string): void;
  stop(): Promise<void>;
}

/**
 * Starts watching as the admin of `kubeconfigPath`. The CRDs must be there. When a watch ends (an API server restart) it starts anew
 * from a list; events in between are then judged by their last state.
 */
export async function startSafetyMonitor(kubeconfigPath: string): Promise<SafetyMonitor> {
  const client = connect({ kubeconfigPath, userAgent: 'proffer-safety-monitor' });
  const rules = new SafetyRules();
  const violations: Violation[] = [];
  const stopping = new AbortController();
  const observe = (event: WatchEvent): void => {
    violations.push(...rules.observe(event));
  };
  const started: Promise<void>[] = [];
  const watches = WATCHED.map(([kind, path]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    started.push(promise);
    return watchForever(client, kind, path, observe, resolve, stopping.signal);
  });
  await Promise.all(started);
  return {
    violations,
    allowDelete: (uid) => rules.allowDelete(uid),
    async stop() {
      stopping.abort();
      await Promise.allSettled(watches);
      client.close();
    },
  };
}

async function watchForever(
  client: KubeClient,
  kind: string,
  path: string,
  observe: (event: WatchEvent) => void,
  onListed: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const list = await client.request<{ metadata: { resourceVersion: string }; items: Raw[] }>({
        method: 'GET',
        path,
        signal,
      });
      for (const item of list.items) observe({ type: 'ADDED', object: { ...item, kind } });
      onListed();
      const query = { watch: true, resourceVersion: list.metadata.resourceVersion, timeoutSeconds: 600 };
      await client.stream({ path, query, signal, inactivitySeconds: 660 }, (line) => {
        const event = JSON.parse(line) as { type: string; object: Raw };
        if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED') {
          observe({ type: event.type, object: { ...event.object, kind } });
        }
      });
    } catch (error) {
      if (signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (error instanceof SyntaxError) throw error;
    }
  }
}
