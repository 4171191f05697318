// A bare HTTP server in a thread of its own: what the same bytes cost with nothing done between them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

const echo = createServer((request, response) => {
  const length = Number(request.headers['x-answer-bytes']);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks).toString('latin1').slice(0, length).padEnd(length)));
});
echo.keepAliveTimeout = 120_000;
await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage((echo.address() as AddressInfo).port);
