import { ADOPT_HELP, runAdopt } from './adopt-command.ts';
import { type CommandHelp, type ParsedLine, helpText, parseLine } from './command-line.ts';
import { EXPLAIN_HELP, NoSuchAppError, runExplain } from './explain-command.ts';
import { OFFERS_HELP, runOffers } from './offers-command.ts';
import { printText } from './print-text.ts';
import { productVersion } from './product-version.ts';
import { RELEASE_HELP, runRelease } from './release-command.ts';
import { SIMULATE_HELP, runSimulate } from './simulate-command.ts';

interface Command {
  readonly help: CommandHelp;
  readonly run: (line: ParsedLine) => Promise<number>;
}

const COMMANDS: readonly Command[] = [
  { help: EXPLAIN_HELP, run: runExplain },
  { help: OFFERS_HELP, run: runOffers },
  { help: SIMULATE_HELP, run: runSimulate },
  { help: ADOPT_HELP, run: runAdopt },
  { help: RELEASE_HELP, run: runRelease },
];

/** Answers the exit code: 0, 1 for an answer that is no, 2 for what cannot be answered. */
export async function runPlugin([word = 'help', ...rest]: readonly string[]): Promise<number> {
  switch (word) {
    case 'version':
    case '--version':
      return printText(`${productVersion()}\n`);
    case 'help':
    case '--help':
    case '-h':
      return printText(helpFor(rest[0]));
    default:
      return run(word, rest);
  }
}

async function run(word: string, argv: readonly string[]): Promise<number> {
  const command = COMMANDS.find(({ help }) => help.name === word);
  if (command === undefined) {
    console.error(`kubectl proffer: there is no command "${word}"; kubectl proffer help lists them`);
    return 2;
  }
  try {
    const line = parseLine(command.help, argv);
    return line.values.has('help') ? await printText(helpText(command.help)) : await command.run(line);
  } catch (error) {
    console.error(`kubectl proffer: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof NoSuchAppError ? 1 : 2;
  }
}

function helpFor(topic: string | undefined): string {
  const command = COMMANDS.find(({ help }) => help.name === topic);
  return command === undefined ? HELP : helpText(command.help);
}

const HELP = `Proffer for kubectl. Usage: kubectl proffer COMMAND

Commands:
${COMMANDS.map(({ help }) => `  ${help.name.padEnd(8)} ${help.title}\n`).join('')}  version  print the version
  help     print this text; help COMMAND or COMMAND --help tell more

What Proffer does is shown by kubectl itself, too:
  kubectl get papp                  apps: ready members, and why not
  kubectl describe papp NAME        conditions, members, what they wait for
  kubectl get rsv                   slots: which member has which node
  kubectl get frameworks            who is offered how much
  kubectl scale papp NAME --replicas=5
`;
