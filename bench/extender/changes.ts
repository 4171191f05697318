// A busy cluster, as the cache worker tells of it: nodes whose pods changed, in a message every five milliseconds.
import { parentPort, workerData } from 'node:worker_threads';
import type { CacheMessage } from '../../src/extender/cache-message.ts';
import { SCENES, roomChange, type SceneName } from './synthetic-world.ts';

/** Node changes a second. kube-scheduler binds some hundred pods a second here; a wave of ends and evictions brings more. */
export const CHANGES_PER_SECOND = 2000;

const GATHER_MS = 5;

if (parentPort !== null) {
  const scene = SCENES[workerData as SceneName];
  const count = (CHANGES_PER_SECOND * GATHER_MS) / 1000;
  const started = performance.now();
  let sent = 0;
  setInterval(() => {
    // Timers are late at times: the rate is kept all the same.
    while (sent * GATHER_MS < performance.now() - started) {
      const message: CacheMessage = { kind: 'change', change: roomChange(sent * count, count, scene) };
      sent += 1;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
      parentPort?.postMessage(message);
    }
  }, GATHER_MS);
}
