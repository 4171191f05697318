import type { VolumeStatus } from '../../api/member-status.ts';
import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import { parseBytes } from '../resources/quantity.ts';
import { showBytes } from '../resources/show-amount.ts';
import type { AppEvent } from './plan.ts';

/** Claims that an event names. */
const NAMED = 4;

/** One event for all volumes that have become larger from the last status to this one. */
export function growthEvents(before: PersistentAppStatus | undefined, after: PersistentAppStatus): readonly AppEvent[] {
  const last = new Map(volumesOf(before).map((volume) => [volume.claim, bytesOf(volume)]));
  const grown = volumesOf(after).flatMap((volume) => {
    const had = last.get(volume.claim) ?? 0;
    const has = bytesOf(volume);
    return had > 0 && has > had ? [`${volume.claim} from ${showBytes(had)} to ${showBytes(has)}`] : [];
  });
  if (grown.length === 0) return [];
  const rest = grown.length > NAMED ? ` and ${grown.length - NAMED} more` : '';
  const message = `${grown.length === 1 ? 'a volume' : `${grown.length} volumes`} grew: ${grown.slice(0, NAMED).join(', ')}${rest}`;
  return [{ type: 'Normal', reason: 'VolumeGrown', message }];
}

function volumesOf(status: PersistentAppStatus | undefined): readonly VolumeStatus[] {
  return (status?.members ?? []).flatMap((member) => member.volumes);
}

/** 0 for a size that is not there or that nobody can read. */
function bytesOf({ size }: VolumeStatus): number {
  try {
    return size === '' ? 0 : parseBytes(size);
  } catch {
    return 0;
  }
}
