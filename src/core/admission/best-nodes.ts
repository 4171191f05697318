const BUCKETS = 512;

/**
 * The `limit` items of the highest rank, in the order given; all of them when they are no more. Ranks are 0 … 2. Counting into
 * buckets instead of sorting keeps this linear: 5,000 nodes are a request.
 */
export function bestNodes<Item>(items: readonly Item[], ranks: readonly number[], limit: number): readonly Item[] {
  if (items.length <= limit) return items;
  const counts = new Uint32Array(BUCKETS);
  const bucketOf = (rank: number): number => Math.min(BUCKETS - 1, Math.floor((rank / 2) * BUCKETS));
  for (const rank of ranks) {
    const bucket = bucketOf(rank);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  let lowest = BUCKETS - 1;
  let above = 0;
  while (lowest > 0 && above + (counts[lowest] ?? 0) < limit) {
    above += counts[lowest] ?? 0;
    lowest -= 1;
  }
  // All of the buckets above, and of the lowest one as many as there is room for.
  let fromLowest = limit - above;
  return items.filter((_item, index) => {
    const bucket = bucketOf(ranks[index] ?? 0);
    if (bucket !== lowest) return bucket > lowest;
    fromLowest -= 1;
    return fromLowest >= 0;
  });
}
