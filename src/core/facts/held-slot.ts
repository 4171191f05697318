import { LABEL_FRAMEWORK } from '../../api/labels.ts';
import type { Reservation, Slot } from '../../api/reservation.ts';
import { parseResourceList } from '../resources/resource-list.ts';
import type { Resources } from '../resources/resources.ts';

/** A slot with whose it is. `uid` is the Reservation's, empty for a slot that was accepted and not yet seen through the watch. */
export interface HeldSlot {
  readonly uid: string;
  readonly namespace: string;
  readonly appName: string;
  readonly appUid: string;
  /** The Framework that it is charged to, empty when it is not known. */
  readonly framework: string;
  readonly slot: Slot;
  /** What it reserves; one pod at least, since that is what it stands for. */
  readonly resources: Resources;
}

/**
 * The slots of a Reservation.
 * @throws Error naming member and resource when a quantity is malformed.
 */
export function readHeldSlots(reservation: Reservation): readonly HeldSlot[] {
  const { metadata, spec } = reservation;
  const owner = {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    appName: spec.app.name,
    appUid: spec.app.uid,
    framework: metadata.labels?.[LABEL_FRAMEWORK] ?? '',
  };
  return spec.slots.map((slot) => ({ ...owner, slot, resources: slotResources(slot) }));
}

function slotResources(slot: Slot): Resources {
  try {
    return withPod(parseResourceList(slot.resources));
  } catch (error) {
    throw new Error(`slot of ${slot.member}: ${(error as Error).message}`, { cause: error });
  }
}

/** The same amounts with `pods` at least 1. */
export function withPod(resources: Resources): Resources {
  return (resources['pods'] ?? 0) >= 1 ? resources : { ...resources, pods: 1 };
}
