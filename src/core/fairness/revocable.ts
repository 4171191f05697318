/** What is read of a framework: of a Tenant, or of the spec of a Framework. */
interface InTree {
  readonly parent?: string | undefined;
  readonly revocable: boolean;
}

/**
 * Whether members of the framework's apps may be asked to go for what others are guaranteed: it is revocable, or one above it is. One that
 * is unknown or outside the tree (see treeShape) is not. Who looks for victims and who writes their disruption budgets both ask here.
 */
export function isRevocable(name: string, frameworkOf: (name: string) => InTree | undefined): boolean {
  const line: InTree[] = [];
  for (let at: string | undefined = name; at !== undefined;) {
    const found = frameworkOf(at);
    // A parent that is missing, or a circle.
    if (found === undefined || line.includes(found)) return false;
    line.push(found);
    at = found.parent;
  }
  return line.some(({ revocable }) => revocable);
}
