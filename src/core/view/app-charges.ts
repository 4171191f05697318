import { RESOURCE_ATTACH_PREFIX, RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';
import { add, maxOf } from '../resources/vector.ts';
import type { MemberCharges } from './member-charges.ts';
import type { StorageView } from './storage-view.ts';

/** What a volume costs its framework: bytes of the pool, and one attach slot of the driver that its class names. */
export function volumeCharge(
  storage: StorageView,
  volume: { readonly pool: string; readonly storageClassName: string; readonly bytes: number },
): Resources {
  const charge: Record<string, number> = {};
  if (volume.pool !== '') charge[`${RESOURCE_STORAGE_PREFIX}${volume.pool}`] = volume.bytes;
  const driver = storage.facts.classes.get(storage.facts.classOf(volume))?.provisioner;
  if (driver !== undefined) charge[`${RESOURCE_ATTACH_PREFIX}${driver}`] = 1;
  return charge;
}

/** An app's charge, and what it was worked out from. */
interface KnownCharge {
  readonly members: number;
  readonly storage: number;
  readonly charge: Resources;
}

/** What each Framework's apps are charged. An app's Framework is what its slots say; pods of an app without slots are nobody's. */
export class AppCharges {
  readonly #members: MemberCharges;
  readonly #storage: StorageView;
  readonly #known = new Map<string, KnownCharge>();
  readonly #slotsOfApp = new Map<string, Set<HeldSlot>>();

  constructor(members: MemberCharges, storage: StorageView) {
    this.#members = members;
    this.#storage = storage;
  }

  addSlot(slot: HeldSlot): void {
    const slots = this.#slotsOfApp.get(slot.appUid) ?? new Set<HeldSlot>();
    this.#slotsOfApp.set(slot.appUid, slots.add(slot));
  }

  removeSlot(slot: HeldSlot): void {
    const slots = this.#slotsOfApp.get(slot.appUid);
    slots?.delete(slot);
    if (slots?.size !== 0) return;
    this.#slotsOfApp.delete(slot.appUid);
    this.#known.delete(slot.appUid);
  }

  byFramework(): ReadonlyMap<string, Resources> {
    const charges = new Map<string, Record<string, number>>();
    for (const [appUid, slots] of this.#slotsOfApp) {
      const framework = frameworkOf(slots);
      if (framework === '') continue;
      const sum = charges.get(framework) ?? {};
      charges.set(framework, sum);
      addInto(sum, this.#chargeOf(appUid, slots));
    }
    return charges;
  }

  #chargeOf(appUid: string, slots: ReadonlySet<HeldSlot>): Resources {
    const members = this.#members.versionOf(appUid);
    const storage = this.#storage.generation;
    const known = this.#known.get(appUid);
    if (known !== undefined && known.members === members && known.storage === storage) return known.charge;
    const charge = add(this.#members.chargedToApp(appUid), this.#volumesOf(slots));
    this.#known.set(appUid, { members, storage, charge });
    return charge;
  }

  /** Each claim once, though a member that moves has two slots for a while. */
  #volumesOf(slots: ReadonlySet<HeldSlot>): Resources {
    const byClaim = new Map<string, Resources>();
    for (const { slot } of slots) {
      for (const volume of slot.volumes) {
        byClaim.set(volume.claim, maxOf(byClaim.get(volume.claim) ?? {}, volumeCharge(this.#storage, volume)));
      }
    }
    let total: Resources = {};
    for (const charge of byClaim.values()) total = add(total, charge);
    return total;
  }
}

/** The same from whichever slot one starts: an app has one framework, and slots in between two say the later name. */
function frameworkOf(slots: ReadonlySet<HeldSlot>): string {
  let name = '';
  for (const { framework } of slots) if (framework > name) name = framework;
  return name;
}

function addInto(sum: Record<string, number>, charge: Resources): void {
  for (const name of Object.keys(charge)) sum[name] = (sum[name] ?? 0) + (charge[name] ?? 0);
}
