import { printText } from './print-text.ts';
import { productVersion } from './product-version.ts';

const HELP = `Proffer for kubectl. Usage: kubectl proffer COMMAND

Commands:
  version  print the version
  help     print this text

What Proffer does is shown by kubectl itself:
  kubectl get papp                  apps: ready members, and why not
  kubectl describe papp NAME        conditions, members, what they wait for
  kubectl get rsv                   slots: which member has which node
  kubectl get frameworks            who is offered how much
  kubectl scale papp NAME --replicas=5
`;

/** Answers the exit code. */
export async function runPlugin([command = 'help']: readonly string[]): Promise<number> {
  switch (command) {
    case 'version':
      return printText(`${productVersion()}\n`);
    case 'help':
    case '--help':
    case '-h':
      return printText(HELP);
    default:
      console.error(`kubectl proffer: there is no command "${command}"; kubectl proffer help lists them`);
      return 2;
  }
}
