import type { Policy } from './policy.ts';

/** Most free after the placement: the mean free share of the resources that the member asks for. */
export const headroom: Policy = {
  dependsOnNodeOnly: true,
  against:
    ({ run }, { amount }) =>
    (row) => {
      const { nodeTable } = run.view;
      let sum = 0;
      let count = 0;
      for (const [i, column] of amount.columns.entries()) {
        const total = nodeTable.allocatable[row * nodeTable.stride + column] ?? 0;
        if (total === 0) continue;
        sum += Math.max(0, run.scratch.freeAt(row, column) - (amount.values[i] ?? 0)) / total;
        count += 1;
      }
      return count === 0 ? 0 : sum / count;
    },
};
