import type { Demand } from '../core/allocator/demand.ts';
import { gangWait } from '../core/app/gang.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Stores } from './caches.ts';
import type { ReservationWriter } from './reservation-writer.ts';

/** Looks up the other apps of a demand's gang; answers why it must wait for them. `demandOf` says what they ask for now, by key. */
export function gangWaits(
  { apps }: Pick<Stores, 'apps'>,
  reservations: Pick<ReservationWriter, 'newest'>,
): (demand: Demand, demandOf: (appKey: string) => Demand | undefined) => string | undefined {
  return ({ app: own, gang }, demandOf) => {
    if (gang === undefined) return undefined;
    return gangWait(own.name, gang, (name) => {
      const key = objectKey(own.namespace, name);
      const app = apps.get(key);
      const found = app === undefined ? undefined : reservations.newest(app.metadata);
      return { app, slots: found?.spec.slots ?? [], demand: demandOf(key) };
    });
  };
}
