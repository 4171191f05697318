import { ANNOTATION_GROWN } from '../api/labels.ts';
import type { AppRef } from '../core/allocator/demand.ts';
import type { Action, KubeObject } from '../core/app/plan.ts';
import { controllerOf, readField, readString } from '../core/app/read-field.ts';
import { parseBytes } from '../core/resources/quantity.ts';
import { KubeError, classify } from '../kube/errors.ts';
import { PERSISTENT_VOLUME_CLAIM, STATEFUL_SET } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import { checkAdoptable } from './adoptable-check.ts';
import type { Log } from './log.ts';
import { NotOursError } from './not-ours-error.ts';

type Of<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

export interface VolumeActionsOptions {
  readonly writer: Pick<Writer, 'delete' | 'dryRunApply' | 'get' | 'patchCas'>;
  readonly log: Pick<Log, 'info'>;
}

/** What growth and changed volumes write. Each reads the live object first; no claim is ever deleted or made smaller here. */
export class VolumeActions {
  readonly #options: VolumeActionsOptions;

  constructor(options: VolumeActionsOptions) {
    this.#options = options;
  }

  /** Throws what the API server answered: `terminal` where a quota or the class is against it. */
  async changeClaim(action: Of<'changeClaim'>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#changeOnce(action);
      } catch (error) {
        // Whoever resizes it writes the claim's status all the time.
        if (classify(error) !== 'conflict' || tries >= MOST_TRIES) throw error;
      }
    }
  }

  async #changeOnce({ namespace, name, uid, size, attributesClass, grownAt, why }: Of<'changeClaim'>): Promise<void> {
    const { writer, log } = this.#options;
    const live = (await writer.get(PERSISTENT_VOLUME_CLAIM, namespace, name)) as KubeObject | undefined;
    if (!isThere(live, uid)) return;
    const grows = size !== undefined && requested(live) < parseBytes(size);
    const modifies =
      attributesClass !== undefined && readString(live, 'spec', 'volumeAttributesClassName') !== attributesClass;
    if (!grows && !modifies) return;
    const patch = patchOf(uid, grows ? size : undefined, grownAt, modifies ? attributesClass : undefined);
    log.info({ namespace, claim: name, size, attributesClass, why }, 'changing a claim');
    const { resourceVersion = '' } = live.metadata;
    const answer = await writer.patchCas(PERSISTENT_VOLUME_CLAIM, namespace, name, patch, resourceVersion);
    if (modifies && readString(answer, 'spec', 'volumeAttributesClassName') !== attributesClass) {
      const message = `claim ${name}: the API server does not keep volumeAttributesClassName; it needs Kubernetes 1.34 or the feature VolumeAttributesClass`;
      throw new KubeError({ status: 422, reason: 'Invalid', message });
    }
  }

  /** Nothing is removed before the API server has said that it would take what comes next. Throws what it answered, or NotOursError. */
  async orphanPods(app: AppRef, action: Of<'orphanPods'>): Promise<void> {
    const { namespace, name, uid, next, why, adopts } = action;
    const { writer, log } = this.#options;
    const live = (await writer.get(STATEFUL_SET, namespace, name)) as KubeObject | undefined;
    if (!isThere(live, uid)) return;
    if (adopts !== undefined) await checkAdoptable(writer, live, adopts);
    else if (controllerOf(live)?.uid !== app.uid) {
      throw new NotOursError(`StatefulSet ${namespace}/${name} is not controlled by this app, so it is not replaced`);
    }
    await writer.dryRunApply({ ...next, metadata: { ...next.metadata, name: TRIED_AS } });
    log.info({ namespace, app: app.name, why }, 'replacing the StatefulSet; its pods run on');
    const { resourceVersion } = live.metadata;
    await writer.delete(STATEFUL_SET, namespace, name, { uid, resourceVersion, propagation: 'Orphan' });
  }
}

/** That very object, and it stays. */
function isThere(live: KubeObject | undefined, uid: string): live is KubeObject {
  return live !== undefined && live.metadata.uid === uid && live.metadata['deletionTimestamp'] === undefined;
}

function patchOf(uid: string, size: string | undefined, grownAt: string | undefined, attributes: string | undefined) {
  const marks = size === undefined || grownAt === undefined ? {} : { annotations: { [ANNOTATION_GROWN]: grownAt } };
  return {
    metadata: { uid, ...marks },
    spec: {
      ...(size === undefined ? {} : { resources: { requests: { storage: size } } }),
      ...(attributes === undefined ? {} : { volumeAttributesClassName: attributes }),
    },
  };
}

const MOST_TRIES = 5;

/** A name that nobody has: what is tried under a name that exists would be a change of that object. */
const TRIED_AS = 'proffer-dry-run';

function requested(claim: KubeObject): number {
  const size = readField(claim, 'spec', 'resources', 'requests', 'storage');
  return typeof size === 'string' || typeof size === 'number' ? parseBytes(size) : 0;
}
