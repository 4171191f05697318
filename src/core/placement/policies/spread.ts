import type { Surroundings } from '../surroundings.ts';
import type { Policy } from './policy.ts';

/** Hosts and zones with fewest members of the app: (1 / (1 + members on the host) + 1 / (1 + members in the zone)) / 2. */
export const spread: Policy = {
  dependsOnNodeOnly: false,
  decidedBy: () => ['@hostname', '@zone'],
  against: (surroundings) => {
    const host = closeness(surroundings, '@hostname');
    const zone = closeness(surroundings, '@zone');
    if (host === alike && zone === alike) return alike;
    return (row) => (host(row) + zone(row)) / 2;
  },
};

function closeness({ run, counts }: Surroundings, key: string): (row: number) => number {
  const members = counts(key);
  if (members.size === 0) return alike;
  const values = run.values.of(key);
  return (row) => 1 / (1 + (members.get(values[row] ?? NOWHERE) ?? 0));
}

/** The app has no members anywhere. */
const alike = (): number => 1;

/** No label value has this form. */
const NOWHERE = '\0';
