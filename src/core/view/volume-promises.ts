import type { HeldSlot } from '../facts/held-slot.ts';
import type { ClaimFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { type LatePlace, type LateVolumes, PUBLISHED_AFTER_SECONDS } from './late-volumes.ts';
import type { NodeTable } from './node-table.ts';
import type { PoolCapacity } from './pool-capacity.ts';
import type { StorageFactsIndex } from './storage-facts-index.ts';

export interface Promised {
  readonly storageClassName: string;
  readonly row: number;
  readonly bytes: number;
}

/** A slot's wish for one volume, its storage class resolved. */
export interface SlotVolume {
  readonly storageClassName: string;
  readonly bytes: number;
}

export interface PromiseParts {
  readonly nodes: NodeTable;
  readonly capacity: PoolCapacity;
  readonly facts: StorageFactsIndex;
  /** What becomes of a promise that was kept. Absent: whatever is published counts all volumes that there are. */
  readonly late: LateVolumes | undefined;
}

/**
 * Bytes that somebody counts on and no volume has yet: of slots whose claim is not bound, and of claims for which kube-scheduler has
 * chosen a node. One claim is one promise per node, however many speak of it. It ends when the claim is bound and the volume was seen,
 * since that is what budgets count; for what drivers publish the volume is late from then on (see LateVolumes).
 */
export class VolumePromises {
  readonly #parts: PromiseParts;
  readonly #slots = new Map<string, Map<HeldSlot, SlotVolume>>();
  readonly #standing = new Map<string, readonly Promised[]>();

  constructor(parts: PromiseParts) {
    this.#parts = parts;
  }

  of(claimKey: string): readonly Promised[] {
    return this.#standing.get(claimKey) ?? [];
  }

  addSlot(claimKey: string, slot: HeldSlot, volume: SlotVolume): void {
    const slots = this.#slots.get(claimKey) ?? new Map<HeldSlot, SlotVolume>();
    this.#slots.set(claimKey, slots.set(slot, volume));
    this.update(claimKey);
  }

  removeSlot(claimKey: string, slot: HeldSlot): void {
    const slots = this.#slots.get(claimKey);
    slots?.delete(slot);
    if (slots?.size === 0) this.#slots.delete(claimKey);
    this.update(claimKey);
  }

  /** To be called when the claim changed, or the volume that it is bound to. */
  update(claimKey: string): void {
    const { nodes, facts } = this.#parts;
    const claim = facts.claim(claimKey);
    const before = this.#standing.get(claimKey) ?? [];
    const after: Promised[] = [];
    for (const { node, storageClassName, bytes } of this.#wishes(claimKey, claim)) {
      after.push({ row: nodes.retain(node), storageClassName, bytes });
    }
    const standing = largestPerPlace(after);
    for (const promised of standing) {
      nodes.retainRow(promised.row);
      this.#promise(promised, 1);
    }
    for (const promised of before) {
      this.#promise(promised, -1);
      nodes.release(promised.row);
    }
    for (const { row } of after) nodes.release(row);
    if (standing.length === 0) this.#standing.delete(claimKey);
    else this.#standing.set(claimKey, standing);
    this.#changed(this.#tellLate(claimKey, claim));
  }

  /** The volume is gone: it is late no longer. */
  volumeGone(name: string): void {
    this.#left(this.#parts.late?.gone(name));
  }

  #promise({ storageClassName, row, bytes }: Promised, sign: 1 | -1): void {
    this.#parts.capacity.promise(storageClassName, row, sign * bytes);
    this.#parts.nodes.touch(row);
  }

  #left(place: LatePlace | undefined): void {
    if (place === undefined) return;
    this.#parts.capacity.left(place);
    this.#changed(place);
  }

  #changed(place: LatePlace | undefined): void {
    if (place === undefined) return;
    this.#parts.capacity.recount(place);
    this.#parts.nodes.touch(place.row);
  }

  #wishes(claimKey: string, claim: ClaimFacts | undefined): readonly (SlotVolume & { readonly node: string })[] {
    if (claim !== undefined && this.#isKept(claim)) return [];
    const wishes: (SlotVolume & { readonly node: string })[] = [];
    for (const [slot, volume] of this.#slots.get(claimKey) ?? []) wishes.push({ ...volume, node: slot.slot.node });
    if (claim !== undefined && claim.selectedNode !== '') {
      wishes.push({ storageClassName: claim.storageClassName, bytes: claim.bytes, node: claim.selectedNode });
    }
    return wishes;
  }

  /** Claim and volume come by two watches, and either may be first: until both were seen the promise stands. */
  #isKept({ volumeName, phase }: ClaimFacts): boolean {
    const { facts, late } = this.#parts;
    return volumeName !== '' && (late === undefined || phase === 'Lost' || facts.volumes.has(volumeName));
  }

  #tellLate(claimKey: string, claim: ClaimFacts | undefined): LatePlace | undefined {
    const { late, facts } = this.#parts;
    if (late === undefined) return undefined;
    if (claim === undefined) this.#left(late.claimGone(claimKey));
    const node = claim === undefined ? '' : this.#nodeOf(claimKey, claim);
    if (claim === undefined || node === '' || claim.phase === 'Lost') late.making(claimKey, undefined);
    else {
      const volume = facts.volumes.get(claim.volumeName);
      if (volume !== undefined) return late.made(volume.name, claimKey, newVolume(volume, node), lateUntil(volume));
      // A slot alone is nothing that a driver knows of.
      const isMaking = claim.selectedNode !== '' && claim.bytes > 0 && !late.isGone(claim.volumeName);
      late.making(claimKey, isMaking ? newVolume(claim, node) : undefined);
    }
    return undefined;
  }

  /** Where its volume is made: it says so itself, also later; or its slot does. */
  #nodeOf(claimKey: string, claim: ClaimFacts): string {
    if (claim.selectedNode !== '') return claim.selectedNode;
    for (const { slot } of this.#slots.get(claimKey)?.keys() ?? []) return slot.node;
    return '';
  }
}

function newVolume({ storageClassName, bytes }: SlotVolume, node: string): SlotVolume & { readonly node: string } {
  return { storageClassName, bytes, node };
}

/** Of a volume that does not say when it was made it is taken that it was long ago. */
function lateUntil({ createdAtSeconds = 0 }: VolumeFacts): number {
  return createdAtSeconds === 0 ? 0 : createdAtSeconds + PUBLISHED_AFTER_SECONDS;
}

function largestPerPlace(promises: readonly Promised[]): readonly Promised[] {
  const largest = new Map<string, Promised>();
  for (const promise of promises) {
    const place = `${promise.row}/${promise.storageClassName}`;
    if (promise.bytes > (largest.get(place)?.bytes ?? 0)) largest.set(place, promise);
  }
  return [...largest.values()];
}
