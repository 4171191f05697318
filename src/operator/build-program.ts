import { plan } from '../core/app/make-plan.ts';
import { ClusterView } from '../core/view/cluster-view.ts';
import type { KubeClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { EventRecorder } from '../kube/events.ts';
import type { LeaderElector } from '../kube/lease.ts';
import { servesKind } from '../kube/serves-kind.ts';
import { Writer } from '../kube/writer.ts';
import { readAdoptee } from './adoptee-reader.ts';
import { AllocatorLoop } from './allocator-loop.ts';
import { AppController } from './app-controller.ts';
import { buildReclaimer } from './build-reclaimer.ts';
import { buildRecovery } from './build-recovery.ts';
import { BackupActions } from './backup-actions.ts';
import { BackupController } from './backup-controller.ts';
import { SnapshotWatch } from './backup-snapshots.ts';
import { wakeBackups, wakeEveryBackup } from './backup-wakes.ts';
import { buildVolumeUsage } from './build-volume-usage.ts';
import type { Caches, Stores } from './caches.ts';
import { ConflictController } from './conflict-controller.ts';
import { feedView } from './feed-view.ts';
import { FirstLooks } from './first-looks.ts';
import { FrameworkController } from './framework-controller.ts';
import { gangWaits } from './gang-peers.ts';
import { GangWriter } from './gang-writer.ts';
import { ageLateCapacity } from './late-capacity.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import { NodeProtector } from './node-protector.ts';
import type { OperatorOptions } from './options.ts';
import { OperationActions } from './operation-actions.ts';
import { OperationController } from './operation-controller.ts';
import { OperationVolumes } from './operation-volumes.ts';
import { Performer } from './perform.ts';
import { PodCheck } from './pod-check.ts';
import { PoolController } from './pool-controller.ts';
import { ProvisioningWatch } from './provisioning-watch.ts';
import { rememberingAllocator } from './remembering-allocator.ts';
import { RecoveryReturn } from './recovery-return.ts';
import { ReservationWriter } from './reservation-writer.ts';
import { StatusWriter } from './status-writer.ts';
import { TemplateCheck } from './template-check.ts';
import { appsOnNode, wakeApps } from './wake-apps.ts';
import { VolumeActions } from './volume-actions.ts';
import { wakeUpkeep } from './wake-upkeep.ts';
import { WorkQueues } from './work-queues.ts';

/** What the program is made of, and lives longer than it. */
export interface ProgramParts {
  readonly options: OperatorOptions;
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly elector: LeaderElector;
  readonly metrics: OperatorMetrics;
  readonly log: Log;
}

/** Everything that works while this process leads. */
export interface Program {
  /** Works until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Sends the events that wait, for at most so long. */
  readonly flush: (seconds: number) => Promise<void>;
}

const now = () => systemClock.epochSeconds();

/** Wires caches, view, controllers and queues. Nothing happens before the caches run, and nothing is written before `run`. */
export function buildProgram({ options, client, caches, elector, metrics, log }: ProgramParts): Program {
  const { stores } = caches;
  const writer = new Writer({
    client,
    fieldManager: 'proffer',
    mayWrite: () => elector.isLeader(),
    onWrite: (report) => metrics.wrote(report),
  });
  const statuses = new StatusWriter(writer, metrics);
  const events = new EventRecorder({ client, controller: 'proffer.dev/operator', instance: options.identity, log });
  const templates = new TemplateCheck(writer, options.schedulerName);
  const view = new ClusterView();
  const reservations = new ReservationWriter({
    writer,
    store: stores.reservations,
    epoch: () => elector.epoch,
    now,
    metrics,
    onWritten: (reservation) => view.setReservation(reservation),
  });
  const { watch: recovery, actions: recoveryActions } = buildRecovery({
    options,
    client,
    stores,
    writer,
    cached: childLookup(stores),
    events,
    log,
    onNews: (name) => {
      const node = stores.nodes.get(name);
      if (node !== undefined) view.setNode(recovery.seen(node));
      for (const key of appsOnNode(stores, name)) queues.wakeApp(key, 0);
      allocator.nudge();
    },
  });
  feedView(
    view,
    stores,
    (key) => reservations.newestOf(key),
    (node) => recovery.seen(node),
  );
  const frameworks = new FrameworkController({
    frameworks: stores.frameworks,
    view,
    demands: () => allocator.demands(),
    statuses,
    now,
  });
  const allocator = new AllocatorLoop({
    allocate: rememberingAllocator(view, stores.frameworks),
    reservations,
    gangs: new GangWriter(reservations, stores.reservations),
    gangWait: gangWaits(stores, reservations),
    assume: ({ app, slots }, framework) => view.assume(app, slots, framework),
    forget: (app) => view.forget(app),
    wake: (key, seconds) => queues.wakeApp(key, seconds),
    decided: (framework, decision) => {
      metrics.decided(framework, decision);
      frameworks.count(framework, decision);
    },
    demandsChanged: () => queues.wakeUpkeep('frameworks'),
    reclaimer: buildReclaimer({ stores, view, writer, reservations, allocator: () => allocator, events, metrics, log }),
    turnSeconds: options.turnSeconds,
    clock: systemClock,
    metrics,
    log,
  });
  const snapshots = new SnapshotWatch({ client, serves: (type) => servesKind(client, type), clock: systemClock, log });
  const operationActions = new OperationActions({ writer, log });
  const performer = new Performer({
    writer,
    metrics,
    log,
    cached: childLookup(stores),
    recovery: recoveryActions,
    operations: operationActions,
    keeping: new OperationVolumes({ writer, log }),
    volumes: new VolumeActions({ writer, log }),
    backups: new BackupActions({ writer, log }),
  });
  const { memberPriorityClass, schedulerName, concurrency } = options;
  const volumeUsage = buildVolumeUsage(options, client, stores, (key) => queues.wakeApp(key, 0));
  const provisioning = new ProvisioningWatch({ stores, view, clock: systemClock, log, nudge: () => allocator.nudge() });
  const apps = new AppController({
    volumeUsage,
    provisioning,
    stores,
    plan,
    performer,
    reservations,
    allocator,
    statuses,
    templates,
    podCheck: new PodCheck({ writer, stores, schedulerName, memberPriorityClass, now }),
    adoptee: (app) => readAdoptee(app, stores, writer),
    events,
    snapshots,
    recovery,
    metrics,
    memberPriorityClass,
    schedulerName,
    now,
    log,
  });
  const firstLooks = new FirstLooks({ appKeys: () => stores.apps.keys(), clock: systemClock, log });
  const queues = new WorkQueues({
    apps: (key) => apps.reconcile(key).finally(() => firstLooks.looked(key)),
    pools: new PoolController({ stores, view, writer, statuses, serves: (type) => servesKind(client, type), now }),
    frameworks,
    backups: new BackupController({ stores, snapshots, writer, statuses, now }),
    operations: new OperationController({ stores, statuses, actions: operationActions, now }),
    conflicts: new ConflictController({ view, reservations, log }),
    protector: new NodeProtector({ stores, writer, enabled: options.protectNodes, log }),
    returns: new RecoveryReturn({ stores, watch: recovery, actions: recoveryActions }),
    concurrency,
    metrics,
    log,
  });
  ageLateCapacity(view, stores, systemClock, () => allocator.nudge());
  wakeApps(stores, { wakeApp: (key, seconds) => queues.wakeApp(key, seconds), nudge: () => allocator.nudge() });
  wakeUpkeep(stores, (key) => queues.wakeUpkeep(key));
  wakeBackups(
    stores,
    snapshots,
    (key) => queues.wakeUpkeep(key),
    (key) => queues.wakeApp(key, 0),
  );
  metrics.show({
    leading: () => elector.isLeader(),
    epoch: () => elector.epoch,
    queueDepths: () => queues.depths(),
    pendingMembers: () => allocator.pendingMembers(),
    slots: () => stores.reservations.list().reduce((sum, { spec }) => sum + spec.slots.length, 0),
    watchAges: () => caches.ages(),
  });
  return {
    run: async (signal) => {
      const watched = snapshots.run(signal, () => wakeEveryBackup(stores, queues));
      await Promise.all([
        queues.run(signal),
        firstLooks.all(signal).then(() => allocator.run(signal)),
        recovery.run(signal),
        volumeUsage.run(signal),
        watched,
      ]);
    },
    flush: (seconds) => events.flush(seconds),
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
