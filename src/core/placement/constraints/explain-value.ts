import type { NodeValues } from '../node-values.ts';
import type { ValueCheck } from './compiled-constraint.ts';

/** Why the node is refused; of a key that it lacks also how many nodes have it, since a misspelt one is nobody's. */
export function explainValue(
  check: ValueCheck,
  { key, value }: { readonly key: string; readonly value: string | undefined },
  values: NodeValues,
): string {
  const why = check.explain(value);
  if (value !== undefined) return why;
  const having = values.of(key).filter((found) => found !== undefined).length;
  return having === 0 ? `${why}: no node has one` : `${why}: ${having} nodes have one`;
}
