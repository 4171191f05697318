import type { Action, KubeObject } from '../core/app/plan.ts';
import { readField, readString } from '../core/app/read-field.ts';
import { readVolume } from '../core/facts/read-volume.ts';
import type { VolumeFacts } from '../core/facts/storage-facts.ts';
import { markAnnotation } from '../core/recovery/retire-mark.ts';
import { PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, POD } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { Log } from './log.ts';
import { NotOursError } from './not-ours-error.ts';

type Of<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

export interface OperationVolumesOptions {
  readonly writer: Pick<Writer, 'delete' | 'get' | 'patchCas'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

interface LiveVolume {
  readonly facts: VolumeFacts;
  readonly resourceVersion: string;
}

/**
 * How a member's old volume is taken aside: marked and retained, its claim removed, given to the claim that keeps it. Each write looks at
 * everything live first, and does nothing where that is not as it was when it was asked for. No volume is deleted, and no claim whose
 * volume is not retained.
 */
export class OperationVolumes {
  readonly #options: OperationVolumesOptions;

  constructor(options: OperationVolumesOptions) {
    this.#options = options;
  }

  async markVolume({ name, uid, namespace, mark }: Of<'markVolume'>): Promise<void> {
    const { writer, log } = this.#options;
    const live = await this.#volume(name, uid);
    if (live === undefined || (mark === undefined) === (live.facts.retiring === undefined)) return;
    const { claim } = live.facts;
    if (
      mark !== undefined &&
      (claim?.uid !== mark.claimUid || claim.namespace !== namespace || claim.name !== mark.claim)
    )
      return;
    const metadata = { uid, annotations: markAnnotation(mark) };
    const patch = mark === undefined ? { metadata } : { metadata, spec: { persistentVolumeReclaimPolicy: 'Retain' } };
    if (mark !== undefined) log.info({ volume: name, member: mark.member, as: mark.as }, 'marking a volume to be kept');
    await writer.patchCas(PERSISTENT_VOLUME, undefined, name, patch, live.resourceVersion);
  }

  async releaseClaim({ namespace, name, uid, volumeName, member, why }: Of<'releaseClaim'>): Promise<void> {
    const { writer, log } = this.#options;
    const volume = await this.#volume(volumeName);
    if (volume === undefined || !isSafe(volume.facts, namespace, uid)) {
      log.warn(
        { namespace, claim: name, volume: volumeName },
        'its volume is not retained and marked: the claim stays',
      );
      return;
    }
    const pod = await writer.get(POD, namespace, member);
    if (pod !== undefined && readString(pod, 'spec', 'nodeName') !== '') return;
    const claim = (await writer.get(PERSISTENT_VOLUME_CLAIM, namespace, name)) as KubeObject | undefined;
    if (claim === undefined || claim.metadata.uid !== uid || claim.metadata['deletionTimestamp'] !== undefined) return;
    if (readString(claim, 'spec', 'volumeName') !== volumeName) return;
    log.warn({ namespace, claim: name, volume: volumeName, why }, 'removing a claim whose volume is retained');
    const { resourceVersion } = claim.metadata;
    await writer.delete(PERSISTENT_VOLUME_CLAIM, namespace, name, { uid, resourceVersion });
  }

  /** Throws NotOursError when somebody else has taken the volume meanwhile. */
  async rereferVolume({ name, uid, namespace }: Of<'rereferVolume'>): Promise<void> {
    const { writer, log } = this.#options;
    const live = await this.#volume(name, uid);
    const mark = live?.facts.retiring;
    if (live === undefined || mark === undefined || live.facts.reclaimPolicy !== 'Retain') return;
    const { claim } = live.facts;
    if (claim?.namespace === namespace && claim.name === mark.as) return;
    if (claim !== undefined && claim.uid !== mark.claimUid)
      throw new NotOursError(
        `PersistentVolume ${name} was to be kept as claim ${mark.as}, and now belongs to claim ${claim.namespace}/${claim.name}`,
      );
    const old = (await writer.get(PERSISTENT_VOLUME_CLAIM, namespace, mark.claim)) as KubeObject | undefined;
    if (old?.metadata.uid === mark.claimUid) return;
    // With the UID of the claim that is gone it would wait for that one for ever.
    const claimRef = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace,
      name: mark.as,
      uid: null,
      resourceVersion: null,
    };
    log.info({ volume: name, claim: mark.as }, 'giving a volume to the claim that keeps it');
    await writer.patchCas(
      PERSISTENT_VOLUME,
      undefined,
      name,
      { metadata: { uid }, spec: { claimRef } },
      live.resourceVersion,
    );
  }

  async #volume(name: string, uid?: string): Promise<LiveVolume | undefined> {
    const live = await this.#options.writer.get(PERSISTENT_VOLUME, undefined, name);
    if (live === undefined || readField(live, 'metadata', 'deletionTimestamp') !== undefined) return undefined;
    const facts = readVolume(live);
    if (uid !== undefined && facts.uid !== uid) return undefined;
    return { facts, resourceVersion: live.metadata.resourceVersion ?? '' };
  }
}

/** It outlives its claim, and says as what. */
function isSafe({ reclaimPolicy, retiring, claim }: VolumeFacts, namespace: string, claimUid: string): boolean {
  return (
    reclaimPolicy === 'Retain' &&
    retiring?.claimUid === claimUid &&
    claim?.uid === claimUid &&
    claim.namespace === namespace
  );
}
