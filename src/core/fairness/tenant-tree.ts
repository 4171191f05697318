import type { Tenant } from '../allocator/decision.ts';
import type { Resources } from '../resources/resources.ts';
import { FairColumns } from './fair-columns.ts';
import { limitWords, withheldWords } from './refusal-words.ts';
import type { TenantCharges } from './tenant-charges.ts';
import { ROOT, type TenantProblem, type TreeShape, treeShape } from './tree-shape.ts';
import { UnlendableShares } from './unlendable-shares.ts';

/** What the cluster has for tenants: `totals` of the resources that shares are taken of, and what of them nobody has now. */
export interface Capacity {
  readonly totals: Resources;
  readonly free: Resources;
}

/**
 * The tenants as a tree with what each is charged, guaranteed and limited to, as rows of numbers: a node of the tree is charged what
 * those below it are. Tenants outside the tree (see treeShape) are charged nowhere and may have nothing new.
 */
export class TenantTree implements TenantCharges {
  readonly shape: TreeShape;
  readonly columns: FairColumns;
  readonly stride: number;
  /** Rows × stride by number of the tenant, row 0 being the whole. */
  readonly charged: Float64Array;
  /** What a node is guaranteed; of a resource that its own guarantee leaves out, what those below it are together. */
  readonly guarantee: Float64Array;
  readonly weights: Float64Array;
  readonly totals: Float64Array;
  /** By column: what may be had beyond guarantees, everybody's unlendable share taken off. */
  readonly lendable: Float64Array;
  readonly unlendable: UnlendableShares;
  readonly #limit: Float64Array;
  readonly #isLimited: Uint8Array;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #tenants: ReadonlyMap<string, Tenant>;
  readonly #request: Float64Array;
  #lastAsked: string | undefined;
  #lastLeaf: number | undefined;

  constructor(tenants: readonly Tenant[], charges: ReadonlyMap<string, Resources>, { totals, free }: Capacity) {
    this.shape = treeShape(tenants);
    this.columns = new FairColumns(totals, this.shape.tenants);
    this.stride = this.columns.count;
    this.#tenants = new Map(tenants.map((tenant) => [tenant.name, tenant]));
    this.#numbers = new Map(this.shape.tenants.map(({ name }, i) => [name, i + 1]));
    const rows = this.shape.parents.length;
    const cells = rows * this.stride;
    this.charged = new Float64Array(cells);
    this.guarantee = new Float64Array(cells);
    this.weights = new Float64Array(rows).fill(1);
    this.#limit = new Float64Array(cells).fill(Number.POSITIVE_INFINITY);
    this.#isLimited = new Uint8Array(rows);
    this.totals = this.columns.vector(totals);
    this.#request = new Float64Array(this.stride);
    const kept = this.#fillRows();
    for (const [name, charge] of charges) this.#addCharge(this.numberOf(name), this.vectorOf(charge));
    this.unlendable = new UnlendableShares(this.shape, {
      charged: this.charged,
      unlendable: kept,
      free: this.columns.vector(free),
    });
    this.lendable = lendableOf(this.shape, kept, this.totals);
  }

