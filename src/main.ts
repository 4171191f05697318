import { printText } from './cli/print-text.ts';
import { productVersion } from './cli/product-version.ts';

const HELP = `Proffer: two-level scheduling for persistent apps on Kubernetes.

Usage: proffer COMMAND [flags]

Commands:
  operator   run the operator
  extender   run the scheduler extender
  crds       print the CustomResourceDefinitions as YAML
  version    print the version
  help       print this text; help operator and help extender list their flags
`;

/** Answers the exit code. Programs are imported when they are asked for and their flags are right, so that the rest answers at once. */
async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const [command = 'help', ...rest] = argv;
  if (rest.some((flag) => flag === '--help' || flag === '-h')) return printText(await help(command));
  switch (command) {
    case 'operator': {
      const { parseOperatorOptions } = await import('./operator/options.ts');
      const options = parseOperatorOptions(rest, process.env);
      return (await import('./operator/run-operator.ts')).runOperator(options, signal);
    }
    case 'extender': {
      const { parseExtenderOptions } = await import('./extender/options.ts');
      const options = parseExtenderOptions(rest, process.env);
      await (await import('./extender/run-extender.ts')).runExtender(options, signal);
      return 0;
    }
    case 'crds':
      return printText(await crds());
    case 'version':
    case '--version':
      return printText(`${productVersion()}\n`);
    case 'help':
    case '--help':
    case '-h':
      return printText(await help(rest[0]));
    default:
      console.error(`proffer: there is no command "${command}"; proffer help lists them`);
      return 2;
  }
}

async function help(topic: string | undefined): Promise<string> {
  if (topic === 'operator')
    return `Flags (also as PROFFER_… variables):\n${(await import('./operator/options.ts')).operatorFlagsHelp()}\n`;
  if (topic === 'extender')
    return `Flags (also as PROFFER_EXTENDER_… variables):\n${(await import('./extender/options.ts')).extenderFlagsHelp()}\n`;
  return HELP;
}

async function crds(): Promise<string> {
  const [{ stringify }, { KINDS }, { crdOf }] = await Promise.all([
    import('yaml'),
    import('./api/kind.ts'),
    import('./api/crd.ts'),
  ]);
  return KINDS.map((kind) => `---\n${stringify(crdOf(kind), { aliasDuplicateObjects: false })}`).join('');
}

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
try {
  // Whatever still hangs then (a watch, a timer) must not keep the process: another may lead already.
  process.exit(await main(process.argv.slice(2), stop.signal));
} catch (error) {
  console.error(`proffer: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
