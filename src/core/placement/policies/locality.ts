import type { Policy } from './policy.ts';

/**
 * Near the data: the share of the member's volumes that are bound, or whose pool's segment at this node is the one at the node that
 * the member had. Without volumes, or for a first placement, all nodes are alike.
 */
export const locality: Policy = {
  dependsOnNodeOnly: false,
  decidedBy: ({ demand }) => (demand.previousNode === '' ? [] : undefined),
  against:
    ({ run }, need) =>
    (row) => {
      const previous = run.view.nodeTable.rowOf(need.demand.previousNode);
      if (need.volumes.length === 0) return 0;
      let near = 0;
      for (const { bound, storageClassName } of need.volumes) {
        if (bound !== undefined) near += 1;
        else if (previous !== undefined && sharesSegment(run.view.storage.capacity, storageClassName, previous, row))
          near += 1;
      }
      return near / need.volumes.length;
    },
};

type Capacity = Parameters<Policy['against']>[0]['run']['view']['storage']['capacity'];

function sharesSegment(capacity: Capacity, storageClassName: string, left: number, right: number): boolean {
  const here = capacity.segmentsAt(storageClassName, right) ?? [];
  return (capacity.segmentsAt(storageClassName, left) ?? []).some((segment) => here.includes(segment));
}
