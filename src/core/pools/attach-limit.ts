import type { CsiNodeFacts } from '../facts/storage-facts.ts';

/** How many volumes of the driver its nodes may attach, in words; empty when no node says anything about the driver. */
export function attachLimit(driver: string, nodes: Iterable<CsiNodeFacts>): string {
  const limits: number[] = [];
  let unlimited = 0;
  for (const { drivers } of nodes) {
    const found = drivers.find(({ name }) => name === driver);
    if (found === undefined) continue;
    if (found.attachLimit === undefined) unlimited += 1;
    else limits.push(found.attachLimit);
  }
  if (limits.length === 0) return unlimited === 0 ? '' : 'unlimited';
  const least = Math.min(...limits);
  const most = Math.max(...limits);
  const range = least === most ? String(least) : `${least} to ${most}`;
  return unlimited === 0 ? range : `${range}, unlimited on ${unlimited} of ${unlimited + limits.length} nodes`;
}
