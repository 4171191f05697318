import { declined } from '../allocator/declined-unit.ts';
import type { Decline } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import { gangWait } from '../app/gang.ts';
import type { LoadedCluster } from '../view/load-objects.ts';

/** Of all demands those that the operator would decide about now, and the declines of those that must wait for other apps of their gangs. */
export interface Servable {
  readonly demands: readonly Demand[];
  readonly waiting: readonly Decline[];
}

export function servableDemands({ apps, reservations }: LoadedCluster, all: readonly Demand[]): Servable {
  const byKey = new Map(all.map((demand) => [`${demand.app.namespace}/${demand.app.name}`, demand]));
  const demands: Demand[] = [];
  const waiting: Decline[] = [];
  for (const demand of all) {
    const { app, gang } = demand;
    const wait =
      gang === undefined
        ? undefined
        : gangWait(app.name, gang, (name) => {
            const key = `${app.namespace}/${name}`;
            return { app: apps.get(key), slots: reservations.get(key)?.spec.slots ?? [], demand: byKey.get(key) };
          });
    if (wait === undefined) demands.push(demand);
    else waiting.push({ ...declined(demand, 'GangIncomplete', wait), wantsNodes: false });
  }
  return { demands, waiting };
}
