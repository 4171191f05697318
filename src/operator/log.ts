import { pino, type Logger } from 'pino';
import { errorForLog } from '../kube/log-error.ts';
import type { LogLevel } from './options.ts';

export type Log = Logger;

/** One JSON line per entry on standard output, `level` as a word. Entries about an app carry `namespace` and `app`. */
export function makeLog(level: LogLevel, name: string): Log {
  return pino({
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (err: unknown) => errorForLog(err) },
  });
}
