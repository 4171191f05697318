import { parseArgs } from 'node:util';

export interface VolumesBenchOptions {
  /** Members with three volumes each; a multiple of ten, as ten are one app. */
  readonly members: number;
}

export const VOLUMES_FLAGS = '[--members=500]';

/** Throws with a sentence for a person when a flag is not understood. */
export function parseVolumesOptions(argv: readonly string[]): VolumesBenchOptions {
  const { values } = parseArgs({ args: [...argv], options: { members: { type: 'string', default: '500' } } });
  const members = Number(values.members);
  if (!Number.isInteger(members) || members < 10 || members > 2000 || members % 10 !== 0)
    throw new Error(`--members=${values.members} is not a multiple of ten from 10 to 2000`);
  return { members };
}
