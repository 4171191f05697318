// Nodes in two zones, and storage classes whose disks nobody has anything on: what a view knows of before anything happens.
import type { StoragePool } from '../../src/api/storage-pool.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import { DRIVER, GI, nodeFacts, storageClassFacts, storagePool } from '../support/core-builders.ts';

export const ZONE = 'topology.kubernetes.io/zone';
export const ZONES = ['a', 'b'] as const;
/** Two in one zone, one in the other. */
export const NODES = [
  ['n1', 'a'],
  ['n2', 'a'],
  ['n3', 'b'],
] as const;
/** Bytes of each zone's disks. */
export const ROOM = 60 * GI;

export interface DiskOptions {
  /** Storage classes, all on the same disks. */
  readonly classes: readonly string[];
  /** The driver tells nothing, and a pool declares what there is. */
  readonly isDeclared?: boolean;
}

/** A view that hears of the world for the first time, at `now`. */
export function emptyDisks({ classes, isDeclared = false }: DiskOptions, now: number): ClusterView {
  const view = new ClusterView();
  view.advance(now);
  for (const [name, zone] of NODES) view.setNode(nodeFacts(name, { zone }));
  view.setDriver({ name: DRIVER, publishesCapacity: !isDeclared });
  for (const name of classes) {
    view.setStorageClass(storageClassFacts(name));
    view.setPool(poolOver(name, isDeclared));
  }
  return view;
}

function poolOver(storageClassName: string, isDeclared: boolean): StoragePool {
  if (isDeclared) return storagePool(storageClassName, { storageClassName, perZone: { a: `${ROOM}`, b: `${ROOM}` } });
  return storagePool(storageClassName, { storageClassName, capacity: { source: 'CSI', perZone: [], group: 'disks' } });
}
