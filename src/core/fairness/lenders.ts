import type { HeldSlot } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';
import { subtract } from '../resources/vector.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { TenantTree } from './tenant-tree.ts';

/** Which members may be asked to go for a claimant: those of revocable frameworks, as long as these have more than they are guaranteed. */
export class Lenders {
  readonly #view: ClusterView;
  readonly #tree: TenantTree;
  readonly #claimant: string;
  /** By framework: what its members that are to go take with them. */
  readonly #released: Map<string, Resources[]>;

  constructor(view: ClusterView, tree: TenantTree, claimant: string, released: Map<string, Resources[]> = new Map()) {
    this.#view = view;
    this.#tree = tree;
    this.#claimant = claimant;
    this.#released = released;
  }

  /** The same, to try what may go together. */
  copy(): Lenders {
    const released = new Map([...this.#released].map(([name, list]) => [name, [...list]]));
    return new Lenders(this.#view, this.#tree, this.#claimant, released);
  }

  release({ framework, resources }: HeldSlot): void {
    this.#released.set(framework, [...(this.#released.get(framework) ?? []), resources]);
  }

  /** Whether its framework still has more of something that the member holds than it is guaranteed. */
  mayGo({ framework, resources }: HeldSlot): boolean {
    const number = this.#tree.numberOf(framework);
    if (number === undefined) return false;
    let charged = this.#tree.chargedTo(framework);
    for (const gone of this.#released.get(framework) ?? []) charged = subtract(charged, gone);
    const promised = this.#tree.columns.resources(this.#tree.guarantee, number * this.#tree.stride);
    const { names, fairCount } = this.#tree.columns;
    return names
      .slice(0, fairCount)
      .some((name) => (resources[name] ?? 0) > 0 && (charged[name] ?? 0) > (promised[name] ?? 0));
  }

  /** The members on this row that may be asked, in the order in which they go: without volumes first, then newest first. */
  candidatesOn(row: number, without: readonly HeldSlot[]): readonly HeldSlot[] {
    const found: HeldSlot[] = [];
    for (const held of this.#view.members.slotsOn(row)) {
      if (!without.includes(held) && this.#isRevocable(held) && isMovable(held)) found.push(held);
    }
    return found.length < 2 ? found : found.toSorted(goesEarlier);
  }

  /** Revocable itself or by one above it; never the claimant's own. */
  #isRevocable({ framework }: HeldSlot): boolean {
    if (framework === this.#claimant) return false;
    let number = this.#tree.numberOf(framework) ?? 0;
    while (number > 0) {
      if (this.#tree.tenant(this.#tree.nameOf(number))?.revocable === true) return true;
      number = this.#tree.parentOf(number);
    }
    return false;
  }
}

/** A local volume stays where it is, so its member does too. */
function isMovable({ slot }: HeldSlot): boolean {
  return slot.state !== 'Conflicted' && slot.volumes.every(({ pinned }) => !pinned);
}

function goesEarlier(a: HeldSlot, b: HeldSlot): number {
  const volumes = Math.min(1, a.slot.volumes.length) - Math.min(1, b.slot.volumes.length);
  if (volumes !== 0) return volumes;
  if (a.slot.acceptedAt !== b.slot.acceptedAt) return a.slot.acceptedAt > b.slot.acceptedAt ? -1 : 1;
  return a.slot.member < b.slot.member ? -1 : 1;
}
