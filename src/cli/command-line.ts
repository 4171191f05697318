import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** One flag of a command, for parsing and for the help text. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in the help text; absent: it takes none. */
  readonly value?: string;
  /** It may be given several times. */
  readonly many?: boolean;
  readonly help: string;
}

/** A command of the plugin, as its help and its errors tell it. */
export interface CommandHelp {
  readonly name: string;
  readonly usage: string;
  /** One line in the list of commands. */
  readonly title: string;
  readonly text: string;
  readonly flags: readonly Flag[];
  /** How many arguments that are no flags it takes, and what they are. */
  readonly positionals: readonly string[];
}

export const CLUSTER_FLAGS: readonly Flag[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    help: 'the kubeconfig file; default: $KUBECONFIG, else ~/.kube/config',
  },
  { name: 'context', value: 'NAME', help: 'a context of the kubeconfig; default: the current one' },
];

export const NAMESPACE_FLAG: Flag = {
  name: 'namespace',
  short: 'n',
  value: 'NAMESPACE',
  help: "the namespace; default: the context's, else default",
};

export const OUTPUT_FLAG: Flag = {
  name: 'output',
  short: 'o',
  value: 'json',
  help: 'json: one JSON object with stable keys (docs/cli.md)',
};

const HELP_FLAG: Flag = { name: 'help', short: 'h', help: 'print this text' };

/** What was typed after the command. A flag that takes no value and was given has the value ''. */
export interface ParsedLine {
  readonly positionals: readonly string[];
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** @throws UsageError that names the flag or argument and the command's help. */
export function parseLine(help: CommandHelp, argv: readonly string[]): ParsedLine {
  const flags = [...help.flags, HELP_FLAG];
  const parsed = parse(help, flags, argv);
  const values = new Map(
    Object.entries(parsed.values).map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(textOf)]),
  );
  if (values.has('help')) return { positionals: parsed.positionals, values };
  if (parsed.positionals.length !== help.positionals.length) {
    const wanted = help.positionals.length === 0 ? 'no arguments' : help.positionals.join(' ');
    const got = parsed.positionals.length === 0 ? 'none' : parsed.positionals.join(' ');
    throw wrong(help, `it takes ${wanted}, and got ${got}`);
  }
  for (const { name, many } of flags) {
    if (many !== true && (values.get(name)?.length ?? 0) > 1) throw wrong(help, `--${name} may be given once`);
  }
  return { positionals: parsed.positionals, values };
}

export function wrong({ name }: CommandHelp, problem: string): UsageError {
  return new UsageError(`${name}: ${problem}; kubectl proffer ${name} --help tells more`);
}

/** The value of a flag that is given once at most. */
export function valueOf({ values }: ParsedLine, name: string): string | undefined {
  return values.get(name)?.[0];
}

/** Whether JSON is wanted. @throws UsageError for any other output. */
export function wantsJson(help: CommandHelp, line: ParsedLine): boolean {
  const output = valueOf(line, 'output');
  if (output !== undefined && output !== 'json')
    throw wrong(help, `-o ${output} is not known: json is, and nothing for text`);
  return output === 'json';
}

export function helpText({ usage, text, flags }: CommandHelp): string {
  const rows = [...flags, HELP_FLAG].map(({ name, short, value, help }) => {
    const shown = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
    return { shown, help };
  });
  const width = Math.max(...rows.map(({ shown }) => shown.length));
  return `Usage: kubectl proffer ${usage}\n\n${text}\n\nFlags:\n${rows.map(({ shown, help }) => `  ${shown.padEnd(width)}  ${help}\n`).join('')}`;
}

function parse(help: CommandHelp, flags: readonly Flag[], argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        flags.map(({ name, short, value }) => [
          name,
          {
            type: value === undefined ? ('boolean' as const) : ('string' as const),
            multiple: true,
            ...(short === undefined ? {} : { short }),
          },
        ]),
      ),
    });
  } catch (error) {
    throw wrong(help, (error instanceof Error ? error.message : String(error)).split('. ')[0] ?? '');
  }
}

function textOf(value: string | boolean | undefined): string {
  return typeof value === 'string' ? value : '';
}
