import { pino, type Logger } from 'pino';
import { errorForLog } from '../kube/log-error.ts';
import type { ExtenderOptions } from './options.ts';

/** One JSON line per entry on standard output, `level` as a word. */
export function makeLog(level: ExtenderOptions['logLevel'], name: string): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const serializers = { err: (err: unknown) => errorForLog(err) };
  // Synchronous, as entries of a thread that ends would be lost else.
  return pino(
    { level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime, formatters, serializers },
    pino.destination({ fd: 1, sync: true }),
  );
}
