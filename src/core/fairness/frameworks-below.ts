import type { Framework } from '../../api/framework.ts';

/**
 * Names of the frameworks right below this one, sorted. One that is above it too is left out: then the circle is what is wrong, and to
 * name a leaf instead would not help (see treeShape).
 */
export function frameworksBelow(name: string, frameworks: readonly Framework[]): readonly string[] {
  const parents = new Map(frameworks.map(({ metadata, spec }) => [metadata.name, spec.parent]));
  const above = new Set<string>();
  for (let at = parents.get(name); at !== undefined && !above.has(at); at = parents.get(at)) above.add(at);
  const below = frameworks.filter(({ spec }) => spec.parent === name).map(({ metadata }) => metadata.name);
  return below.filter((child) => !above.has(child)).toSorted();
}
