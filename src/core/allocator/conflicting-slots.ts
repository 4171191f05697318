import { RESOURCE_ATTACH_PREFIX } from '../../api/labels.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Segment } from '../view/segments.ts';
import { claimKey } from '../view/storage-facts-index.ts';
import { overfullSlots } from './overfull-slots.ts';

/**
 * The slots that must give way because two leaders promised the same thing: room or attach slots of this node, or bytes of a pool that
 * slots here are promised (then also slots of other nodes). Each once.
 */
export function conflictingSlots(view: ClusterView, nodeName: string): readonly HeldSlot[] {
  const node = view.node(nodeName);
  if (node === undefined) return [];
  const slots = view.slotsOn(nodeName);
  const limits = { ...node.allocatable, ...attachLimits(view, nodeName, slots) };
  const ofNode = overfullSlots(slots, limits, (slot) => ({ ...slot.resources, ...attachesOf(view, slot, limits) }));
  return [...new Set([...ofNode, ...overfullInPools(view, nodeName, slots)])];
}

function attachLimits(view: ClusterView, node: string, slots: readonly HeldSlot[]): Resources {
  const limits: Record<string, number> = {};
  for (const driver of new Set(slots.flatMap((slot) => driversOf(view, slot)))) {
    const limit = view.storage.attachments.limit(node, driver);
    if (limit !== undefined) limits[`${RESOURCE_ATTACH_PREFIX}${driver}`] = limit;
  }
  return limits;
}

/** Volumes by driver, of those drivers that have a limit. */
function attachesOf(view: ClusterView, slot: HeldSlot, limits: Resources): Resources {
  const counts: Record<string, number> = {};
  for (const driver of driversOf(view, slot)) {
    const name = `${RESOURCE_ATTACH_PREFIX}${driver}`;
    if (limits[name] !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function driversOf(view: ClusterView, { namespace, slot }: HeldSlot): readonly string[] {
  return slot.volumes.flatMap(
    (volume) =>
      view.storage.facts.driverOf(claimKey(namespace, volume.claim), view.storage.facts.classOf(volume)) ?? [],
  );
}

/** Of slots of different leaders, those of the older ones that do not fit into what the driver says it can still make. */
function overfullInPools(view: ClusterView, nodeName: string, slots: readonly HeldSlot[]): readonly HeldSlot[] {
  const row = view.nodeTable.rowOf(nodeName) ?? -1;
  const classes = new Set(
    slots.flatMap((slot) => slot.slot.volumes.map((volume) => view.storage.facts.classOf(volume))),
  );
  return [...classes].flatMap((name) =>
    view.storage.capacity.limitsAt(name, row).flatMap(({ segments }) => {
      const segment = overpromised(view, name, segments);
      return segment === undefined ? [] : overfullInSegment(view, name, segment);
    }),
  );
}

/** Where a volume may come from any of several segments, there is a conflict only when all of them are promised too much of. */
function overpromised(view: ClusterView, storageClass: string, segments: readonly Segment[]): Segment | undefined {
  if (segments.some((segment) => view.storage.capacity.freeBytes(storageClass, segment) >= 0)) return undefined;
  return segments.toSorted((a, b) => b.capacityBytes - a.capacityBytes)[0];
}

function overfullInSegment(view: ClusterView, storageClass: string, segment: Segment): readonly HeldSlot[] {
  const rows = [...segment.index.rowsOf(segment.signature)];
  const classes = segment.source === 'published' ? view.storage.capacity.sharing(storageClass) : [storageClass];
  const slots = rows
    .flatMap((row) => [...view.members.slotsOn(row)])
    .filter((slot) => promisedBytes(view, slot, classes) > 0);
  // One leader never promises twice: if these exceed what is there, the pool shrank, and the driver will say so.
  const youngest = Math.max(...slots.map(({ slot }) => slot.epoch));
  const losers = overfullSlots(slots, { bytes: segment.capacityBytes }, (slot) => ({
    bytes: promisedBytes(view, slot, classes),
  }));
  return losers.filter(({ slot }) => slot.epoch < youngest);
}

/**
 * Bytes that the slot counts on and nobody makes yet. A volume that is being made may be counted in what the driver says, or not yet:
 * it is left to the driver.
 */
function promisedBytes({ storage }: ClusterView, { namespace, slot }: HeldSlot, classes: readonly string[]): number {
  let bytes = 0;
  for (const volume of slot.volumes) {
    const claim = storage.facts.claim(claimKey(namespace, volume.claim));
    const isOpen = claim === undefined || (claim.volumeName === '' && claim.selectedNode === '');
    if (isOpen && classes.includes(storage.facts.classOf(volume))) bytes += volume.bytes;
  }
  return bytes;
}
