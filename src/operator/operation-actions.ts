import type { Action, KubeObject } from '../core/app/plan.ts';
import { readField } from '../core/app/read-field.ts';
import type { Writer } from '../kube/writer.ts';
import type { Log } from './log.ts';
import { APP_OPERATION, PERSISTENT_APP } from './own-types.ts';

type Of<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

export interface OperationActionsOptions {
  readonly writer: Pick<Writer, 'delete' | 'get' | 'patchCas'>;
  readonly log: Pick<Log, 'info'>;
}

/** What operations write besides pods and volumes. All of it may be asked for again. */
export class OperationActions {
  readonly #options: OperationActionsOptions;

  constructor(options: OperationActionsOptions) {
    this.#options = options;
  }

  async suspend({ namespace, name, uid, suspend, why }: Of<'suspend'>): Promise<void> {
    const { writer, log } = this.#options;
    const live = (await writer.get(PERSISTENT_APP, namespace, name)) as KubeObject | undefined;
    if (live === undefined || live.metadata.uid !== uid || readField(live, 'spec', 'suspend') === suspend) return;
    log.info({ namespace, app: name, suspend, why }, 'setting spec.suspend');
    const patch = { metadata: { uid }, spec: { suspend } };
    await writer.patchCas(PERSISTENT_APP, namespace, name, patch, live.metadata.resourceVersion ?? '');
  }

  async deleteOperation({ namespace, name, uid }: Of<'deleteOperation'>): Promise<void> {
    await this.#options.writer.delete(APP_OPERATION, namespace, name, { uid });
  }
}
