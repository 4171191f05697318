import type { Policy } from './policy.ts';

/** The node that the member had: 1, any other: 0. A member that never ran likes all the same. */
export const stickiness: Policy = {
  dependsOnNodeOnly: false,
  score: (surroundings, { demand }, row) =>
    demand.previousNode !== '' && surroundings.run.view.nodeTable.names[row] === demand.previousNode ? 1 : 0,
};
