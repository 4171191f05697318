import type { HeldSlot } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { TenantTree } from './tenant-tree.ts';
import { isRevocable } from './revocable.ts';
import { ROOT } from './tree-shape.ts';

/** Who asks, and below which node of the tree others may be asked. */
export interface Claiming {
  readonly claimant: string;
  readonly scope: number;
  /** All frameworks that ask together, the claimant one of them: none of theirs goes. */
  readonly asking: ReadonlySet<string>;
}

/** Which members may be asked to go for a claimant: those of revocable frameworks (see isRevocable), as long as these have more than they are guaranteed. */
export class Lenders {
  readonly #view: ClusterView;
  readonly #tree: TenantTree;
  readonly #claiming: Claiming;
  /** Numbers of the claimant and of those above it. */
  readonly #aboveClaimant: ReadonlySet<number>;
  /** By framework: what its members that are to go take with them. */
  readonly #released: Map<string, Resources[]>;

  constructor(view: ClusterView, tree: TenantTree, claiming: Claiming, released: Map<string, Resources[]> = new Map()) {
    this.#view = view;
    this.#tree = tree;
    this.#claiming = claiming;
    this.#released = released;
    this.#aboveClaimant = new Set(this.#lineOf(claiming.claimant));
  }

  /** The same, to try what may go together. */
  copy(): Lenders {
    const released = new Map([...this.#released].map(([name, list]) => [name, [...list]]));
    return new Lenders(this.#view, this.#tree, this.#claiming, released);
  }

  release({ framework, resources }: HeldSlot): void {
    this.#released.set(framework, [...(this.#released.get(framework) ?? []), resources]);
  }

  /**
   * Whether there is something that lacks (names of resources, or reasons), that the member holds and of which its framework still has more
   * than it is guaranteed, and so has each one above it that is not above the claimant too. Of what is guaranteed to nobody, such as pods
   * and attach slots, or where something else is in the way, anything that it has too much of will do.
   */
  mayGo({ framework, resources }: HeldSlot, lacking: ReadonlySet<string>): boolean {
    const all = this.#lineOf(framework);
    const line = all.filter((number) => !this.#aboveClaimant.has(number));
    const { scope } = this.#claiming;
    if (line.length === 0 || (scope !== ROOT && !all.includes(scope))) return false;
    const { names, fairCount } = this.#tree.columns;
    const fair = names.slice(0, fairCount);
    const isGuaranteed = [...lacking].every((what) => fair.includes(what));
    return fair.some(
      (name, column) =>
        (!isGuaranteed || lacking.has(name)) &&
        (resources[name] ?? 0) > 0 &&
        line.every((number) => this.#borrows(number, column)),
    );
  }

  #borrows(number: number, column: number): boolean {
    const cell = number * this.#tree.stride + column;
    const name = this.#tree.columns.names[column] ?? '';
    let charged = this.#tree.charged[cell] ?? 0;
    for (const [framework, gone] of this.#released) {
      if (!this.#lineOf(framework).includes(number)) continue;
      for (const resources of gone) charged -= resources[name] ?? 0;
    }
    return charged > (this.#tree.guarantee[cell] ?? 0);
  }

  /** The framework's number and those above it; empty when it is outside the tree. */
  #lineOf(framework: string): readonly number[] {
    const line: number[] = [];
    for (let at = this.#tree.numberOf(framework) ?? 0; at > 0; at = this.#tree.parentOf(at)) line.push(at);
    return line;
  }

  /** The members on this row that may be asked, in the order in which they go: without volumes first, then newest first. */
  candidatesOn(row: number, without: readonly HeldSlot[]): readonly HeldSlot[] {
    const found: HeldSlot[] = [];
    for (const held of this.#view.members.slotsOn(row)) {
      if (!without.includes(held) && this.#isRevocable(held) && isMovable(held)) found.push(held);
    }
    return found.length < 2 ? found : found.toSorted(goesEarlier);
  }

  /** Never of those who ask. */
  #isRevocable({ framework }: HeldSlot): boolean {
    if (this.#claiming.asking.has(framework)) return false;
    return isRevocable(framework, (name) => this.#tree.tenant(name));
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
