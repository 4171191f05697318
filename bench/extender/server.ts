// Runs the extender's own HTTP side in a thread of its own, with a synthetic world that keeps changing.
import type { AddressInfo } from 'node:net';
import { Worker, parentPort, workerData } from 'node:worker_threads';
import { AdmissionDesk } from '../../src/extender/admission-desk.ts';
import { makeApp } from '../../src/extender/app.ts';
import type { CacheMessage } from '../../src/extender/cache-message.ts';
import {
  NODES,
  SCENES,
  nodeName,
  rawPod,
  slotNode,
  worldChanges,
  type Scene,
  type SceneName,
} from './synthetic-world.ts';

const name = workerData as SceneName;
const scene = SCENES[name];
// At a tenth of its speed, so that what was promised at the beginning is promised to the end.
const desk = new AdmissionDesk({ ask: () => undefined, clock: () => performance.now() / 10_000 });
for (const change of worldChanges(scene)) desk.receive({ kind: 'change', change });
desk.receive({ kind: 'synced' });
promise(scene);

const app = makeApp(desk, { warn: (_fields, message) => console.error(message) });
await app.listen({ host: '127.0.0.1', port: 0 });

const changes = new Worker(new URL('./changes.ts', import.meta.url), { workerData: name });
changes.on('message', (message: CacheMessage) => desk.receive(message));

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage((app.server.address() as AddressInfo).port);

/** Lets pods through as filter does: the last member of each app first, others on two hundred nodes of their own choice. */
function promise({ apps, members, promisedMembers, promisedOthers }: Scene): void {
  for (let n = 0; n < promisedMembers; n += 1) {
    const [app, ordinal] = [n % apps, members - 1 - Math.floor(n / apps)];
    const NodeNames = [slotNode(app, ordinal)];
    desk.filter(Buffer.from(JSON.stringify({ Pod: rawPod(app, ordinal), Nodes: null, NodeNames })));
  }
  for (let n = 0; n < promisedOthers; n += 1) {
    const names = Array.from({ length: 200 }, (_none, index) => nodeName((n * 200 + index * 7) % NODES));
    const pod = rawPod(undefined, 1_000_000 + n);
    desk.filter(Buffer.from(JSON.stringify({ Pod: pod, Nodes: null, NodeNames: names })));
  }
}
