import { NotLeaderError } from '../kube/errors.ts';
import { WorkQueue, type WorkResult } from '../kube/work-queue.ts';
import type { BackupController } from './backup-controller.ts';
import type { ConflictController } from './conflict-controller.ts';
import type { FrameworkController } from './framework-controller.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { NodeProtector } from './node-protector.ts';
import type { OperationController } from './operation-controller.ts';
import type { PoolController } from './pool-controller.ts';
import type { RecoveryReturn } from './recovery-return.ts';

/** What is looked after beside apps: `frameworks` as a whole, and one key per object of the others. */
export type UpkeepKey =
  | 'frameworks'
  | `pool ${string}`
  | `operation ${string}`
  | `backup ${string}`
  | `node ${string}`
  | `protection ${string}`
  | `fenced ${string}`;

export interface WorkQueuesOptions {
  readonly apps: (key: string) => Promise<WorkResult>;
  readonly pools: PoolController;
  readonly frameworks: FrameworkController;
  readonly backups: BackupController;
  readonly operations: OperationController;
  readonly conflicts: ConflictController;
  readonly protector: NodeProtector;
  readonly returns: RecoveryReturn;
  readonly concurrency: number;
  readonly metrics: OperatorMetrics;
  readonly log: Log;
}

/** Changes of what figures are made of come in bursts: they are told once per so many seconds. */
const UPKEEP_SECONDS = 1;

/** Who works on what. Keys gather while this process does not lead; they are worked off once it does. */
export class WorkQueues {
  readonly #apps: WorkQueue;
  readonly #upkeep: WorkQueue;
  readonly #options: WorkQueuesOptions;

  constructor(options: WorkQueuesOptions) {
    this.#options = options;
    const { log, concurrency } = options;
    this.#apps = new WorkQueue({ log, concurrency, worker: this.#counted('app', options.apps) });
    this.#upkeep = new WorkQueue({
      log,
      concurrency: Math.max(2, Math.floor(concurrency / 4)),
      worker: this.#counted('upkeep', (key) => this.#keepUp(key as UpkeepKey)),
    });
  }

  wakeApp(key: string, afterSeconds: number): void {
    this.#apps.addAfter(key, afterSeconds);
  }

  wakeUpkeep(key: UpkeepKey): void {
    this.#upkeep.addAfter(key, key.startsWith('node ') ? 0 : UPKEEP_SECONDS);
  }

  depths(): Readonly<Record<string, number>> {
    return { apps: this.#apps.depth, upkeep: this.#upkeep.depth };
  }

  /** Works until the signal aborts and what was begun has ended. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#apps.run(signal), this.#upkeep.run(signal)]);
  }

  #counted(
    controller: string,
    work: (key: string) => Promise<WorkResult | void>,
  ): (key: string) => Promise<WorkResult | void> {
    const { metrics } = this.#options;
    return async (key) => {
      try {
        const result = await work(key);
        metrics.reconciled(controller, 'ok');
        return result;
      } catch (error) {
        metrics.reconciled(controller, 'error');
        // Nothing to retry: this process is about to end.
        if (error instanceof NotLeaderError) return undefined;
        throw error;
      }
    };
  }

  async #keepUp(key: UpkeepKey): Promise<WorkResult | void> {
    const { frameworks, backups, pools, operations, conflicts, protector, returns } = this.#options;
    if (key === 'frameworks') return frameworks.reconcile();
    const [kind, ...rest] = key.split(' ');
    const name = rest.join(' ');
    switch (kind) {
      case 'pool':
        return pools.reconcile(name);
      case 'operation':
        return operations.reconcile(name);
      case 'backup':
        return backups.reconcile(name);
      case 'protection':
        return protector.reconcile(name);
      case 'fenced':
        return returns.reconcile(name);
      default:
        return conflicts.reconcile(name);
    }
  }
}
