import { ANNOTATION_FENCED } from '../api/labels.ts';
import type { AppRef } from '../core/allocator/demand.ts';
import type { Action, KubeObject } from '../core/app/plan.ts';
import { controllerOf, readList, readString } from '../core/app/read-field.ts';
import { formatTime } from '../core/app/rfc3339.ts';
import { readNode } from '../core/facts/read-node.ts';
import { withdrawn } from '../core/recovery/evidence.ts';
import { type NodeTrouble, OUR_TAINT, TAINT_OUT_OF_SERVICE } from '../core/recovery/node-trouble.ts';
import { KubeError, classify } from '../kube/errors.ts';
import { objectKey } from '../kube/kube-object.ts';
import { LEASE, NODE, POD, VOLUME_ATTACHMENT } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { Log } from './log.ts';
import { NODE_LEASE_NAMESPACE, readNodeLease } from './node-leases.ts';
import { NotOursError } from './not-ours-error.ts';

type Of<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

export interface RecoveryActionsOptions {
  readonly writer: Pick<Writer, 'delete' | 'get' | 'patchCas'>;
  readonly cached: (kind: string, key: string) => KubeObject | undefined;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** What the caches say is wrong with a node, and what it was judged by; undefined: nothing is wrong any more. */
  readonly troubleOf: (nodeName: string) => NodeTrouble | undefined;
  /** Asks the fencing hook and returns at once; absent: there is none. */
  readonly askFencing?: ((action: Of<'askFencing'>) => void) | undefined;
}

/** The node as it was when it was judged. */
interface JudgedNode {
  readonly nodeName: string;
  /** Empty: its object was gone. */
  readonly nodeUID: string;
  readonly renewedAt: string;
}

/** What recovery takes from a lost node. Each reads the Lease of the node and the object itself first, and leaves both alone when the node lives. */
export class RecoveryActions {
  readonly #options: RecoveryActionsOptions;
  #mayTaint: boolean;

  /** @param mayTaint whether nodes may be declared out of service. */
  constructor(options: RecoveryActionsOptions, mayTaint: boolean) {
    this.#options = options;
    this.#mayTaint = mayTaint;
  }

  /** False also once the API server has refused it. */
  get mayTaint(): boolean {
    return this.#mayTaint;
  }

