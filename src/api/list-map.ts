import { z } from 'zod';

/** A list whose items are told apart by a key, so that server-side apply merges item by item and a key used twice is refused. */
export function listMap<Item extends z.ZodType>(item: Item, key: string, maxItems: number) {
  return z
    .array(item)
    .max(maxItems)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });
}

/** A list of plain values in which none occurs twice. */
export function listSet<Item extends z.ZodType>(item: Item, maxItems: number) {
  return z.array(item).max(maxItems).meta({ 'x-kubernetes-list-type': 'set' });
}
