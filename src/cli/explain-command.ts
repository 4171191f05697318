import { appKey } from '../core/explain/decide-all.ts';
import { explainApp } from '../core/explain/explain-app.ts';
import { systemClock } from '../kube/clock.ts';
import {
  CLUSTER_FLAGS,
  type CommandHelp,
  NAMESPACE_FLAG,
  OUTPUT_FLAG,
  type ParsedLine,
  wantsJson,
} from './command-line.ts';
import { namespaceFor, readLive } from './live-cluster.ts';
import { printText } from './print-text.ts';
import { explanationJson, showExplanation } from './show-explanation.ts';
import { terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export const EXPLAIN_HELP: CommandHelp = {
  name: 'explain',
  usage: 'explain APP [-n NAMESPACE] [-o json]',
  title: 'why an app waits, and the smallest change that would help; or where its members are',
  text: `Explains one PersistentApp: what it asks for, how many nodes refuse it for which reason, the nearest nodes with their
numbers, the smallest change that would fit (tried on a copy of the cluster), who is ahead in the queue, and what the
operator says. It reads the cluster, decides as the operator does, and writes nothing.

Exit code: 0 explained, 1 there is no such app, 2 bad usage or the cluster cannot be read.`,
  flags: [NAMESPACE_FLAG, OUTPUT_FLAG, ...CLUSTER_FLAGS],
  positionals: ['APP'],
};

/** Answers the exit code. */
export async function runExplain(line: ParsedLine): Promise<number> {
  const json = wantsJson(EXPLAIN_HELP, line);
  const namespace = namespaceFor(line);
  const name = (line.positionals[0] ?? '').replace(/^(papp|persistentapps?)\//, '');
  const { cluster, notKnown } = await readLive(line, namespace);
  const now = systemClock.epochSeconds();
  const found = explainApp(cluster, appKey({ namespace, name }), now);
  if (found === undefined) {
    const elsewhere = [...cluster.apps.keys()].filter((key) => key.endsWith(`/${name}`));
    const hint =
      elsewhere.length > 0 ? `there is ${elsewhere.slice(0, 3).join(', ')}: use -n` : 'kubectl get papp -A lists all';
    const unread = notKnown.filter((problem) => problem.includes('persistentapps'));
    throw new NoSuchAppError(
      [`there is no PersistentApp ${name} in namespace ${namespace}; ${hint}`, ...unread].join('; '),
    );
  }
  const terminal = terminalOf(process.stdout, process.env);
  return printText(
    json
      ? `${JSON.stringify(explanationJson(found, notKnown), null, 2)}\n`
      : showExplanation(found, notKnown, { terminal, now }),
  );
}

/** Exit code 1, unlike other bad input: the question was right, and the answer is that there is none. */
export class NoSuchAppError extends UsageError {}
