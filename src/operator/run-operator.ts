import { connect } from '../kube/client.ts';
import { LeaderElector } from '../kube/lease.ts';
import { buildProgram, type Program } from './build-program.ts';
import { makeCaches, type Caches } from './caches.ts';
import { startHttp, type HttpServer } from './http.ts';
import { makeLog, type Log } from './log.ts';
import { OperatorMetrics } from './metrics.ts';
import type { OperatorOptions } from './options.ts';
import { registerOwnTypes } from './own-types.ts';

/** How long work under way may take after we were told to stop; the Lease is released after it. */
const DRAIN_SECONDS = 3;
const FLUSH_SECONDS = 0.5;

/**
 * Runs the operator until the signal aborts (answers 0: all work ended and the Lease released) or the Lease is lost (answers 1: the
 * process must end at once, since another may lead). Throws when it cannot start.
 */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<number> {
  registerOwnTypes();
  const log = makeLog(options.logLevel, 'proffer-operator');
  const metrics = new OperatorMetrics();
  const client = connect({ kubeconfigPath: options.kubeconfigPath, userAgent: 'proffer-operator' });
  const caches = makeCaches(client, log, metrics);
  const { leaseName, leaseSeconds, renewSeconds, retrySeconds, identity, namespace } = options;
  const elector = new LeaderElector({
    client,
    namespace,
    name: leaseName,
    identity,
    leaseSeconds,
    renewSeconds,
    retrySeconds,
    log,
  });
  const program = buildProgram({ options, client, caches, elector, metrics, log });
  const watching = new AbortController();
  const http = await serve(options, caches, metrics, log);
  log.info({ server: client.server, identity, port: http?.port }, 'operator started');
  const watches = caches.run(watching.signal);
  const code = await lead(elector, caches, program, signal, log);
  watching.abort();
  // Whoever lost the Lease waits for nothing: another process may write from now on.
  if (code === 0) await Promise.race([Promise.all([watches, http?.close()]), pause(FLUSH_SECONDS)]);
  client.close();
  return code;
}

async function lead(
  elector: LeaderElector,
  caches: Caches,
  program: Program,
  signal: AbortSignal,
  log: Log,
): Promise<number> {
  try {
    // A leader with half a picture would decide wrongly: nobody stands for election before all is known.
    await caches.whenSynced(signal);
  } catch (error) {
    if (signal.aborted) return 0;
    throw error;
  }
  log.info({}, 'caches are synced');
  const { promise: lost, resolve: lose } = Promise.withResolvers<number>();
  const [working, leading] = [new AbortController(), new AbortController()];
  let work = Promise.resolve();
  const election = elector.run(leading.signal, {
    onStarted: () => {
      work = program.run(working.signal).catch((error: unknown) => {
        log.error({ err: error }, 'the operator cannot go on; another process will lead');
        lose(1);
      });
    },
    onLost: () => lose(1),
  });
  const code = await Promise.race([lost, aborted(signal).then(() => 0)]);
  working.abort();
  if (code !== 0) return code;
  await Promise.race([work, pause(DRAIN_SECONDS)]);
  await Promise.race([program.flush(FLUSH_SECONDS), pause(FLUSH_SECONDS)]);
  leading.abort();
  await Promise.race([election, pause(FLUSH_SECONDS)]);
  log.info({}, 'operator stopped');
  return 0;
}

async function serve(
  options: OperatorOptions,
  caches: Caches,
  metrics: OperatorMetrics,
  log: Log,
): Promise<HttpServer | undefined> {
  if (options.httpPort === undefined) return undefined;
  const unready = () =>
    caches.unsynced().length === 0
      ? undefined
      : `waiting for the first list of ${caches.unsynced().join(', ')} (are the CRDs installed, and may we list them?)`;
  try {
    return await startHttp(options.httpHost, options.httpPort, metrics.registry, { sick: () => undefined, unready });
  } catch (error) {
    log.error(
      { err: error, port: options.httpPort },
      'metrics and health cannot be served: choose another port with --http-port',
    );
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
