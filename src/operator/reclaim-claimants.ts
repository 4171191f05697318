import type { AppRef } from '../core/allocator/demand.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Stores } from './caches.ts';
import { type ReservationWriter, isUsable } from './reservation-writer.ts';

/** What is known of claimants, whether or not they ask at the moment. */
export interface Claimants {
  /** Whether the app is there, and is not being deleted. */
  readonly isThere: (app: AppRef) => boolean;
  /** Whether the member has a slot that it may use, our own last write included. */
  readonly isPlaced: (app: AppRef, member: string) => boolean;
}

/** What memory tells of claimants. */
export function claimantsIn(
  { apps }: Pick<Stores, 'apps'>,
  reservations: Pick<ReservationWriter, 'newest'>,
): Claimants {
  return {
    isThere: ({ namespace, name, uid }) => {
      const metadata = apps.get(objectKey(namespace, name))?.metadata;
      return metadata?.uid === uid && metadata.deletionTimestamp === undefined;
    },
    isPlaced: (app, member) => {
      const slots = reservations.newest(app)?.spec.slots ?? [];
      return slots.some((slot) => slot.member === member && isUsable(slot));
    },
  };
}
