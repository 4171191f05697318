import type { Surroundings } from '../surroundings.ts';
import type { MemberNeed } from '../member-need.ts';
import type { Policy } from './policy.ts';

/**
 * Least stranded capacity, over all that the node has, asked for or not: resources, attach slots, pools of its own (a pool that other
 * nodes reach is not lost with this one, and counts where it is asked for). Per resource of the node let f be the free share after the placement. The mean of f is how empty the node
 * stays; what a resource has beyond the scarcest one (mean f − min f) is stranded, since the scarcest runs out first. Liked are nodes
 * that end up full and whose stranded share grows least: ((1 − mean f) + (1 − growth of stranded) / 2) / 2, in 0..1.
 */
export const pack: Policy = {
  dependsOnNodeOnly: true,
  against: (surroundings, need) => (row) => {
    const before = new Shares();
    const after = new Shares();
    nodeShares(surroundings, need, row, before, after);
    attachShares(surroundings, need, row, before, after);
    poolShares(surroundings, need, row, before, after);
    const growth = after.stranded - before.stranded;
    return (1 - after.mean + (1 - growth) / 2) / 2;
  },
};

class Shares {
  #sum = 0;
  #count = 0;
  #least = 1;

  add(free: number, total: number): void {
    const share = Math.min(1, Math.max(0, free / total));
    this.#sum += share;
    this.#count += 1;
    this.#least = Math.min(this.#least, share);
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  get stranded(): number {
    return this.#count === 0 ? 0 : this.mean - this.#least;
  }
}

/** Pods are a count of names, not a capacity that can be wasted: they are left out, as are resources that the node has none of. */
function nodeShares({ run }: Surroundings, need: MemberNeed, row: number, before: Shares, after: Shares): void {
  const { nodeTable } = run.view;
  for (let column = 0; column < run.scratch.stride; column += 1) {
    const total = nodeTable.allocatable[row * nodeTable.stride + column] ?? 0;
    if (total === 0 || column === PODS) continue;
    const free = run.scratch.freeAt(row, column);
    before.add(free, total);
    after.add(free - (need.amount.values[need.amount.columns.indexOf(column)] ?? 0), total);
  }
}

/** Columns.ts gives these names the first columns. */
const PODS = 3;

const NO_CLAIMS: readonly string[] = [];

function attachShares({ run }: Surroundings, need: MemberNeed, row: number, before: Shares, after: Shares): void {
  const node = run.view.nodeTable.names[row] ?? '';
  for (const { name, attachLimit } of run.view.storage.attachments.limitedDrivers(node)) {
    const room = run.scratch.attachRoom(row, name, need.attaches.get(name) ?? NO_CLAIMS);
    if (room === undefined || attachLimit === 0) continue;
    before.add(room.free, attachLimit);
    after.add(room.free - room.wanted, attachLimit);
  }
}

function poolShares({ run }: Surroundings, need: MemberNeed, row: number, before: Shares, after: Shares): void {
  for (const storageClassName of run.view.storage.facts.classes.keys()) {
    const [segment] = run.view.storage.capacity.segmentsAt(storageClassName, row) ?? [];
    if (segment === undefined || segment.capacityBytes <= 0) continue;
    const bytes = need.newBytes.get(storageClassName) ?? 0;
    if (bytes === 0 && segment.index.rowsOf(segment.signature).size > 1) continue;
    const free = run.scratch.segmentFree(storageClassName, segment);
    before.add(free, segment.capacityBytes);
    after.add(free - bytes, segment.capacityBytes);
  }
}
