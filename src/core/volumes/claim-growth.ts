import type { Reason } from '../../api/reasons.ts';
import type { VolumeClaim } from '../../api/volume-claim.ts';
import type { ClaimFacts, StorageClassFacts } from '../facts/storage-facts.ts';
import { formatBytes } from '../resources/quantity.ts';
import { showBytes } from '../resources/show-amount.ts';
import { autoGrowth } from './auto-grow.ts';
import type { VolumeUsage } from './volume-usage.ts';

/** What a decision about one claim looks at. */
export interface ClaimGrowthInput {
  readonly claim: ClaimFacts;
  readonly volume: VolumeClaim;
  /** What the app asks for. */
  readonly bytes: number;
  /** The class that the claim was made in; undefined: it is gone. */
  readonly storageClass: StorageClassFacts | undefined;
  /** The most that any segment of that class has free; undefined: not known. */
  readonly freeBytes: number | undefined;
  readonly usage: VolumeUsage | undefined;
  /** Epoch seconds. */
  readonly now: number;
}

/** What should become of a claim's size. A refusal is for a person; nothing is touched. */
export type ClaimGrowth =
  | { readonly kind: 'none' }
  | { readonly kind: 'grow'; readonly size: string; readonly byItself: boolean; readonly why: string }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly message: string }
  | { readonly kind: 'later'; readonly atSeconds: number };

/** What a bound claim should ask for: what its app asks for, or more when it fills up and may grow by itself. Never less than it asks for. */
export function claimGrowth(input: ClaimGrowthInput): ClaimGrowth {
  const { claim, volume, bytes } = input;
  if (claim.phase !== 'Bound' || claim.deleting) return { kind: 'none' };
  if (claim.bytes < bytes) {
    const why = `volume ${volume.name} asks for ${showBytes(bytes)}`;
    return possible({ kind: 'grow', size: String(volume.size), byItself: false, why }, bytes, input);
  }
  const auto = autoGrowth(claim, volume, input.usage, input.now);
  if (auto.kind === 'atMax') return { kind: 'refused', reason: 'VolumeAtMaxSize', message: auto.message };
  if (auto.kind !== 'grow') return auto;
  return possible({ kind: 'grow', size: formatBytes(auto.bytes), byItself: true, why: auto.why }, auto.bytes, input);
}

function possible(grow: ClaimGrowth, bytes: number, { claim, storageClass, freeBytes }: ClaimGrowthInput): ClaimGrowth {
  const from = `claim ${claim.name} should grow from ${showBytes(claim.bytes)} to ${showBytes(bytes)}`;
  if (storageClass === undefined) {
    const message = `${from}, and its StorageClass ${claim.storageClassName} is gone, without which Kubernetes refuses growth: make the class again`;
    return { kind: 'refused', reason: 'VolumeCannotGrow', message };
  }
  if (!storageClass.allowExpansion) {
    const message = `${from}, and StorageClass ${storageClass.name} does not allow it: nothing was changed; if driver ${storageClass.provisioner} can, set allowVolumeExpansion: true on the class (or spec.allowExpansion on its StoragePool)`;
    return { kind: 'refused', reason: 'VolumeCannotGrow', message };
  }
  const more = bytes - claim.bytes;
  if (freeBytes !== undefined && more > freeBytes) {
    const message = `${from}, which is ${showBytes(more)} more, and StorageClass ${storageClass.name} has at most ${showBytes(freeBytes)} free in one place: nothing was changed; add storage, or ask for less`;
    return { kind: 'refused', reason: 'NoRoomToGrow', message };
  }
  return grow;
}
