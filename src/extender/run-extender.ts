import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AdmissionDesk } from './admission-desk.ts';
import type { FastifyInstance } from 'fastify';
import { makeApp, makeHealthApp } from './app.ts';
import type { CacheMessage } from './cache-message.ts';
import { makeLog } from './log.ts';
import type { ExtenderOptions } from './options.ts';

/** Plain HTTP is for the kube-scheduler beside us and nobody else. */
const HOST = '127.0.0.1';

/**
 * Answers kube-scheduler until the signal aborts; the returned promise resolves when everything is closed. Throws when the port is
 * taken, and when the cache worker ends by itself: then only a restart helps.
 */
export async function runExtender(options: ExtenderOptions, signal: AbortSignal): Promise<void> {
  const log = makeLog(options.logLevel, 'extender');
  // The files run as TypeScript while developing, and as what they were built to in an image.
  const worker = new Worker(new URL(`./cache-worker${extname(import.meta.filename)}`, import.meta.url), {
    workerData: options,
  });
  const desk = new AdmissionDesk({
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    ask: (request) => worker.postMessage(request),
    clock: () => performance.now() / 1000,
  });
  worker.on('message', (message: CacheMessage) => desk.receive(message));
  const app = makeApp(desk, log);
  const health = makeHealthApp(desk);
  try {
    const ended = workerEnd(worker);
    await app.listen({ host: HOST, port: options.port });
    if (options.httpPort !== undefined) await health.listen({ host: options.httpHost, port: options.httpPort });
    const ports = { port: portOf(app), httpPort: options.httpPort === undefined ? undefined : portOf(health) };
    log.info(ports, 'the extender listens');
    await Promise.race([ended, aborted(signal)]);
  } finally {
    await Promise.all([app.close(), health.close()]);
    await worker.terminate();
  }
}

function portOf(app: FastifyInstance): number {
  return (app.server.address() as AddressInfo).port;
}

/** Rejects when the worker fails or ends. */
function workerEnd(worker: Worker): Promise<never> {
  const ended = new Promise<never>((_resolve, reject) => {
    worker.once('error', (error) => reject(error));
    worker.once('exit', (code) => reject(new Error(`the cache worker ended by itself with code ${code}`)));
  });
  // Whoever stops us ends the worker too, and then nobody listens any more.
  ended.catch(() => undefined);
  return ended;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
