import type { Reason } from '../../api/reasons.ts';
import type { Resources } from '../resources/resources.ts';

/** The first resource that does not fit. */
export interface Lack {
  readonly resource: string;
  readonly reason: Reason;
  readonly asked: number;
  readonly free: number;
}

const REASONS: Readonly<Record<string, Reason>> = {
  cpu: 'InsufficientCPU',
  memory: 'InsufficientMemory',
  'ephemeral-storage': 'InsufficientEphemeralStorage',
  pods: 'TooManyPods',
};

/** What `requests` asks beyond a slot; undefined when all fits. A slot is for one pod, so `pods` need not be in it. */
export function lacking(requests: Resources, slot: Resources): Lack | undefined {
  for (const [resource, asked] of Object.entries(requests)) {
    const free = slot[resource] ?? (resource === 'pods' ? 1 : 0);
    if (asked > free) return { resource, reason: REASONS[resource] ?? 'InsufficientExtendedResource', asked, free };
  }
  return undefined;
}
