import type { AppOperation, AppOperationStatus } from '../api/app-operation.ts';
import { parseAppOperation } from '../api/parse.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import { formatTime } from '../core/app/rfc3339.ts';
import { expiresAt } from '../core/operations/expired.ts';
import { isFinished } from '../core/operations/running-operation.ts';
import { sayOperation } from '../core/operations/say-operation.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { WorkResult } from '../kube/work-queue.ts';
import type { Stores } from './caches.ts';
import type { OperationActions } from './operation-actions.ts';
import type { StatusWriter } from './status-writer.ts';

export interface OperationControllerOptions {
  readonly stores: Pick<Stores, 'appOperations' | 'apps'>;
  readonly statuses: StatusWriter;
  readonly actions: Pick<OperationActions, 'deleteOperation'>;
  /** Epoch seconds. */
  readonly now: () => number;
}

/**
 * Operations whose app nobody works on: it does not exist, is paused or is being deleted. Those of all other apps are looked after in the
 * passes over their app, together with everything else that is done to it.
 */
export class OperationController {
  readonly #options: OperationControllerOptions;

  constructor(options: OperationControllerOptions) {
    this.#options = options;
  }

  /** `key`: namespace/name of the AppOperation. Throws what is worth a retry. */
  async reconcile(key: string): Promise<WorkResult> {
    const { stores, statuses, actions, now } = this.#options;
    const seen = stores.appOperations.get(key);
    if (seen === undefined) {
      statuses.forget('AppOperation', key);
      return {};
    }
    const operation = statuses.latest(seen);
    const { namespace, name, uid } = operation.metadata;
    const idle = whyIdle(stores.apps.get(objectKey(namespace, operation.spec.app)), operation);
    if (idle === undefined) return {};
    const expires = expiresAt(operation);
    if (expires !== undefined && expires <= now()) {
      await actions.deleteOperation({ kind: 'deleteOperation', namespace, name, uid });
      return {};
    }
    if (!isFinished(operation)) await statuses.write(operation, idleStatus(operation, idle, now()), parseAppOperation);
    return { wakeAfterSeconds: expires === undefined ? undefined : expires - now() };
  }
}

interface Idle {
  readonly check: string;
  readonly message: string;
}

function whyIdle(app: PersistentApp | undefined, { spec }: AppOperation): Idle | undefined {
  if (app === undefined)
    return { check: 'AppNotFound', message: `there is no PersistentApp "${spec.app}" in this namespace` };
  if (app.metadata.deletionTimestamp !== undefined)
    return { check: 'AppDeleted', message: `PersistentApp ${spec.app} is being deleted` };
  return app.spec.paused
    ? { check: 'AppPaused', message: `PersistentApp ${spec.app} is paused (spec.paused): nothing is done to it` }
    : undefined;
}

/** One that had begun cannot go on without its app; one that had not waits for it. */
function idleStatus(operation: AppOperation, { check, message }: Idle, now: number): AppOperationStatus {
  const before = operation.status ?? { state: 'Pending' as const, phases: [] };
  const isOver = operation.spec.cancel || (before.state === 'Running' && check === 'AppNotFound');
  const state = operation.spec.cancel ? 'Cancelled' : isOver ? 'Failed' : before.state;
  const ended = isOver ? { finishedAt: formatTime(now) } : {};
  return sayOperation(operation, { ...before, state, message, blockedBy: isOver ? '' : check, ...ended }, now);
}
