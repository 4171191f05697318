import { CsiError } from './csi-error.ts';
import type { StringMap } from './csi-messages.ts';

/** What a VolumeAttributesClass may say. It changes nothing: the disks of tests are all of one speed. */
const TIERS: ReadonlySet<string> = new Set(['fast', 'slow']);

/** Throws INVALID_ARGUMENT for what no volume of the array has. */
export function checkAttributes(attributes: StringMap | null | undefined): void {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name !== 'tier') throw new CsiError('INVALID_ARGUMENT', `attribute ${name} is not known; volumes have a tier`);
    if (!TIERS.has(value)) throw new CsiError('INVALID_ARGUMENT', `tier ${value} is not known; it may be fast or slow`);
  }
}