  /** The same tree while this much is free. False: the totals are others, and with them all shares. */
  renew({ totals, free }: Capacity): boolean {
    const names = Object.keys(totals).filter((name) => (totals[name] ?? 0) > 0);
    const isSame =
      names.length === this.columns.fairCount && names.every((name) => this.#totalOf(name) === totals[name]);
    if (isSame) this.unlendable.free.set(this.columns.vector(free));
    return isSame;
  }

  /** Also those outside the tree. */
  tenant(name: string): Tenant | undefined {
    return this.#tenants.get(name);
  }

  /** The tenant's number in the tree, from 1; undefined: it is outside, or unknown. */
  numberOf(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** Who serves a demand asks for its leaf several times in a row. */
  leafOf(name: string): number | undefined {
    if (name !== this.#lastAsked) {
      const number = this.#numbers.get(name);
      this.#lastAsked = name;
      this.#lastLeaf = number === undefined || this.shape.children[number]?.length !== 0 ? undefined : number;
    }
    return this.#lastLeaf;
  }

  nameOf(number: number): string {
    return this.shape.tenants[number - 1]?.name ?? '';
  }

  parentOf(number: number): number {
    return this.shape.parents[number] ?? ROOT;
  }

  /** Why apps may get nothing through this tenant, whatever is free. Undefined: it is a leaf of the tree. */
  problemOf(name: string): TenantProblem | undefined {
    if (this.leafOf(name) !== undefined) return undefined;
    const number = this.#numbers.get(name);
    if (number === undefined) {
      const outside = this.shape.outside.get(name);
      if (outside === undefined) return { reason: 'FrameworkNotFound', message: `there is no framework ${name}` };
      return { reason: outside.reason, message: `framework ${name} gets no offers: ${outside.message}` };
    }
    const below = (this.shape.children[number] ?? []).map((child) => this.nameOf(child)).join(', ');
    const message = `framework ${name} has others below it (${below}), and apps belong on leaves: name one of these`;
    return { reason: 'FrameworkNotLeaf', message };
  }

  /** The request by column, in a new array. */
  vectorOf(request: Resources): Float64Array {
    return this.columns.vector(request);
  }

  chargedTo(name: string): Resources {
    const number = this.#numbers.get(name);
    return number === undefined ? {} : this.columns.resources(this.charged, number * this.stride);
  }

  /** The tenant and all above it are charged this more, and so much less is free. */
  charge(name: string, request: Resources): void {
    this.chargeVector(this.#numbers.get(name), this.#asRequest(request));
  }

  uncharge(name: string, request: Resources): void {
    const vector = this.#asRequest(request);
    for (const [column, amount] of vector.entries()) vector[column] = -amount;
    this.chargeVector(this.#numbers.get(name), vector);
  }

  /** The same by number and columns. */
  chargeVector(number: number | undefined, request: Float64Array): void {
    if (number === undefined) return;
    this.#addCharge(number, request);
    this.unlendable.charge(number, request);
  }

  /** Why the tenant may not have this, with numbers: a limit of its own or above it, or what others are guaranteed. Undefined: it may. */
  refusal(name: string, request: Resources): TenantProblem | undefined {
    const number = this.#numbers.get(name);
    if (number === undefined) return this.problemOf(name);
    return this.refusalOf(number, this.#asRequest(request));
  }

  /** The same by number and columns. */
  refusalOf(number: number, request: Float64Array): TenantProblem | undefined {
    for (let at = number; at > ROOT; at = this.shape.parents[at] ?? ROOT) {
      if (this.#isLimited[at] === 0) continue;
      const column = this.#overLimit(at, request);
      if (column === undefined) continue;
      const limit = this.#limit[at * this.stride + column] ?? 0;
      return limitWords(this, at, { column, asked: request[column] ?? 0, limit });
    }
    const withheld = this.unlendable.withheld(number, request);
    return withheld === undefined ? undefined : withheldWords(this, number, withheld);
  }

  /** Whether `refusalOf` would say nothing, without finding words. */
  allows(number: number, request: Float64Array): boolean {
    for (let at = number; at > ROOT; at = this.shape.parents[at] ?? ROOT) {
      if (this.#isLimited[at] === 1 && this.#overLimit(at, request) !== undefined) return false;
    }
    return this.unlendable.withheld(number, request) === undefined;
  }

  #totalOf(name: string): number | undefined {
    const column = this.columns.of(name);
    return column === undefined || column >= this.columns.fairCount ? undefined : this.totals[column];
  }

  #fillRows(): Float64Array {
    const kept = new Float64Array(this.charged.length);
    const { fairCount } = this.columns;
    for (let number = this.shape.tenants.length; number > ROOT; number -= 1) {
      const tenant = this.shape.tenants[number - 1];
      if (tenant === undefined) continue;
      const row = number * this.stride;
      this.weights[number] = Math.max(1e-9, tenant.weight);
      this.columns.fill(this.#limit, tenant.limit, row);
      this.#isLimited[number] = Object.keys(tenant.limit).length > 0 ? 1 : 0;
      this.columns.fill(this.guarantee, tenant.guarantee, row);
      for (let column = 0; column < fairCount; column += 1) {
        const name = this.columns.names[column] ?? '';
        const lent = tenant.lendingLimit[name];
        if (lent !== undefined) kept[row + column] = Math.max(0, (tenant.guarantee[name] ?? 0) - lent);
        this.#handUp(number, column);
      }
      this.guarantee.fill(0, row + fairCount, row + this.stride);
    }
    return kept;
  }

  /** Children come after their parents, so a parent that says nothing itself has their sum by the time it is looked at. */
  #handUp(number: number, column: number): void {
    const parent = this.shape.parents[number] ?? ROOT;
    const name = this.columns.names[column] ?? '';
    if (parent === ROOT || this.shape.tenants[parent - 1]?.guarantee[name] !== undefined) return;
    const above = parent * this.stride + column;
    this.guarantee[above] = (this.guarantee[above] ?? 0) + (this.guarantee[number * this.stride + column] ?? 0);
  }

  #asRequest(request: Resources): Float64Array {
    this.#request.fill(0);
    this.columns.fill(this.#request, request);
    return this.#request;
  }

  #addCharge(number: number | undefined, request: Float64Array): void {
    for (let at = number ?? -1; at >= ROOT; at = this.shape.parents[at] ?? -1) {
      const row = at * this.stride;
      for (let column = 0; column < this.stride; column += 1) {
        this.charged[row + column] = (this.charged[row + column] ?? 0) + (request[column] ?? 0);
      }
    }
  }

  #overLimit(number: number, request: Float64Array): number | undefined {
    const row = number * this.stride;
    for (let column = 0; column < this.stride; column += 1) {
      const asked = request[column] ?? 0;
      if (asked > 0 && (this.charged[row + column] ?? 0) + asked > (this.#limit[row + column] ?? 0)) return column;
    }
    return undefined;
  }
}

function lendableOf(shape: TreeShape, kept: Float64Array, totals: Float64Array): Float64Array {
  const stride = totals.length;
  const reserved = kept.slice();
  const below = new Float64Array(kept.length);
  for (let number = shape.tenants.length; number > ROOT; number -= 1) {
    const parent = shape.parents[number] ?? ROOT;
    for (let column = 0; column < stride; column += 1) {
      const cell = number * stride + column;
      reserved[cell] = Math.max(reserved[cell] ?? 0, below[cell] ?? 0);
      const above = parent * stride + column;
      below[above] = (below[above] ?? 0) + (reserved[cell] ?? 0);
    }
  }
  // Where all is kept nobody can borrow, and what the excess is divided by does not matter.
  return totals.map((total, column) => (total > (below[column] ?? 0) ? total - (below[column] ?? 0) : total));
}
