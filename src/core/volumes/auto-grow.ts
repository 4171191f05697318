import { ANNOTATION_GROWN } from '../../api/labels.ts';
import type { VolumeClaim } from '../../api/volume-claim.ts';
import { parseTime } from '../app/rfc3339.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { parseBytes } from '../resources/quantity.ts';
import { showBytes } from '../resources/show-amount.ts';
import { type VolumeUsage, percentFull } from './volume-usage.ts';

/** A volume that is so full has no time for a cooldown: what its app writes next fails. */
const FULL_PERCENT = 99;

/** A kubelet measures once a minute and may grow the file system a minute after the volume: what it said before that is no news. */
const SETTLE_SECONDS = 300;

/** `grow`: to so many bytes. `atMax`: full enough, and may not. `later`: may grow from that moment (epoch seconds) on. */
export type AutoGrowth =
  | { readonly kind: 'none' }
  | { readonly kind: 'grow'; readonly bytes: number; readonly why: string }
  | { readonly kind: 'atMax'; readonly message: string }
  | { readonly kind: 'later'; readonly atSeconds: number };

const NONE: AutoGrowth = { kind: 'none' };

/**
 * Whether a volume that fills up should grow now. What it asks for already is awaited first; then `cooldownSeconds` since it last grew,
 * but for a full one, which waits only until the last growth can be seen in what the kubelet measures.
 */
export function autoGrowth(
  claim: ClaimFacts,
  { autoGrow }: VolumeClaim,
  usage: VolumeUsage | undefined,
  now: number,
): AutoGrowth {
  if (!autoGrow.enabled || usage === undefined || claim.bytes > claim.actualBytes) return NONE;
  const full = percentFull(usage);
  if (full < autoGrow.usageThresholdPercent) return NONE;
  // A driver may have given more than was asked for.
  const has = Math.max(claim.bytes, claim.actualBytes);
  const most = autoGrow.maxSize === undefined ? has : parseBytes(autoGrow.maxSize);
  if (most <= has) {
    // Status says the threshold, since how full it is changes all the time.
    const message = `${claim.name} has ${showBytes(has)} and is more than ${autoGrow.usageThresholdPercent} % full, and autoGrow.maxSize is ${showBytes(most)}: raise it, or free space`;
    return { kind: 'atMax', message };
  }
  const is = `${claim.name} is ${full.toFixed(0)} % full and has ${showBytes(has)}`;
  const grownAt = parseTime(claim.annotations[ANNOTATION_GROWN]) ?? -Infinity;
  const pause = full >= FULL_PERCENT ? SETTLE_SECONDS : Math.max(autoGrow.cooldownSeconds, SETTLE_SECONDS);
  if (grownAt + pause > now) {
    return { kind: 'later', atSeconds: grownAt + pause };
  }
  // Said before the last growth could be seen.
  if (usage.atSeconds < grownAt) return NONE;
  const bytes = Math.min(most, roundUp(has * (1 + autoGrow.incrementPercent / 100)));
  return { kind: 'grow', bytes, why: `${is}: it grows to ${showBytes(bytes)}` };
}

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** To whole GiB, which clouds count in, where that adds little; else to whole MiB. */
function roundUp(bytes: number): number {
  const unit = bytes >= 10 * GIBIBYTE ? GIBIBYTE : MEBIBYTE;
  return Math.ceil(bytes / unit) * unit;
}
