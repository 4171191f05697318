import type { PersistentApp, PersistentAppStatus } from '../../api/persistent-app.ts';
import type { KubeObject } from './plan.ts';
import { readString } from './read-field.ts';

/** A StatefulSet that is being replaced, because what differs cannot be changed in place. */
export interface Replacement {
  /** Of the old one. */
  readonly uid: string;
  readonly why: string;
  /** The one that takes its place, as it is to be applied. */
  readonly next: KubeObject;
}

type Recorded = NonNullable<PersistentAppStatus['replacement']>;

/** A status of more than this is not written: the API server takes 1.5 MB for the whole object. */
export const LARGEST_RECORD = 500_000;

/**
 * What status says of a replacement under way. What nobody could have written is taken for nothing: without a StatefulSet the workload
 * step makes one from the app.
 */
export function readReplacement({ status }: PersistentApp): Replacement | undefined {
  const record = status?.replacement;
  if (record === undefined) return undefined;
  const next = parse(record.statefulSet);
  return next === undefined ? undefined : { uid: record.uid, why: record.why, next };
}

/** The words of status for it. Equal replacements give equal words. */
export function recordOf({ uid, why, next }: Replacement): Recorded {
  return { uid, why: why.slice(0, 512), statefulSet: JSON.stringify(next) };
}

function parse(text: string): KubeObject | undefined {
  try {
    const object: unknown = JSON.parse(text);
    return readString(object, 'kind') === 'StatefulSet' ? (object as KubeObject) : undefined;
  } catch {
    return undefined;
  }
}
