// What the API server itself saw being written, from its audit log: the witness for "zero writes at rest".
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';

export interface AuditedWrite {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly key: string;
  readonly status: number;
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestURI: string;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Where the log ends now, in bytes: hand it to `writesSince` later. */
export async function auditPosition(auditLogPath: string): Promise<number> {
  return (await stat(auditLogPath)).size;
}

/** Writes by users whose name contains `userPart`, from a position on. Leases are left out, and dry runs and reviews (they change nothing). */
export async function writesSince(
  auditLogPath: string,
  position: number,
  userPart: string,
): Promise<readonly AuditedWrite[]> {
  const lines = createInterface({ input: createReadStream(auditLogPath, { start: position }) });
  const found: AuditedWrite[] = [];
  for await (const line of lines) {
    const write = writeOf(line);
    if (write !== undefined && write.user.includes(userPart)) found.push(write);
  }
  return found;
}

/** Undefined for what changes nothing: reads, dry runs, reviews, tokens; and for Leases. A half-written last line is nothing yet. */
function writeOf(line: string): AuditedWrite | undefined {
  const event = parseLine(line);
  if (event === undefined || event.stage !== 'ResponseComplete' || !changesSomething(event)) return undefined;
  const { resource = '', subresource = '', namespace = '', name = '' } = event.objectRef ?? {};
  const part = subresource === '' ? '' : `/${subresource}`;
  const status = event.responseStatus?.code ?? 0;
  return {
    user: event.user.username,
    verb: event.verb,
    resource: `${resource}${part}`,
    key: `${namespace}/${name}`,
    status,
  };
}

function changesSomething({ verb, requestURI, objectRef }: AuditEvent): boolean {
  const resource = objectRef?.resource ?? '';
  if (resource === 'leases' || resource.endsWith('reviews') || objectRef?.subresource === 'token') return false;
  return WRITES.has(verb) && !requestURI.includes('dryRun=All');
}

function parseLine(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line) as AuditEvent;
  } catch {
    return undefined;
  }
}
