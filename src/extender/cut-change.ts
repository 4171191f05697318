import type { WorldChange } from './cache-message.ts';

/** How many entries one message carries: its receiver answers requests meanwhile. */
export const MESSAGE_ENTRIES = 500;

export const NO_CHANGE: WorldChange = {
  rooms: [],
  slots: [],
  standIns: [],
  workloads: [],
  apps: [],
  settledPods: [],
  bindingPods: [],
};

/** Settled pods come last: the ledger lets go of them when what they use is counted. */
const ORDER = [
  'apps',
  'workloads',
  'slots',
  'standIns',
  'rooms',
  'bindingPods',
  'settledPods',
] as const satisfies readonly (keyof WorldChange)[];

/** A change as messages of bounded size. All but the largest are one message, which is read at once. */
export function cutChange(all: WorldChange): readonly WorldChange[] {
  const total = ORDER.reduce((sum, key) => sum + all[key].length, 0);
  if (total === 0) return [];
  if (total <= MESSAGE_ENTRIES) return [all];
  return ORDER.flatMap((key) => {
    const pieces = Math.ceil(all[key].length / MESSAGE_ENTRIES);
    const piece = (index: number) => all[key].slice(index * MESSAGE_ENTRIES, (index + 1) * MESSAGE_ENTRIES);
    return Array.from({ length: pieces }, (_none, index): WorldChange => ({ ...NO_CHANGE, [key]: piece(index) }));
  });
}
