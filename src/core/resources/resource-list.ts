import { RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Resources } from './resources.ts';
import { formatBytes, formatCpuMillis, parseBytes, parseCpuMillis } from './quantity.ts';

/** Whether amounts of this resource are bytes (and read better as 10Gi). */
export function isBytes(name: string): boolean {
  return (
    name === 'memory' ||
    name === 'ephemeral-storage' ||
    name.startsWith('hugepages-') ||
    name.startsWith(RESOURCE_STORAGE_PREFIX)
  );
}

/**
 * A Kubernetes ResourceList as integers: `cpu` in millicores, the rest in bytes or counts. A zero stays: a limit of
 * "0" is not the same as no limit.
 * @throws Error that names the resource and quotes its text when the text is malformed or negative.
 */
export function parseResourceList(list: Readonly<Record<string, string | number>>): Resources {
  const resources: Record<string, number> = {};
  for (const name of Object.keys(list)) resources[name] = parseAmount(name, list[name] ?? 0);
  return resources;
}

/** One amount of a ResourceList, see parseResourceList. */
export function parseAmount(name: string, text: string | number): number {
  let amount: number;
  try {
    amount = name === 'cpu' ? parseCpuMillis(text) : parseBytes(text);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
  if (amount < 0) throw new Error(`${name}: "${text}" is negative: an amount is 0 or more`);
  return amount;
}

/** The inverse of parseResourceList, names sorted, so that equal amounts give equal text. */
export function formatResourceList(resources: Resources): Record<string, string> {
  const list: Record<string, string> = {};
  for (const name of Object.keys(resources).toSorted()) {
    const amount = resources[name] ?? 0;
    list[name] = name === 'cpu' ? formatCpuMillis(amount) : isBytes(name) ? formatBytes(amount) : String(amount);
  }
  return list;
}
