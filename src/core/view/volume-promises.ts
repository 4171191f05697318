import type { HeldSlot } from '../facts/held-slot.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { NodeTable } from './node-table.ts';
import type { PoolCapacity } from './pool-capacity.ts';

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

/**
 * Bytes that somebody counts on and no volume has yet: of slots whose claim is not bound, and of claims for which kube-scheduler has
 * chosen a node. One claim is one promise per node, however many speak of it.
 */
export class VolumePromises {
  readonly #nodes: NodeTable;
  readonly #capacity: PoolCapacity;
  readonly #slots = new Map<string, Map<HeldSlot, SlotVolume>>();
  readonly #standing = new Map<string, readonly Promised[]>();

  constructor(nodes: NodeTable, capacity: PoolCapacity) {
    this.#nodes = nodes;
    this.#capacity = capacity;
  }

  of(claimKey: string): readonly Promised[] {
    return this.#standing.get(claimKey) ?? [];
  }

  addSlot(claimKey: string, slot: HeldSlot, volume: SlotVolume, claim: ClaimFacts | undefined): void {
    const slots = this.#slots.get(claimKey) ?? new Map<HeldSlot, SlotVolume>();
    this.#slots.set(claimKey, slots.set(slot, volume));
    this.update(claimKey, claim);
  }

  removeSlot(claimKey: string, slot: HeldSlot, claim: ClaimFacts | undefined): void {
    const slots = this.#slots.get(claimKey);
    slots?.delete(slot);
    if (slots?.size === 0) this.#slots.delete(claimKey);
    this.update(claimKey, claim);
  }

  /** To be called when the claim changed. */
  update(claimKey: string, claim: ClaimFacts | undefined): void {
    const before = this.#standing.get(claimKey) ?? [];
    const after: Promised[] = [];
    for (const { node, storageClassName, bytes } of this.#wishes(claimKey, claim)) {
      after.push({ row: this.#nodes.retain(node), storageClassName, bytes });
    }
    const standing = largestPerPlace(after);
    for (const { storageClassName, row, bytes } of standing) {
      this.#nodes.retainRow(row);
      this.#capacity.promise(storageClassName, row, bytes);
      this.#nodes.touch(row);
    }
    for (const { storageClassName, row, bytes } of before) {
      this.#capacity.promise(storageClassName, row, -bytes);
      this.#nodes.touch(row);
      this.#nodes.release(row);
    }
    for (const { row } of after) this.#nodes.release(row);
    if (standing.length === 0) this.#standing.delete(claimKey);
    else this.#standing.set(claimKey, standing);
  }

  #wishes(claimKey: string, claim: ClaimFacts | undefined): readonly (SlotVolume & { readonly node: string })[] {
    if (claim !== undefined && claim.volumeName !== '') return [];
    const wishes: (SlotVolume & { readonly node: string })[] = [];
    for (const [slot, volume] of this.#slots.get(claimKey) ?? []) wishes.push({ ...volume, node: slot.slot.node });
    if (claim !== undefined && claim.selectedNode !== '') {
      wishes.push({ storageClassName: claim.storageClassName, bytes: claim.bytes, node: claim.selectedNode });
    }
    return wishes;
  }
}

function largestPerPlace(promises: readonly Promised[]): readonly Promised[] {
  const largest = new Map<string, Promised>();
  for (const promise of promises) {
    const place = `${promise.row}/${promise.storageClassName}`;
    if (promise.bytes > (largest.get(place)?.bytes ?? 0)) largest.set(place, promise);
  }
  return [...largest.values()];
}
