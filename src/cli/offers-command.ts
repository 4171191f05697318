import { decideAll } from '../core/explain/decide-all.ts';
import { makeOffers } from '../core/offers/make-offers.ts';
import { systemClock } from '../kube/clock.ts';
import {
  CLUSTER_FLAGS,
  type CommandHelp,
  OUTPUT_FLAG,
  type ParsedLine,
  valueOf,
  wantsJson,
  wrong,
} from './command-line.ts';
import { readLive } from './live-cluster.ts';
import { printText } from './print-text.ts';
import { offersJson, showOffers } from './show-offers.ts';
import { terminalOf } from './terminal.ts';

export const OFFERS_HELP: CommandHelp = {
  name: 'offers',
  usage: 'offers [--framework FRAMEWORK] [-o json]',
  title: "today's offers: what each node could give, and what each framework has",
  text: `Prints for each node what it could give now: free after pods and slots, free bytes of its storage, attach slots, and what
keeps members out (not ready, cordon, taint, limit); then what each framework is charged, its share, guarantee and limit.
With --framework the amounts are no more than its limits leave. An offer is a snapshot: several frameworks may be offered
the same room, and nothing is set aside for whoever looks.

Exit code: 0, or 2 for bad usage or a cluster that cannot be read.`,
  flags: [{ name: 'framework', value: 'FRAMEWORK', help: 'offers to this framework' }, OUTPUT_FLAG, ...CLUSTER_FLAGS],
  positionals: [],
};

/** Answers the exit code. */
export async function runOffers(line: ParsedLine): Promise<number> {
  const json = wantsJson(OFFERS_HELP, line);
  const framework = valueOf(line, 'framework');
  const { cluster, notKnown } = await readLive(line, 'default');
  const { accounts } = decideAll(cluster, systemClock.epochSeconds());
  const account = accounts.find(({ name }) => name === framework);
  if (framework !== undefined && account === undefined) {
    const names = accounts.map(({ name }) => name).join(', ');
    throw wrong(OFFERS_HELP, `there is no framework ${framework}: there are ${names}`);
  }
  const shown = {
    framework,
    offers: makeOffers(cluster.view, account),
    accounts: account === undefined ? accounts : [account],
    notKnown,
  };
  return printText(
    json
      ? `${JSON.stringify(offersJson(shown), null, 2)}\n`
      : showOffers(shown, terminalOf(process.stdout, process.env)),
  );
}
