import type { Policy } from './policy.ts';

/** The node that the member had: 1, any other: 0. A member that never ran likes all the same. */
export const stickiness: Policy = {
  dependsOnNodeOnly: false,
  decidedBy: ({ demand }) => (demand.previousNode === '' ? [] : undefined),
  against: ({ run }, { demand }) => {
    const previous = demand.previousNode === '' ? undefined : run.view.nodeTable.rowOf(demand.previousNode);
    return (row) => (row === previous ? 1 : 0);
  },
};
