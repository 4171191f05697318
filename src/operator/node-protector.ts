import { nodeProtectionPatch } from '../core/app/node-protection.ts';
import { isPinned } from '../core/app/kept-slots.ts';
import { KubeError, classify } from '../kube/errors.ts';
import { NODE } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import { BY_NODE, type Stores } from './caches.ts';
import type { Log } from './log.ts';

export interface NodeProtectorOptions {
  readonly stores: Pick<Stores, 'nodes' | 'reservations'>;
  readonly writer: Pick<Writer, 'patchMetadata'>;
  /** False: nodes are never written. */
  readonly enabled: boolean;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Keeps autoscalers from removing nodes whose local volumes belong to members, running or suspended. */
export class NodeProtector {
  readonly #options: NodeProtectorOptions;
  #toldForbidden = false;

  constructor(options: NodeProtectorOptions) {
    this.#options = options;
  }

  /** Throws what the API server answered, but for a node that was replaced and for rights that we lack (told once). */
  async reconcile(name: string): Promise<void> {
    const { stores, writer, enabled, log } = this.#options;
    const node = stores.nodes.get(name);
    if (!enabled || node === undefined) return;
    const isNeeded = stores.reservations
      .byIndex(BY_NODE, name)
      .some(({ spec }) => spec.slots.some((slot) => slot.node === name && isPinned(slot)));
    const annotations = nodeProtectionPatch(node, isNeeded);
    if (annotations === undefined) return;
    try {
      await writer.patchMetadata(NODE, undefined, name, { annotations }, { uid: node.uid });
      log.info({ node: name, annotations }, isNeeded ? 'the node is kept from autoscalers' : 'the node is let go');
    } catch (error) {
      if (['conflict', 'notFound'].includes(classify(error))) return;
      if (!(error instanceof KubeError && error.status === 403)) throw error;
      if (!this.#toldForbidden)
        log.warn({ node: name }, 'nodes with local volumes cannot be kept from autoscalers: no right to patch nodes');
      this.#toldForbidden = true;
    }
  }
}
