// The thread that watches: everything that parses JSON from the API server, so that requests never wait for it. It publishes what
// changed, and touches pods that are to be woken. Started by run-extender.ts with its options as worker data.
import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { Writer } from '../kube/writer.ts';
import type { CacheMessage, CacheRequest } from './cache-message.ts';
import { Deputy } from './deputy.ts';
import { makeLog } from './log.ts';
import type { ExtenderOptions } from './options.ts';
import { Waker } from './waker.ts';
import { emptyStores, watchesOf } from './watched-stores.ts';
import { WatchedWorld } from './watched-world.ts';

/** How long changes are gathered: a scheduling cycle takes about as long, and a burst becomes one message. */
const GATHER_MS = 5;

/** How often the operator's Lease is read: a small request, less often than its holder renews it. */
const LOOK_MS = 5000;

const options = workerData as ExtenderOptions;
const log = makeLog(options.logLevel, 'extender-cache');
const client = connect({ kubeconfigPath: options.kubeconfigPath, userAgent: 'proffer-extender' });
const waker = new Waker(new Writer({ client, fieldManager: 'proffer-extender' }), log);
const stores = emptyStores(log);
const stop = new AbortController();
let gathering: NodeJS.Timeout | undefined;

const world = new WatchedWorld(stores, options.schedulerName, () => {
  gathering ??= setTimeout(publish, GATHER_MS);
});

const deputy = new Deputy({ client, world, log, lease: options.operatorLease });

function publish(): void {
  clearTimeout(gathering);
  gathering = undefined;
  for (const change of world.takeChanges()) send({ kind: 'change', change });
}

function send(message: CacheMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(message);
}

parentPort?.on('message', (request: CacheRequest) => {
  if (request.kind === 'wake') waker.add(request.pods);
  else send({ kind: 'victims', question: request.question, victims: world.victims(request.podUids) });
});

const watches = watchesOf(stores, client, log);
setInterval(() => {
  world.passTime(systemClock.monotonicSeconds());
  const staleSeconds = Math.max(...watches.map((watch) => watch.lastEventAgeSeconds()));
  send({
    kind: 'pulse',
    staleSeconds: Number.isFinite(staleSeconds) ? staleSeconds : 0,
    overbookedNodes: world.overbookedNodes,
    overbookings: world.overbookings,
    operatorAway: deputy.operatorAway,
  });
}, 1000);
setInterval(() => {
  if (waker.waiting > 0) void waker.wakeSome(new Date().toISOString());
}, 100);

function sendAwaited(): void {
  const awaited = watches.filter((watch) => !watch.synced).map((watch) => watch.plural);
  if (awaited.length > 0) send({ kind: 'syncing', awaited });
}

const runs = watches.map((watch) => watch.run(stop.signal));
sendAwaited();
await Promise.all(watches.map((watch) => watch.whenSynced(stop.signal).then(sendAwaited)));
publish();
send({ kind: 'synced' });
log.info(
  { nodes: stores.nodes.size, pods: stores.pods.size, reservations: stores.reservations.size },
  'all caches are synced',
);
setInterval(() => void deputy.look(), LOOK_MS);
await Promise.all(runs);
