// How often the API server was called, as it says itself: its counter of all requests, and its audit log of writes by program.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { auditPosition } from '../../test/support/audit-writes.ts';

/** Heartbeats of nodes and leaders: they come with time, not with members. */
const BEATS: ReadonlySet<string> = new Set(['leases', 'nodes']);

export interface Calls {
  /** All requests but watches, heartbeats and this benchmark's own. */
  readonly all: number;
  /** Writes by the program that made them. */
  readonly writes: ReadonlyMap<string, number>;
}

/** Counts from its start to `stop`. */
export class CallCount {
  readonly #cluster: TestCluster;
  readonly #auditLogPath: string;
  readonly #position: number;
  readonly #before: number;

  private constructor(cluster: TestCluster, auditLogPath: string, position: number, before: number) {
    this.#cluster = cluster;
    this.#auditLogPath = auditLogPath;
    this.#position = position;
    this.#before = before;
  }

  static async start(cluster: TestCluster): Promise<CallCount> {
    const { auditLogPath } = cluster;
    if (auditLogPath === undefined) throw new Error('this cluster keeps no audit log');
    const before = await requestTotal(cluster);
    return new CallCount(cluster, auditLogPath, await auditPosition(auditLogPath), before);
  }

  /** `own`: requests that this benchmark made meanwhile. */
  async stop(own: number): Promise<Calls> {
    const all = (await requestTotal(this.#cluster)) - this.#before - own;
    const writes = new Map<string, number>();
    const input = createReadStream(this.#auditLogPath, { start: this.#position });
    for await (const line of createInterface({ input })) {
      const program = writerOf(line);
      if (program !== undefined) writes.set(program, (writes.get(program) ?? 0) + 1);
    }
    return { all, writes };
  }
}

async function requestTotal(cluster: TestCluster): Promise<number> {
  const text = await cluster.kubectl(['get', '--raw', '/metrics']);
  let sum = 0;
  for (const [, labels = '', value = ''] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (label('verb') !== 'WATCH' && label('verb') !== 'CONNECT' && !BEATS.has(label('resource'))) sum += Number(value);
  }
  return sum;
}

interface AuditEvent {
  readonly stage: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource?: string };
}

/** The program's name; undefined for heartbeats, and for a last line that is half written. */
function writerOf(line: string): string | undefined {
  try {
    const { stage, userAgent = '', user, objectRef } = JSON.parse(line) as AuditEvent;
    if (stage !== 'ResponseComplete' || BEATS.has(objectRef?.resource ?? '')) return undefined;
    if (user.username.endsWith(':proffer-operator')) return 'proffer operator';
    return userAgent.split('/')[0] ?? '';
  } catch {
    return undefined;
  }
}
