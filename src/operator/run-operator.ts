import { allocate } from '../core/allocator/allocate.ts';
import { withDefaultFramework } from '../core/fairness/default-framework.ts';
import { plan } from '../core/app/make-plan.ts';
import { ClusterView } from '../core/view/cluster-view.ts';
import { connect, type KubeClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { EventRecorder } from '../kube/events.ts';
import { LeaderElector } from '../kube/lease.ts';
import { Writer } from '../kube/writer.ts';
import { AllocatorLoop } from './allocator-loop.ts';
import { AppController } from './app-controller.ts';
import { makeCaches, type Caches, type Stores } from './caches.ts';
import { ConflictController } from './conflict-controller.ts';
import { feedView } from './feed-view.ts';
import { FrameworkController } from './framework-controller.ts';
import { startHttp, type HttpServer } from './http.ts';
import { makeLog, type Log } from './log.ts';
import { OperatorMetrics } from './metrics.ts';
import type { OperatorOptions } from './options.ts';
import { registerOwnTypes } from './own-types.ts';
import { Performer } from './perform.ts';
import { PoolController } from './pool-controller.ts';
import { ReservationWriter } from './reservation-writer.ts';
import { StatusWriter } from './status-writer.ts';
import { TemplateCheck } from './template-check.ts';
import { tenantsOf } from './tenants.ts';
import { UnsupportedController } from './unsupported-controller.ts';
import { wakeApps } from './wake-apps.ts';
import { wakeUpkeep } from './wake-upkeep.ts';
import { WorkQueues } from './work-queues.ts';

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
  const program = buildProgram(options, client, caches, elector, metrics, log);
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

/** Everything that works while this process leads. */
interface Program {
  /** Works until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly flush: () => Promise<void>;
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
  await Promise.race([program.flush(), pause(FLUSH_SECONDS)]);
  leading.abort();
  await Promise.race([election, pause(FLUSH_SECONDS)]);
  log.info({}, 'operator stopped');
  return 0;
}

const now = () => systemClock.epochSeconds();

function buildProgram(
  options: OperatorOptions,
  client: KubeClient,
  caches: Caches,
  elector: LeaderElector,
  metrics: OperatorMetrics,
  log: Log,
): Program {
  const { stores } = caches;
  const writer = new Writer({
    client,
    fieldManager: 'proffer',
    mayWrite: () => elector.isLeader(),
    onWrite: (report) => metrics.wrote(report),
  });
  const statuses = new StatusWriter(writer, metrics);
  const events = new EventRecorder({ client, controller: 'proffer.dev/operator', instance: options.identity, log });
  const templates = new TemplateCheck(writer);
  const view = new ClusterView();
  const reservations = new ReservationWriter({
    writer,
    store: stores.reservations,
    epoch: () => elector.epoch,
    now,
    metrics,
    onWritten: (reservation) => view.setReservation(reservation),
  });
  feedView(view, stores, (key) => reservations.newestOf(key));
  const frameworks = new FrameworkController({
    frameworks: stores.frameworks,
    view,
    demands: () => allocator.demands(),
    statuses,
    now,
  });
  const allocator = new AllocatorLoop({
    allocate: (demands, at) => allocate(view, tenantsOf(withDefaultFramework(stores.frameworks.list())), demands, at),
    reservations,
    assume: ({ app, slots }, framework) => view.assume(app, slots, framework),
    forget: (app) => view.forget(app),
    wake: (key, seconds) => queues.wakeApp(key, seconds),
    decided: (framework, decision) => {
      metrics.decided(framework, decision);
      frameworks.count(framework, decision);
    },
    demandsChanged: () => queues.wakeUpkeep('frameworks'),
    turnSeconds: options.turnSeconds,
    now,
    metrics,
    log,
  });
  const performer = new Performer({ writer, metrics, log, cached: childLookup(stores) });
  const { memberPriorityClass, schedulerName, concurrency } = options;
  const apps = new AppController({
    stores,
    plan,
    performer,
    reservations,
    allocator,
    statuses,
    templates,
    events,
    memberPriorityClass,
    schedulerName,
    now,
    log,
  });
  const queues = new WorkQueues({
    apps: (key) => apps.reconcile(key),
    pools: new PoolController({ stores, view, writer, statuses, now }),
    frameworks,
    unsupported: new UnsupportedController({ ...stores, statuses, now }),
    conflicts: new ConflictController({ view, reservations, log }),
    concurrency,
    metrics,
    log,
  });
  wakeApps(stores, { wakeApp: (key, seconds) => queues.wakeApp(key, seconds), nudge: () => allocator.nudge() });
  wakeUpkeep(stores, (key) => queues.wakeUpkeep(key));
  metrics.show({
    leading: () => elector.isLeader(),
    epoch: () => elector.epoch,
    queueDepths: () => queues.depths(),
    pendingMembers: () => allocator.pendingMembers(),
    slots: () => stores.reservations.list().reduce((sum, { spec }) => sum + spec.slots.length, 0),
    watchAges: () => caches.ages(),
  });
  return {
    run: async (signal) => void (await Promise.all([queues.run(signal), allocator.run(signal)])),
    flush: () => events.flush(FLUSH_SECONDS),
  };
}

function childLookup(stores: Stores): (kind: string, key: string) => ReturnType<Stores['services']['get']> {
  const byKind = new Map([
    ['Service', stores.services],
    ['StatefulSet', stores.statefulSets],
    ['PodDisruptionBudget', stores.budgets],
  ]);
  return (kind, key) => byKind.get(kind)?.get(key);
}

async function serve(
  options: OperatorOptions,
  caches: Caches,
  metrics: OperatorMetrics,
  log: Log,
): Promise<HttpServer | undefined> {
  if (options.httpPort === undefined) return undefined;
  const unready = () =>
    caches.unsynced().length === 0 ? undefined : `waiting for the first list of ${caches.unsynced().join(', ')}`;
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
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
}
