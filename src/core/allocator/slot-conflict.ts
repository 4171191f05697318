import type { Slot } from '../../api/reservation.ts';

/** What the rule looks at. `uid` is the Reservation's. */
export type Contender = Pick<Slot, 'state' | 'epoch' | 'acceptedAt'> & { readonly uid: string };

/**
 * Which of two slots keeps its place when both cannot: a claimed one beats a held one, then the higher epoch (the younger leader),
 * then the earlier acceptance, then the smaller UID. The same everywhere, so that allocator and extender agree without talking.
 */
export function winner<Left extends Contender, Right extends Contender>(a: Left, b: Right): Left | Right {
  return isBefore(b, a) ? b : a;
}

function isBefore(a: Contender, b: Contender): boolean {
  const claimed = Number(b.state === 'Claimed') - Number(a.state === 'Claimed');
  if (claimed !== 0) return claimed < 0;
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  const accepted = instant(a) - instant(b);
  return accepted === 0 ? a.uid < b.uid : accepted < 0;
}

/** Milliseconds; what carries no readable time comes last. */
function instant({ acceptedAt }: Contender): number {
  const millis = Date.parse(acceptedAt);
  return Number.isNaN(millis) ? Number.MAX_SAFE_INTEGER : millis;
}
