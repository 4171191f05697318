import { readList, readString } from '../core/app/read-field.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from './log.ts';

/** Events of objects without a namespace are kept there. */
const NAMESPACE = 'default';

/**
 * What the cloud controller manager says before it deletes a Node whose machine is gone (k8s.io/cloud-provider,
 * controllers/nodelifecycle): the same words on EKS, GKE and wherever that controller runs.
 */
const REASON = 'DeletingNode';
const COMPONENT = 'cloud-node-lifecycle-controller';

/** The event is sent beside the deletion, and may come after it. */
const ASK_SECONDS = 5;
const MOST_ASKS = 60;
const REQUEST_SECONDS = 5;

export interface CloudWordOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly clock: Pick<Clock, 'monotonicSeconds'>;
  readonly log: Pick<Log, 'warn' | 'info'>;
  /** It is known now that the machine of a deleted node is gone. */
  readonly onNews: (node: string) => void;
}

interface Asked {
  readonly isGone: boolean;
  readonly count: number;
  readonly nextAt: number;
}

/** Whether the cloud says of a deleted Node that its machine is gone. Looked up only for nodes that members were on. */
export class CloudWord {
  /** By the UID of the Node. */
  readonly #asked = new Map<string, Asked>();
  readonly #options: CloudWordOptions;

  constructor(options: CloudWordOptions) {
    this.#options = options;
  }

  /** What is known so far; looks for it, now and then, while nothing is. */
  isDeletedAsGone({ name, uid }: { readonly name: string; readonly uid: string }): boolean {
    const asked = this.#asked.get(uid) ?? { isGone: false, count: 0, nextAt: 0 };
    const now = this.#options.clock.monotonicSeconds();
    if (!asked.isGone && asked.count < MOST_ASKS && now >= asked.nextAt) {
      this.#asked.set(uid, { isGone: false, count: asked.count + 1, nextAt: now + ASK_SECONDS });
      void this.#look(name, uid);
    }
    return asked.isGone;
  }

  forget(uid: string): void {
    this.#asked.delete(uid);
  }

  async #look(name: string, uid: string): Promise<void> {
    const { client, log, onNews } = this.#options;
    try {
      const list = await client.request<unknown>({
        method: 'GET',
        path: `/api/v1/namespaces/${NAMESPACE}/events`,
        query: { fieldSelector: `involvedObject.kind=Node,involvedObject.uid=${uid},reason=${REASON}`, limit: 10 },
        timeoutSeconds: REQUEST_SECONDS,
      });
      const asked = this.#asked.get(uid);
      if (asked === undefined || asked.isGone || !readList(list, 'items').some((event) => isWordFor(event, uid)))
        return;
      this.#asked.set(uid, { ...asked, isGone: true });
      log.info({ node: name }, 'the cloud controller manager deleted the node because its machine is gone');
      onNews(name);
    } catch (error) {
      log.warn({ node: name, err: error }, 'cannot read what the cloud says of a deleted node');
    }
  }
}

function isWordFor(event: unknown, uid: string): boolean {
  const by = readString(event, 'source', 'component') || readString(event, 'reportingComponent');
  return (
    by === COMPONENT && readString(event, 'reason') === REASON && readString(event, 'involvedObject', 'uid') === uid
  );
}
