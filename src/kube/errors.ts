import { isRecord } from './kube-object.ts';

/** One of `details.causes` of a Status: which field, and what is wrong with it. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface StatusDetails {
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly causes: readonly StatusCause[];
}

export interface KubeErrorFields {
  /** HTTP status, or 0 when no complete reply arrived: the request may have taken effect all the same. */
  readonly status: number;
  /** `reason` of the Status (`AlreadyExists`, `Invalid` …), or for status 0 `Timeout`, `Network`, `Silent`, `BadReply`, `Aborted`. */
  readonly reason: string;
  readonly message: string;
  /** What the server asks for, from the Retry-After header or the Status. */
  readonly retryAfterSeconds?: number | undefined;
  readonly details?: StatusDetails | undefined;
  readonly cause?: unknown;
}

/** Everything a request can fail with, the network included. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;
  readonly details: StatusDetails | undefined;

  constructor(fields: KubeErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.name = 'KubeError';
    this.status = fields.status;
    this.reason = fields.reason;
    this.retryAfterSeconds = fields.retryAfterSeconds;
    this.details = fields.details;
  }
}

/** A write was refused by ourselves, before it was sent, because this process does not hold the lease. */
export class NotLeaderError extends Error {
  constructor(what: string) {
    super(`${what} was not sent: this process does not hold the leader lease (any more)`);
    this.name = 'NotLeaderError';
  }
}

/**
 * What to do about an error:
 * `conflict` read again and retry · `notFound`, `alreadyExists` the caller decides · `terminal` the request itself is refused and will be
 * until somebody changes something · `throttled` wait for `retryAfterSeconds` · `gone` list again · `unauthorized` new credentials ·
 * `transient` the server or the network, retry with backoff.
 */
export type ErrorClass =
  | 'conflict'
  | 'notFound'
  | 'alreadyExists'
  | 'terminal'
  | 'throttled'
  | 'transient'
  | 'gone'
  | 'unauthorized';

const CLASS_BY_STATUS: ReadonlyMap<number, ErrorClass> = new Map([
  [400, 'terminal'],
  [401, 'unauthorized'],
  [403, 'terminal'],
  [404, 'notFound'],
  [405, 'terminal'],
  [406, 'terminal'],
  [409, 'conflict'],
  [410, 'gone'],
  [413, 'terminal'],
  [415, 'terminal'],
  [422, 'terminal'],
  [429, 'throttled'],
]);

/**
 * Server-side apply answers malformed content (an unknown field, a wrong type, a list key used twice, an unreadable quantity) with a bare
 * 500 (seen on Kubernetes 1.36), which retrying does not mend.
 */
const REFUSED_APPLY = /^failed to (create typed (patch|live) object|convert new object)/;

/** The object has another UID than the one the request named: it was deleted, and another one made under its name. */
export function isReplaced(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  if (error.status === 409)
    return error.message.includes('the UID in the precondition') || error.message.includes('uid mismatch');
  const causes = error.details?.causes ?? [];
  return error.status === 422 && causes.length > 0 && causes.every((cause) => cause.field === 'metadata.uid');
}

/** The class of anything thrown. What is not a KubeError is a mistake of ours or of Node.js: `transient`, so it is retried with backoff. */
export function classify(error: unknown): ErrorClass {
  if (!(error instanceof KubeError)) return 'transient';
  if (error.status === 409 && error.reason === 'AlreadyExists') return 'alreadyExists';
  if (isReplaced(error)) return 'conflict';
  // An apply that others' fields stand in the way of fails the same way for ever; a lost compare-and-swap does not.
  if (error.status === 409 && fieldConflicts(error).length > 0) return 'terminal';
  if (error.status === 500 && REFUSED_APPLY.test(error.message)) return 'terminal';
  return CLASS_BY_STATUS.get(error.status) ?? 'transient';
}

/** The fields (and who manages them) that an apply without force collided with; empty for any other error. */
export function fieldConflicts(error: unknown): readonly StatusCause[] {
  if (!(error instanceof KubeError)) return [];
  return (error.details?.causes ?? []).filter((cause) => cause.reason === 'FieldManagerConflict');
}

/** Seconds the server asked us to wait; undefined when it did not. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof KubeError ? error.retryAfterSeconds : undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function detailsOf(raw: unknown): StatusDetails | undefined {
  if (!isRecord(raw)) return undefined;
  const causes = Array.isArray(raw['causes']) ? raw['causes'].filter(isRecord) : [];
  return {
    name: textOf(raw['name']),
    kind: textOf(raw['kind']),
    causes: causes.map((cause) => ({
      reason: textOf(cause['reason']) ?? '',
      message: textOf(cause['message']) ?? '',
      field: textOf(cause['field']) ?? '',
    })),
  };
}

/**
 * A KubeError from a Status object, which arrives as the body of a failed request or as the object of an ERROR watch event.
 * `status` is used when the object does not carry a code.
 */
export function errorFromStatus(raw: unknown, status: number, retryAfterSeconds?: number): KubeError {
  const fields = isRecord(raw) ? raw : {};
  const details = isRecord(fields['details']) ? fields['details'] : {};
  const asked = details['retryAfterSeconds'];
  return new KubeError({
    status: typeof fields['code'] === 'number' ? fields['code'] : status,
    reason: textOf(fields['reason']) ?? '',
    message: textOf(fields['message']) ?? `the API server answered ${status}`,
    retryAfterSeconds: retryAfterSeconds ?? (typeof asked === 'number' ? asked : undefined),
    details: detailsOf(fields['details']),
  });
}
