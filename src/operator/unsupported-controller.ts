import type { AppBackup } from '../api/app-backup.ts';
import type { AppOperation } from '../api/app-operation.ts';
import { unsupportedKind } from '../api/feature-support.ts';
import { parseAppBackup, parseAppOperation } from '../api/parse.ts';
import type { Store } from '../kube/store.ts';
import { say } from './say.ts';
import type { StatusWriter } from './status-writer.ts';

export interface UnsupportedControllerOptions {
  readonly appOperations: Store<AppOperation>;
  readonly appBackups: Store<AppBackup>;
  readonly statuses: StatusWriter;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** Answers objects of kinds that this version does nothing with: a condition says so, and nobody waits for nothing. */
export class UnsupportedController {
  readonly #options: UnsupportedControllerOptions;

  constructor(options: UnsupportedControllerOptions) {
    this.#options = options;
  }

  async reconcileOperation(key: string): Promise<void> {
    const object = this.#options.appOperations.get(key);
    if (object === undefined) return;
    const { generation } = object.metadata;
    const status = {
      ...(object.status ?? EMPTY_OPERATION),
      observedGeneration: generation,
      conditions: this.#conditions(object),
    };
    await this.#options.statuses.write(object, status, parseAppOperation);
  }

  async reconcileBackup(key: string): Promise<void> {
    const object = this.#options.appBackups.get(key);
    if (object === undefined) return;
    const { generation } = object.metadata;
    const status = {
      ...(object.status ?? EMPTY_BACKUP),
      observedGeneration: generation,
      conditions: this.#conditions(object),
    };
    await this.#options.statuses.write(object, status, parseAppBackup);
  }

  #conditions(object: AppOperation | AppBackup) {
    const message = unsupportedKind(object);
    const said = (type: string) => ({ type, status: 'False', reason: 'NotSupportedYet', message }) as const;
    return say(
      [said('Ready'), said('Supported')],
      object.status?.conditions,
      object.metadata.generation,
      this.#options.now(),
    );
  }
}

const EMPTY_OPERATION = { state: 'Pending', progress: '', message: '', phases: [] } as const;
const EMPTY_BACKUP = { readyToUse: false, size: '', volumes: [] } as const;
