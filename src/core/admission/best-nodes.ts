import { RANKS } from './room-columns.ts';

/**
 * The places of the `limit` highest ranks, in order; of equal ones the first. Ranks are 0 … RANKS, and 0 is never chosen. Counting
 * instead of sorting keeps this linear: 5,000 nodes are a request.
 */
export function bestNodes(ranks: Uint16Array, limit: number): readonly number[] {
  const { lowest, ofLowest } = cutOff(ranks, limit);
  const chosen: number[] = [];
  let fromLowest = ofLowest;
  for (let position = 0; position < ranks.length && chosen.length < limit; position += 1) {
    const rank = ranks[position] ?? 0;
    if (rank < lowest || (rank === lowest && fromLowest === 0)) continue;
    if (rank === lowest) fromLowest -= 1;
    chosen.push(position);
  }
  return chosen;
}

/** The lowest rank that is chosen, and how many of it. */
function cutOff(ranks: Uint16Array, limit: number): { readonly lowest: number; readonly ofLowest: number } {
  const counts = new Uint16Array(RANKS + 1);
  // A rank that `limit` nodes have or more is not told apart any further, so that counts stay small.
  for (let position = 0; position < ranks.length; position += 1) {
    const rank = ranks[position] ?? 0;
    const count = counts[rank] ?? 0;
    if (count < limit) counts[rank] = count + 1;
  }
  let above = 0;
  for (let rank = RANKS; rank > 0; rank -= 1) {
    const count = counts[rank] ?? 0;
    if (above + count >= limit) return { lowest: rank, ofLowest: limit - above };
    above += count;
  }
  return { lowest: 1, ofLowest: limit };
}
