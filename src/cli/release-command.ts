import { SCHEDULER_NAME } from '../api/labels.ts';
import { type Leftover, isLetGo, leftovers, releasePatch } from '../core/adoption/released.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { readList, readString } from '../core/app/read-field.ts';
import { KubeError } from '../kube/errors.ts';
import { PRIORITY_CLASS, STATEFUL_SET } from '../kube/resource-type.ts';
import { CLUSTER_FLAGS, type CommandHelp, NAMESPACE_FLAG, type ParsedLine, valueOf } from './command-line.ts';
import { APP, isTakingAlong, letAppGo } from './let-app-go.ts';
import { namespaceFor } from './live-cluster.ts';
import { ObjectClient } from './object-client.ts';
import { printText } from './print-text.ts';
import { secondsOf } from './seconds-of.ts';
import { waitFor } from './wait-for.ts';

export const RELEASE_HELP: CommandHelp = {
  name: 'release',
  usage: 'release papp/NAME [-n NAMESPACE] [--yes]',
  title: 'make a plain StatefulSet of a PersistentApp; its pods are not restarted',
  text: `Lets an app go: what is left is a plain StatefulSet with its Service and PodDisruptionBudget, that runs on without Proffer. Without
--yes nothing is written, and what would be is told. With --yes the app is paused, then deleted with --cascade=orphan, and what
would keep the StatefulSet's next pods from starting without Proffer is taken out of its template. No pod is restarted, no claim
is touched. It may be run again at any time, and goes on where it was. Run it for every app before Proffer is uninstalled.

Exit code: 0 it can be released, or is; 1 it is refused, or not done in time; 2 bad usage or the cluster cannot be read.`,
  flags: [
    { name: 'yes', help: 'do it' },
    {
      name: 'without-operator',
      help: 'Proffer is uninstalled already: do not wait for the operator to say that it leaves the app alone',
    },
    { name: 'scheduler-name', value: 'NAME', help: `what members are scheduled by; default: ${SCHEDULER_NAME}` },
    { name: 'timeout', value: 'SECONDS', help: 'with --yes: how long to wait for each step; default: 60' },
    NAMESPACE_FLAG,
    ...CLUSTER_FLAGS,
  ],
  positionals: ['papp/NAME'],
};

