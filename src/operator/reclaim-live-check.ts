import type { PersistentApp } from '../api/persistent-app.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { controllerOf, readField, readList, readString } from '../core/app/read-field.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import { readVolume } from '../core/facts/read-volume.ts';
import type { VolumeFacts } from '../core/facts/storage-facts.ts';
import { termMatches } from '../core/placement/stages/volumes-fit.ts';
import { objectKey } from '../kube/kube-object.ts';
import { PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, POD } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { Stores } from './caches.ts';
import type { SlotOwner } from './reservation-writer.ts';

/** A member that is to go, by its pod. */
export interface Leaving {
  readonly app: SlotOwner;
  readonly member: string;
  readonly node: string;
  readonly podUid: string;
}

export interface LiveCheckOptions {
  readonly writer: Pick<Writer, 'get'>;
  readonly stores: Pick<Stores, 'apps' | 'nodes' | 'statefulSets'>;
}

/** Looks at what would be destroyed, past all caches. */
export class ReclaimLiveCheck {
  readonly #options: LiveCheckOptions;

  constructor(options: LiveCheckOptions) {
    this.#options = options;
  }

  /** `gone`: the pod is on its way out, gone, or another one; else why it may not go, or `may go`. Throws what the API server answered. */
  async look(leaving: Leaving): Promise<'may go' | 'gone' | { readonly problem: string }> {
    const pod = await this.#options.writer.get(POD, leaving.app.namespace, leaving.member);
    if (pod === undefined || pod.metadata.uid !== leaving.podUid) return 'gone';
    if (readString(pod, 'metadata', 'deletionTimestamp') !== '') return 'gone';
    const problem =
      this.#ownerProblem(leaving, pod as KubeObject) ?? (await this.#volumeProblem(leaving, pod as KubeObject));
    return problem === undefined ? 'may go' : { problem };
  }

  /** Its slot names it, and the chain from pod over StatefulSet to app is whole. */
  #ownerProblem({ app, member, node }: Leaving, pod: KubeObject): string | undefined {
    const { apps, statefulSets } = this.#options.stores;
    const key = objectKey(app.namespace, app.name);
    const owner = apps.get(key);
    if (owner?.metadata.uid !== app.uid) return `${member} belongs to an app that is gone`;
    const atRest = restOf(owner);
    if (atRest !== undefined) return `${key} ${atRest}`;
    const set = statefulSets.get(key);
    const isOurs = set !== undefined && controllerOf(set)?.uid === app.uid;
    const controller = controllerOf(pod);
    if (!isOurs || controller?.kind !== 'StatefulSet' || controller.uid !== set.metadata.uid)
      return `pod ${member} is not controlled by the StatefulSet of ${key}`;
    return readString(pod, 'spec', 'nodeName') === node ? undefined : `pod ${member} does not run on ${node}`;
  }

  /** A volume that can be reached from no other node stays, and so does what is in a path of the node itself. */
  async #volumeProblem({ app, member, node }: Leaving, pod: KubeObject): Promise<string | undefined> {
    for (const volume of readList(pod, 'spec', 'volumes')) {
      if (readField(volume, 'hostPath') !== undefined) return `${member} uses a path of ${node}`;
      const claim = readString(volume, 'persistentVolumeClaim', 'claimName');
      if (claim === '') continue;
      const problem = await this.#claimProblem(app.namespace, claim, node);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  async #claimProblem(namespace: string, claim: string, node: string): Promise<string | undefined> {
    const { writer, stores } = this.#options;
    const found = await writer.get(PERSISTENT_VOLUME_CLAIM, namespace, claim);
    const name = readString(found, 'spec', 'volumeName');
    const volume = name === '' ? undefined : await writer.get(PERSISTENT_VOLUME, undefined, name);
    if (volume === undefined) return `nobody knows where the volume of claim ${namespace}/${claim} is`;
    const isLocal =
      readField(volume, 'spec', 'local') !== undefined || readField(volume, 'spec', 'hostPath') !== undefined;
    if (!isLocal && isReachableElsewhere(readVolume(volume), node, () => stores.nodes.list())) return undefined;
    return `the volume of claim ${namespace}/${claim} can be reached only from ${node}`;
  }
}

/** Whether some other node can reach the volume. */
export function isReachableElsewhere(
  { nodeTerms }: Pick<VolumeFacts, 'nodeTerms'>,
  node: string,
  nodes: () => readonly NodeFacts[],
): boolean {
  if (nodeTerms === undefined) return true;
  return nodes().some((other) => other.name !== node && nodeTerms.some((term) => termMatches(other, term)));
}

/** Why nothing is done for the app, so that a member that went would not come back. */
export function restOf({ metadata, spec }: PersistentApp): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted';
  return spec.paused ? 'is paused' : undefined;
}
