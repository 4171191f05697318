import { KubeError, errorFromStatus } from './errors.ts';
import { isRecord, resourceVersionOf } from './kube-object.ts';

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Readonly<Record<string, unknown>>;
  readonly resourceVersion: string | undefined;
}

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

const isEventType = (type: unknown): type is WatchEvent['type'] => TYPES.has(type);

/** The reason of the KubeError for a line that is no event: half a line, a proxy's page. */
export const UNPARSABLE = 'UnparsableLine';

/**
 * The event of a line. Throws a KubeError: `UnparsableLine`, or what an ERROR event says (410 `Expired`, most often). An ERROR event
 * ends what the server can tell from here on, so whatever its code, the reader must list again.
 */
export function parseWatchLine(line: string): WatchEvent {
  const event = parse(line);
  const object = isRecord(event) ? event['object'] : undefined;
  const type = isRecord(event) ? event['type'] : undefined;
  if (type === 'ERROR') throw new WatchFailure(errorFromStatus(object, 500));
  if (!isEventType(type) || !isRecord(object)) {
    throw new KubeError({
      status: 0,
      reason: UNPARSABLE,
      message: `a line of ${line.length} characters is not a watch event: ${line.slice(0, 120)}`,
    });
  }
  return { type, object, resourceVersion: resourceVersionOf(object) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** An ERROR event. */
export class WatchFailure extends KubeError {
  constructor(error: KubeError) {
    super({
      status: error.status,
      reason: error.reason === '' ? 'WatchError' : error.reason,
      message: `the watch ended with an error event: ${error.message}`,
      retryAfterSeconds: error.retryAfterSeconds,
      details: error.details,
    });
    this.name = 'WatchFailure';
  }
}
