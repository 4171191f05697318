// Runs the extender's own HTTP side in a thread of its own, with a synthetic world that keeps changing, and beside it an echo server:
// what the same bytes cost with nothing done between them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { AdmissionDesk } from '../../src/extender/admission-desk.ts';
import { makeApp } from '../../src/extender/app.ts';
import { roomChange, worldChanges } from './synthetic-world.ts';

const desk = new AdmissionDesk({ ask: () => undefined, clock: () => performance.now() / 1000 });
for (const change of worldChanges()) desk.receive({ kind: 'change', change });
desk.receive({ kind: 'synced' });

const app = makeApp(desk, { warn: (_fields, message) => console.error(message) });
await app.listen({ host: '127.0.0.1', port: 0 });

const echo = createServer((request, response) => {
  const length = Number(request.headers['x-answer-bytes']);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks).toString('latin1').slice(0, length).padEnd(length)));
});
echo.keepAliveTimeout = 120_000;
await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));

// A busy cluster: 250 node changes a second, more than kube-scheduler binds pods here (209/s measured), in messages like the cache worker's.
let from = 0;
setInterval(() => {
  desk.receive({ kind: 'change', change: roomChange(from, 5) });
  from += 5;
}, 20);

const ports = {
  extenderPort: (app.server.address() as AddressInfo).port,
  echoPort: (echo.address() as AddressInfo).port,
};
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(ports);
