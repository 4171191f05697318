import { ANNOTATION_ADOPT } from '../api/labels.ts';
import { readList, readString } from '../core/app/read-field.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { CLUSTER_FLAGS, type CommandHelp, NAMESPACE_FLAG, type ParsedLine, valueOf, wrong } from './command-line.ts';
import { namespaceFor } from './live-cluster.ts';
import { ObjectClient } from './object-client.ts';
import { ownType } from './own-types.ts';
import { printText } from './print-text.ts';
import { type AdoptionReport, readAdoptee } from './read-adoptee.ts';
import { adoptionJson, manifestYaml, showAdoption } from './show-adoption.ts';
import { secondsOf } from './seconds-of.ts';
import { terminalOf } from './terminal.ts';
import { waitFor } from './wait-for.ts';

export const ADOPT_HELP: CommandHelp = {
  name: 'adopt',
  usage: 'adopt sts/NAME [-n NAMESPACE] [--framework FRAMEWORK] [--yes] [-o yaml|json]',
  title: 'make a PersistentApp of a StatefulSet that runs; its pods are not restarted',
  text: `Makes a PersistentApp of a StatefulSet with its pods and claims. Without --yes nothing is written: it tells what would change on
which object, what is against it, and prints the manifest (-o yaml: only that, for kubectl apply, which does the same as --yes).
With --yes it makes the PersistentApp and waits until the operator has taken the pods over. No pod is restarted, no claim is
made or deleted; the StatefulSet alone is removed without its pods, and made again around them. docs/adoption.md tells more.

Exit code: 0 it can be adopted, or is; 1 it is refused, or not done in time; 2 bad usage or the cluster cannot be read.`,
  flags: [
    { name: 'yes', help: 'do it' },
    { name: 'framework', value: 'FRAMEWORK', help: 'spec.framework of the app; default: default' },
    { name: 'timeout', value: 'SECONDS', help: 'with --yes: how long to wait; default: 120' },
    NAMESPACE_FLAG,
    {
      name: 'output',
      short: 'o',
      value: 'yaml|json',
      help: 'yaml: the manifest; json: one JSON object with stable keys (docs/cli.md)',
    },
    ...CLUSTER_FLAGS,
  ],
  positionals: ['sts/NAME'],
};

/** Answers the exit code. */
export async function runAdopt(line: ParsedLine): Promise<number> {
  const output = outputOf(line);
  const namespace = namespaceFor(line);
  const name = (line.positionals[0] ?? '').replace(/^(sts|statefulsets?(\.apps)?)\//, '');
  const seconds = secondsOf(ADOPT_HELP, line, 120);
  const client = new ObjectClient(line, namespace);
  try {
    const report = await readAdoptee(client, name, valueOf(line, 'framework'));
    if (report === undefined) {
      console.error(
        `kubectl proffer: there is no StatefulSet ${name} in namespace ${namespace}; kubectl get sts -A lists all`,
      );
      return 1;
    }
    const wanted = line.values.has('yes') && report.refused.length === 0;
    const problem = wanted ? await adopt(client, report, seconds) : undefined;
    await printText(shown(report, output, { wanted, problem }));
    if (problem !== undefined) console.error(`kubectl proffer: ${problem}`);
    if (output === 'yaml' && report.refused.length > 0)
      console.error(`kubectl proffer: refused: ${report.refused.join('; ')}`);
    return report.refused.length > 0 || problem !== undefined ? 1 : 0;
  } finally {
    client.close();
  }
}

interface Try {
  /** Whether it was to be done. */
  readonly wanted: boolean;
  readonly problem: string | undefined;
}

function shown(report: AdoptionReport, output: 'text' | 'yaml' | 'json', { wanted, problem }: Try): string {
  const isDone = wanted && problem === undefined;
  if (output === 'yaml') return manifestYaml(report);
  if (output === 'json') return `${JSON.stringify(adoptionJson(report, isDone), null, 2)}\n`;
  // After a try that failed the app may be there: that nothing was written would be untrue.
  if (problem !== undefined) return '';
  const account = isDone ? '' : showAdoption(report, terminalOf(process.stdout, process.env));
  return `${account}${lastWord(report, isDone)}`;
}

function lastWord({ statefulSet, refused, pods }: AdoptionReport, isDone: boolean): string {
  const { name, namespace = '' } = statefulSet.metadata;
  if (isDone) return `PersistentApp ${namespace}/${name} has taken over ${pods.length} pods; none was restarted.\n`;
  if (refused.length > 0) return `\nNothing was written: it cannot be adopted as it is (see REFUSED).\n`;
  return `\nNothing was written. To do it: kubectl proffer adopt sts/${name} -n ${namespace} --yes\n`;
}

function outputOf(line: ParsedLine): 'text' | 'yaml' | 'json' {
  const output = valueOf(line, 'output') ?? 'text';
  if (output === 'yaml' || output === 'json' || output === 'text') return output;
  throw wrong(ADOPT_HELP, `-o ${output} is not known: yaml and json are, and nothing for text`);
}

/** Makes the app, or finds it made by an earlier try, and waits for the operator. Answers what went wrong. */
async function adopt(client: ObjectClient, report: AdoptionReport, seconds: number): Promise<string | undefined> {
  const type = ownType('PersistentApp');
  const { name, uid = '' } = report.statefulSet.metadata;
  const there = await client.get(type, name);
  if (there === undefined) await client.create(type, report.manifest, { dryRun: false });
  else if (
    there.metadata['annotations'] === undefined ||
    readString(there, 'metadata', 'annotations', ANNOTATION_ADOPT) !== uid
  ) {
    return `there is a PersistentApp ${name} already, and it is not to be made of this StatefulSet (annotation ${ANNOTATION_ADOPT}: ${uid}); nothing was written`;
  }
  let told = '';
  const tell = (app: KubeObject | undefined) => {
    const said = readString(readList(app, 'status', 'operations')[0], 'message');
    if (said !== '' && said !== told) console.error((told = said));
  };
  const answer = await waitFor(async () => {
    const app = await client.get(type, name);
    tell(app);
    return outcome(app, uid);
  }, seconds);
  if (answer === 'adopted') return undefined;
  return (
    answer ??
    `not done after ${seconds} s${told === '' ? ': is the operator running?' : `: ${told}`}; it goes on by itself, kubectl describe papp ${name} shows how far it is`
  );
}

/** `adopted`, or why not; undefined: not yet. */
function outcome(app: KubeObject | undefined, uid: string): string | undefined {
  if (readString(app, 'status', 'adopted') === uid) return 'adopted';
  const stalled = readList(app, 'status', 'conditions').find(
    (condition) => readString(condition, 'type') === 'Stalled',
  );
  return readString(stalled, 'status') === 'True' ? readString(stalled, 'message') : undefined;
}