  /** Throws what the API server answered, or NotOursError. */
  async forceDeletePod(app: AppRef, action: Of<'forceDeletePod'>): Promise<void> {
    const { writer, cached, log } = this.#options;
    const { namespace, name, uid, nodeName, why } = action;
    if (!(await this.#isStillLost(action))) return;
    const live = (await writer.get(POD, namespace, name)) as KubeObject | undefined;
    if (live === undefined || live.metadata.uid !== uid || readString(live, 'spec', 'nodeName') !== nodeName) return;
    const owner = cached('StatefulSet', objectKey(namespace, app.name));
    const isOurs = owner !== undefined && controllerOf(owner)?.uid === app.uid;
    if (!isOurs || controllerOf(live)?.uid !== owner.metadata.uid) {
      throw new NotOursError(
        `pod ${namespace}/${name} is not controlled by this app's StatefulSet, so it is not deleted`,
      );
    }
    log.warn({ namespace, app: app.name, pod: name, node: nodeName, why }, 'removing the pod of a lost node');
    const { resourceVersion } = live.metadata;
    await writer.delete(POD, namespace, name, { uid, resourceVersion, gracePeriodSeconds: 0 });
  }

  /** The list of taints is one field for the API server (`listType=atomic`), so ours is added by compare-and-swap. */
  async declareOutOfService({ nodeName, uid, renewedAt, why }: Of<'declareOutOfService'>): Promise<void> {
    const { writer, now, log } = this.#options;
    if (!(await this.#isStillLost({ nodeName, nodeUID: uid, renewedAt }))) return;
    const live = (await writer.get(NODE, undefined, nodeName)) as KubeObject | undefined;
    if (live === undefined || live.metadata.uid !== uid) return;
    const taints = readList(live, 'spec', 'taints');
    if (taints.some(isOutOfService)) return;
    const patch = {
      metadata: { uid, annotations: { [ANNOTATION_FENCED]: formatTime(now()) } },
      spec: { taints: [...taints, OUR_TAINT] },
    };
    log.warn({ node: nodeName, for: why }, 'declaring a lost node out of service');
    try {
      await writer.patchCas(NODE, undefined, nodeName, patch, live.metadata.resourceVersion ?? '');
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 403)) throw error;
      log.warn(
        { node: nodeName },
        'no right to taint nodes: volumes are detached one by one, which takes up to a minute',
      );
      this.#mayTaint = false;
    }
  }

  /** Cutting a machine off is as final as the rest: not before it is seen once more that it is lost. */
  async askFencing(action: Of<'askFencing'>): Promise<void> {
    const { nodeName, uid: nodeUID, renewedAt } = action;
    if (await this.#isStillLost({ nodeName, nodeUID, renewedAt })) this.#options.askFencing?.(action);
  }

  async deleteAttachment(action: Of<'deleteAttachment'>): Promise<void> {
    const { writer, log } = this.#options;
    const { name, uid, nodeName, why } = action;
    if (!(await this.#isStillLost(action))) return;
    const live = (await writer.get(VOLUME_ATTACHMENT, undefined, name)) as KubeObject | undefined;
    if (live === undefined || live.metadata.uid !== uid || live.metadata['deletionTimestamp'] !== undefined) return;
    if (readString(live, 'spec', 'nodeName') !== nodeName) return;
    log.warn({ attachment: name, node: nodeName, for: why }, 'detaching a volume from a lost node');
    await writer.delete(VOLUME_ATTACHMENT, undefined, name, { uid, resourceVersion: live.metadata.resourceVersion });
  }

  /** Takes back what `declareOutOfService` did, and nothing else: a taint that somebody changed since is theirs. Answers whether there is nothing of ours any more. */
  async takeBack(nodeName: string, uid: string): Promise<boolean> {
    const { writer, log } = this.#options;
    const live = (await writer.get(NODE, undefined, nodeName)) as KubeObject | undefined;
    if (live === undefined || live.metadata.uid !== uid) return true;
    if (live.metadata.annotations?.[ANNOTATION_FENCED] === undefined) return true;
    const taints = readList(live, 'spec', 'taints').filter((taint) => !isOurs(taint));
    const patch = { metadata: { uid, annotations: { [ANNOTATION_FENCED]: null } }, spec: { taints } };
    log.info({ node: nodeName }, 'the node is back, or somebody took our taint away: nothing of ours is left on it');
    try {
      await writer.patchCas(NODE, undefined, nodeName, patch, live.metadata.resourceVersion ?? '');
      return true;
    } catch (error) {
      if (classify(error) !== 'conflict') throw error;
      return false;
    }
  }

  /** The last word before anything is taken from a node: its Lease and its object as they are now, past all caches. */
  async #isStillLost({ nodeName, nodeUID, renewedAt }: JudgedNode): Promise<boolean> {
    const { writer, log, troubleOf } = this.#options;
    const judged = troubleOf(nodeName);
    const lease = await writer.get(LEASE, NODE_LEASE_NAMESPACE, nodeName);
    if (lease !== undefined && readNodeLease(lease).renewTime !== renewedAt) {
      log.info({ node: nodeName }, 'the node has renewed its Lease meanwhile: nothing is taken from it');
      return false;
    }
    const node = await writer.get(NODE, undefined, nodeName);
    const isSame = (node?.metadata.uid ?? '') === nodeUID;
    const why = isSame ? whyNotLost(judged, node) : 'it is not the one that was judged';
    if (why === undefined) return true;
    log.info({ node: nodeName, why }, 'nothing is taken from the node before it is judged anew');
    return false;
  }
}

/** What speaks for the node by now; undefined: nothing. */
function whyNotLost(judged: NodeTrouble | undefined, live: object | undefined): string | undefined {
  if (judged === undefined) return 'nothing is wrong with it any more';
  return live === undefined ? undefined : withdrawn(judged, readNode(live));
}

function isOurs(taint: unknown): boolean {
  return Object.entries(OUR_TAINT).every(([field, value]) => readString(taint, field) === value);
}

function isOutOfService(taint: unknown): boolean {
  return readString(taint, 'key') === TAINT_OUT_OF_SERVICE;
}
