import { type CommandHelp, type ParsedLine, valueOf, wrong } from './command-line.ts';

/** The value of --timeout. @throws UsageError for what is no number of seconds. */
export function secondsOf(help: CommandHelp, line: ParsedLine, otherwise: number): number {
  const given = valueOf(line, 'timeout');
  if (given === undefined) return otherwise;
  if (!/^\d{1,5}$/.test(given)) throw wrong(help, `--timeout ${given} is no number of seconds`);
  return Number(given);
}
