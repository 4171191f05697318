import type { Policy } from './policy.ts';

/** Hosts and zones with fewest members of the app: (1 / (1 + members on the host) + 1 / (1 + members in the zone)) / 2. */
export const spread: Policy = {
  dependsOnNodeOnly: false,
  score: (surroundings, _need, row) =>
    (1 / (1 + surroundings.membersBeside('@hostname', row)) + 1 / (1 + surroundings.membersBeside('@zone', row))) / 2,
};
