import type { PodFacts } from '../facts/pod-facts.ts';
import type { NodeVolumes } from './node-volumes.ts';
import { claimKey } from './storage-facts-index.ts';

/** The claims that bound pods use on their nodes. */
export class PodClaims {
  readonly #volumes: NodeVolumes;
  readonly #byPod = new Map<string, { readonly node: string; readonly claims: readonly string[] }>();

  constructor(volumes: NodeVolumes) {
    this.#volumes = volumes;
  }

  /** Its earlier claims must have been released. */
  set({ uid, namespace, nodeName, claims: names }: PodFacts): void {
    if (names.length === 0) return;
    const claims = names.map((name) => claimKey(namespace, name));
    this.#byPod.set(uid, { node: nodeName, claims });
    for (const key of claims) this.#volumes.use(nodeName, key, '');
  }

  release(podUid: string): void {
    const use = this.#byPod.get(podUid);
    if (use === undefined) return;
    for (const key of use.claims) this.#volumes.unuse(use.node, key, '');
    this.#byPod.delete(podUid);
  }
}
