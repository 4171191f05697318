import { isDeepStrictEqual } from 'node:util';
import type { Reservation } from '../api/reservation.ts';
import { isPinned } from '../core/app/kept-slots.ts';
import type { Stores } from './caches.ts';
import type { UpkeepKey } from './work-queues.ts';

/** Says, from now on, which change concerns frameworks, pools, nodes with slots, and objects of kinds without behaviour. */
export function wakeUpkeep(stores: Stores, wake: (key: UpkeepKey) => void): void {
  const wakePools = () => {
    for (const name of stores.pools.keys()) wake(`pool ${name}`);
  };
  const wakeFrameworks = () => wake('frameworks');
  stores.frameworks.onChange(wakeFrameworks);
  stores.pools.onChange((name) => wake(`pool ${name}`));
  stores.appOperations.onChange((key) => wake(`operation ${key}`));
  stores.appBackups.onChange((key) => wake(`backup ${key}`));
  stores.reservations.onChange((_key, next, previous) => {
    wakeFrameworks();
    wakePools();
    for (const node of nodesOf(next)) if (next !== previous) wake(`node ${node}`);
    for (const node of new Set([...pinningNodes(previous), ...pinningNodes(next)])) wake(`protection ${node}`);
  });
  stores.nodes.onChange((name, next, previous) => {
    if (next?.fencedByUs !== undefined) wake(`fenced ${name}`);
    if (!isDeepStrictEqual(next?.protection, previous?.protection)) wake(`protection ${name}`);
    // Shares are of the whole cluster; a node that only changes its state changes none.
    if (JSON.stringify(next?.allocatable) !== JSON.stringify(previous?.allocatable)) wakeFrameworks();
  });
  stores.storageClasses.onChange(wakePools);
  stores.capacities.onChange(wakePools);
  stores.drivers.onChange(wakePools);
  stores.csiNodes.onChange(wakePools);
  stores.volumes.onChange(wakePools);
  // One attachment too many breaks a pool's promise.
  stores.attachments.onChange((_key, next, previous) => {
    if (next?.attached === true && previous?.attached !== true) wakePools();
  });
  stores.claims.onChange((_key, next, previous) => {
    if (next?.volumeName !== previous?.volumeName) wakePools();
  });
}

function nodesOf(reservation: Reservation | undefined): ReadonlySet<string> {
  return new Set(reservation?.spec.slots.filter((slot) => slot.state === 'Held').map((slot) => slot.node) ?? []);
}

function pinningNodes(reservation: Reservation | undefined): readonly string[] {
  return reservation?.spec.slots.filter(isPinned).map((slot) => slot.node) ?? [];
}