/** Answers the exit code. */
export async function runRelease(line: ParsedLine): Promise<number> {
  const namespace = namespaceFor(line);
  const name = (line.positionals[0] ?? '').replace(/^(papp|persistentapps?)\//, '');
  const client = new ObjectClient(line, namespace);
  try {
    const release = new Release(client, line, name);
    const problem = line.values.has('yes') ? await release.run() : await release.tell();
    if (problem !== undefined) console.error(`kubectl proffer: ${problem}`);
    return problem === undefined ? 0 : 1;
  } finally {
    client.close();
  }
}

/** One app that is let go. Each step finds what the one before has left, so that it can be begun again anywhere. */
class Release {
  readonly #client: ObjectClient;
  readonly #name: string;
  readonly #seconds: number;
  readonly #isAlone: boolean;
  readonly #scheduler: string | undefined;

  constructor(client: ObjectClient, line: ParsedLine, name: string) {
    this.#client = client;
    this.#name = name;
    this.#seconds = secondsOf(RELEASE_HELP, line, 60);
    this.#isAlone = line.values.has('without-operator');
    this.#scheduler = valueOf(line, 'scheduler-name');
  }

  /** Answers what is against it. */
  async tell(): Promise<string | undefined> {
    const [app, set] = await this.#read();
    const refused = this.#refused(app, set);
    if (refused !== undefined || set === undefined) return refused;
    const found = await this.#leftovers(set);
    const lines = [
      ...(app === undefined
        ? ['the app is gone already']
        : [
            `PersistentApp ${this.#name} is paused, then deleted; its Reservation goes, so nothing keeps places for pods that are away`,
            `StatefulSet, Service and PodDisruptionBudget ${this.#name} have no owner any more, and stay`,
            'claims and volumes stay as they are',
          ]),
      ...found.map(said),
      'updateStrategy stays OnDelete: a pod that dies is made by the new template, and none is restarted for it',
      'labels, constraints that became affinity or spread, and PROFFER_ variables stay: the selector cannot be changed',
    ];
    await printText(
      `${lines.map((text) => `  ${text}\n`).join('')}\nNothing was written. To do it: kubectl proffer release papp/${this.#name} --yes\n`,
    );
    return undefined;
  }

  /** Answers what went wrong. */
  async run(): Promise<string | undefined> {
    const [app, set] = await this.#read();
    const problem =
      this.#refused(app, set) ??
      (app === undefined
        ? undefined
        : await letAppGo(app, { client: this.#client, seconds: this.#seconds, isAlone: this.#isAlone, say }));
    return problem ?? (await this.#cleanUp());
  }

  async #read(): Promise<readonly [KubeObject | undefined, KubeObject | undefined]> {
    const [app, set] = await Promise.all([
      this.#client.get(APP, this.#name),
      this.#client.get(STATEFUL_SET, this.#name),
    ]);
    return [app as KubeObject | undefined, set as KubeObject | undefined];
  }

  #refused(app: KubeObject | undefined, set: KubeObject | undefined): string | undefined {
    const name = this.#name;
    if (app === undefined) {
      if (set !== undefined && isLetGo(set)) return undefined;
      return `there is no PersistentApp ${name}, and no StatefulSet ${name} that one has left`;
    }
    if (set === undefined) return `PersistentApp ${name} has no StatefulSet at the moment: nothing could be left of it`;
    if (readString(app, 'status', 'replacement', 'uid') !== '') {
      return `the StatefulSet of PersistentApp ${name} is being replaced: try again when status.replacement is gone`;
    }
    if (isTakingAlong(app, set)) {
      return `PersistentApp ${name} is being deleted, and its StatefulSet and pods go with it: it is too late to release it`;
    }
    const owner = readList(set, 'metadata', 'ownerReferences').find(
      (one) => readString(one, 'uid') === app.metadata.uid,
    );
    const isGoing = app.metadata['deletionTimestamp'] !== undefined;
    return owner === undefined && !isGoing ? `StatefulSet ${name} does not belong to PersistentApp ${name}` : undefined;
  }

  /** A conflict with the StatefulSet's controller, which writes its status, is tried again. */
  async #cleanUp(): Promise<string | undefined> {
    const name = this.#name;
    const done = await waitFor(async () => {
      const set = (await this.#client.get(STATEFUL_SET, name)) as KubeObject | undefined;
      if (set === undefined) return 'gone';
      if (!isLetGo(set)) return undefined;
      const found = await this.#leftovers(set);
      if (found.length === 0) return 'done';
      try {
        await this.#client.patch(STATEFUL_SET, set, releasePatch(found));
      } catch (error) {
        if (!(error instanceof KubeError) || error.status !== 409) throw error;
        return undefined;
      }
      for (const one of found) await say(said(one));
      return 'done';
    }, this.#seconds);
    if (done === 'gone') return `StatefulSet ${name} is gone: nothing is left to be released`;
    if (done === undefined) return `StatefulSet ${name} has an owner still after ${this.#seconds} s: run this again`;
    await say(
      `StatefulSet ${name} is a plain one. Its updateStrategy is OnDelete; to let it restart its pods for a changed template again: kubectl patch sts ${name} -p '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}' (restarts them all once)`,
    );
    return undefined;
  }

  async #leftovers(set: KubeObject): Promise<readonly Leftover[]> {
    const name = readString(set, 'spec', 'template', 'spec', 'priorityClassName');
    return leftovers(set, { isOurClass: name !== '' && (await this.#isOurs(name)), scheduler: this.#scheduler });
  }

  /** Whoever may not read PriorityClasses goes by the name that the chart gives it. */
  async #isOurs(priorityClass: string): Promise<boolean> {
    try {
      const found = await this.#client.get(PRIORITY_CLASS, priorityClass);
      return (
        readString(found, 'metadata', 'labels', 'app.kubernetes.io/part-of') === 'proffer' ||
        priorityClass === 'proffer-member'
      );
    } catch (error) {
      if (error instanceof KubeError && error.status === 403) return priorityClass === 'proffer-member';
      throw error;
    }
  }
}

function said({ field, from, to }: Leftover): string {
  return `template.spec.${field} of the StatefulSet: ${from} is ${to === null ? 'taken out' : `replaced by ${to}`}`;
}

async function say(text: string): Promise<void> {
  await printText(`${text}\n`);
}
