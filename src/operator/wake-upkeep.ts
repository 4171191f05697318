import { isDeepStrictEqual } from 'node:util';
import type { Reservation, Slot } from '../api/reservation.ts';
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
    for (const node of contestedNodes(next, previous)) if (next !== previous) wake(`node ${node}`);
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

/**
 * Where a slot may have to give way: nodes of slots that wait for their pods, and of those that are new there or in a new state. A pod that
 * was let in by what is not so any more has its slot where it runs, and the one that was promised the room says nothing new of itself.
 */
function contestedNodes(next: Reservation | undefined, previous: Reservation | undefined): ReadonlySet<string> {
  const known = new Set(previous?.spec.slots.map(standOf));
  const slots = next?.spec.slots.filter((slot) => slot.state === 'Held' || !known.has(standOf(slot)));
  return new Set(slots?.map(({ node }) => node));
}

function standOf({ member, node, state }: Slot): string {
  return `${member} ${node} ${state}`;
}

function pinningNodes(reservation: Reservation | undefined): readonly string[] {
  return reservation?.spec.slots.filter(isPinned).map((slot) => slot.node) ?? [];
}
