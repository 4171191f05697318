import { formatBytes } from '../core/resources/quantity.ts';
import { formatResourceList } from '../core/resources/resource-list.ts';
import type { Resources } from '../core/resources/resources.ts';
import { showBytes } from '../core/resources/show-amount.ts';

/** Amounts in one line: "2 cpu, 4Gi memory". `pods` is left out: every member is one. */
export function showResources(resources: Resources): string {
  const list = Object.entries(formatResourceList(resources)).filter(([name]) => name !== 'pods');
  return list.map(([name, amount]) => `${amount} ${name}`).join(', ');
}

/** One amount of a table, 0 included; empty where the node has none of it. */
export function showOne(resources: Resources, name: string): string {
  const amount = resources[name];
  if (amount === undefined) return '';
  return name === 'memory' || name === 'ephemeral-storage'
    ? showBytes(amount)
    : (formatResourceList({ [name]: amount })[name] ?? '');
}

/** As Kubernetes quantities, names sorted: what `-o json` prints. */
export function resourcesJson(resources: Resources): Record<string, string> {
  return formatResourceList(resources);
}

export function bytesText(bytes: number): string {
  return formatBytes(bytes);
}

/** 0.125 for people. */
export function showShare(share: number): string {
  return share.toFixed(3);
}

/** A span of time for people: 95 is "1m35s". */
export function showSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${whole % 60}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${Math.floor((whole % 3600) / 60)}m`;
  return `${Math.floor(whole / 86_400)}d${Math.floor((whole % 86_400) / 3600)}h`;
}
