import { showAmount } from '../resources/show-amount.ts';
import type { FairColumns } from './fair-columns.ts';
import { ROOT, type TenantProblem, type TreeShape } from './tree-shape.ts';
import type { UnlendableShares, Withheld } from './unlendable-shares.ts';

/** What of a TenantTree the words are made from; rows × stride by number of the tenant. */
export interface TreeNumbers {
  readonly shape: TreeShape;
  readonly columns: FairColumns;
  readonly stride: number;
  readonly charged: Float64Array;
  readonly unlendable: UnlendableShares;
}

/** Frameworks that one message names. */
const MOST_NAMED = 3;

/** That the tenant may not have `asked` more of the column, with what it has of its `limit`. */
export function limitWords(
  { shape, columns, stride, charged }: TreeNumbers,
  number: number,
  { column, asked, limit }: { readonly column: number; readonly asked: number; readonly limit: number },
): TenantProblem {
  const resource = columns.names[column] ?? '';
  const has = `${showAmount(resource, charged[number * stride + column] ?? 0)} of ${showAmount(resource, limit)}`;
  const message = `framework ${nameOf(shape, number)} is at its limit of ${resource}: ${has} charged, ${showAmount(resource, asked)} more needed`;
  return { reason: 'FrameworkLimit', message };
}

/** That what is free is guaranteed to others, with who they are. */
export function withheldWords(
  tree: TreeNumbers,
  number: number,
  { column, free, needed, asked }: Withheld,
): TenantProblem {
  const resource = tree.columns.names[column] ?? '';
  const show = (amount: number): string => showAmount(resource, Math.max(0, amount));
  const keepers = keepersOf(tree, number, column).map((one) => nameOf(tree.shape, one));
  const named = keepers.slice(0, MOST_NAMED).join(', ');
  const whom = keepers.length > MOST_NAMED ? `${named} and ${keepers.length - MOST_NAMED} more` : named;
  const message = `framework ${nameOf(tree.shape, number)} needs ${show(asked)} of ${resource} and may have ${show(free - needed)}: ${show(free)} is free, of which ${show(needed)} is guaranteed to ${whom} and not lent`;
  return { reason: 'FrameworkGuarantee', message };
}

/** By number: the lowest tenants that lack what they do not lend, those first that lack most; the asking one and those above it left out. */
export function keepersOf({ shape, unlendable }: TreeNumbers, number: number, column: number): readonly number[] {
  const line = new Set<number>();
  for (let at = number; at > ROOT; at = shape.parents[at] ?? ROOT) line.add(at);
  const needed = (one: number): number => unlendable.needed(one, column);
  return shape.children
    .flatMap((children, one) => {
      const isLowest = one > ROOT && needed(one) > 0 && !children.some((child) => needed(child) > 0);
      return isLowest && !line.has(one) ? [one] : [];
    })
    .toSorted((a, b) => needed(b) - needed(a) || a - b);
}

function nameOf({ tenants }: TreeShape, number: number): string {
  return tenants[number - 1]?.name ?? '';
}
