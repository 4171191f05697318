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
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestURI: string;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Where the log ends now, in bytes: hand it to `writesSince` later. */
export async function auditPosition(auditLogPath: string): Promise<number> {
  return (await stat(auditLogPath)).size;
}

/** Writes by users whose name contains `userPart`, from a position on. Leases are left out, and dry runs and reviews (they change nothing). */
export async function writesSince(auditLogPath: string, position: number, userPart: string): Promise<readonly AuditedWrite[]> {
  const lines = createInterface({ input: createReadStream(auditLogPath, { start: position }) });
  const found: AuditedWrite[] = [];
  for await (const line of lines) {
    const write = writeOf(line);
    if (write !== undefined && write.user.includes(userPart)) found.push(write);
  }
  return found;
}

function writeOf(line: string): AuditedWrite | undefined {
  let event: AuditEvent;
  try {
    event = JSON.parse(line) as AuditEvent;
  } catch {
    return undefined; // the last line, half written
  }
  const { resource = '', subresource, namespace = '', name = '' } = event.objectRef ?? {};
  if (event.stage !== 'ResponseComplete' || !WRITES.has(event.verb)) return undefined;
  if (resource === 'leases' || /reviews$/.test(resource) || subresource === 'token' || event.requestURI.includes('dryRun=All')) return undefined;
  return {
    user: event.user.username,
    verb: event.verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    key: `${namespace}/${name}`,
    status: event.responseStatus?.code ?? 0,
  };
}
