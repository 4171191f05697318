import type { AcceptedSlot } from '../allocator/decision.ts';
import type { AppRef } from '../allocator/demand.ts';
import { type HeldSlot, withPod } from '../facts/held-slot.ts';
import { formatResourceList } from '../resources/resource-list.ts';

/** Slots between their acceptance and the moment the watch shows them: without them the same room would be given twice. */
export class AssumedSlots {
  readonly #byApp = new Map<string, Map<string, HeldSlot>>();

  /** One assumed slot per member: a later decision replaces an earlier one. */
  add(app: AppRef, accepted: AcceptedSlot, framework: string): { added: HeldSlot; replaced: HeldSlot | undefined } {
    const slots = this.#byApp.get(app.uid) ?? new Map<string, HeldSlot>();
    this.#byApp.set(app.uid, slots);
    const replaced = slots.get(accepted.member);
    const added = heldSlot(app, accepted, framework);
    slots.set(accepted.member, added);
    return { added, replaced };
  }

  /** Takes out the assumed slot that this one, seen through the watch, confirms. */
  takeSeen(seen: HeldSlot): HeldSlot | undefined {
    const slots = this.#byApp.get(seen.appUid);
    const assumed = slots?.get(seen.slot.member);
    if (slots === undefined || assumed === undefined || assumed.slot.node !== seen.slot.node) return undefined;
    slots.delete(seen.slot.member);
    if (slots.size === 0) this.#byApp.delete(seen.appUid);
    return assumed;
  }

  takeAll(appUid: string): readonly HeldSlot[] {
    const slots = [...(this.#byApp.get(appUid)?.values() ?? [])];
    this.#byApp.delete(appUid);
    return slots;
  }
}

/** Whether a slot was accepted and not seen through the watch yet. */
export function isAssumed(slot: HeldSlot): boolean {
  return slot.uid === '';
}

function heldSlot(app: AppRef, accepted: AcceptedSlot, framework: string): HeldSlot {
  return {
    uid: '',
    namespace: app.namespace,
    appName: app.name,
    appUid: app.uid,
    framework,
    resources: withPod(accepted.resources),
    slot: {
      member: accepted.member,
      node: accepted.node,
      zone: accepted.zone,
      resources: formatResourceList(accepted.resources),
      volumes: accepted.volumes.map((volume) => ({ ...volume })),
      state: 'Held',
      decision: '',
      podUID: '',
      epoch: 0,
      acceptedAt: '',
    },
  };
}
