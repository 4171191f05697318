import type { Policy } from './policy.ts';

/** Keeps apps that want no GPU off nodes that have some: 0 there, 1 elsewhere. A preference, never an exclusion. */
export const gpuShy: Policy = {
  dependsOnNodeOnly: true,
  against:
    ({ run }, { amount }) =>
    (row) => {
      const { nodeTable } = run.view;
      for (let column = 0; column < nodeTable.stride; column += 1) {
        if ((nodeTable.allocatable[row * nodeTable.stride + column] ?? 0) === 0) continue;
        if (isGpu(nodeTable.columns.name(column)) && !amount.columns.includes(column)) return 0;
      }
      return 1;
    },
};

/** `nvidia.com/gpu`, `amd.com/gpu`, `gpu.intel.com/i915`, `nvidia.com/mig-1g.5gb`. */
function isGpu(name: string): boolean {
  return name.includes('/') && /gpu|\/mig-/.test(name);
}
