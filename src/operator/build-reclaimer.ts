import type { Tenant } from '../core/allocator/decision.ts';
import { tenantsOf } from '../core/offers/tenants-of.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import { systemClock } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Writer } from '../kube/writer.ts';
import type { AllocatorLoop } from './allocator-loop.ts';
import type { Stores } from './caches.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import { claimantsIn } from './reclaim-claimants.ts';
import { ReclaimClaims } from './reclaim-claims.ts';
import { ReclaimEviction } from './reclaim-eviction.ts';
import { ReclaimSearch } from './reclaim-search.ts';
import { ReclaimSpared } from './reclaim-spared.ts';
import { Reclaimer } from './reclaimer.ts';
import type { ReservationWriter } from './reservation-writer.ts';

export interface ReclaimerParts {
  readonly stores: Stores;
  readonly view: ClusterView;
  readonly writer: Writer;
  readonly reservations: ReservationWriter;
  readonly allocator: () => Pick<AllocatorLoop, 'demands' | 'nudge'>;
  readonly events: EventRecorder;
  readonly metrics: OperatorMetrics;
  readonly log: Log;
}

/** Wires what brings guarantees back. */
export function buildReclaimer({ stores, view, writer, reservations, allocator, ...rest }: ReclaimerParts): Reclaimer {
  const spared = new ReclaimSpared(stores);
  let tenants: readonly Tenant[] | undefined;
  stores.frameworks.onChange(() => {
    tenants = undefined;
  });
  return new Reclaimer({
    stores,
    writer,
    reservations,
    claims: new ReclaimClaims(view, claimantsIn(stores, reservations)),
    search: new ReclaimSearch({
      view,
      stores,
      tenants: () => (tenants ??= tenantsOf(stores.frameworks.list())),
      isSpared: (held, now) => spared.isSpared(held, now),
      clock: systemClock,
    }),
    spared,
    eviction: new ReclaimEviction({ writer, stores, reservations, now: () => systemClock.epochSeconds() }),
    demands: () => allocator().demands(),
    nudge: () => allocator().nudge(),
    clock: systemClock,
    ...rest,
  });
}
