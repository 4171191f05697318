// A PersistentApp of PostgreSQL servers, as a person sees it with kubectl and psql.
import type { KubeClient } from '../../src/kube/client.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { type ObservedApp, observeApp } from '../observed-app.ts';
import type { Screen } from '../screen.ts';
import { Psql } from './psql.ts';
import { DATA_FOLDER } from './postgres-manifests.ts';

export const NAMESPACE = 'default';

/** What the story is played on. */
export interface Stage {
  readonly cluster: TestCluster;
  readonly client: KubeClient;
  readonly screen: Screen;
}

/** The one container of a member. */
export interface MemberContainer {
  readonly pod: string;
  /** Another one after each restart, and in each pod. */
  readonly id: string;
  readonly restarts: number;
}

/** A member's claim. */
export interface Claim {
  readonly name: string;
  readonly member: string;
  readonly uid: string;
  /** Name of its PersistentVolume. */
  readonly volume: string;
  /** What it asks for and what it has, as Kubernetes writes it. */
  readonly asked: string;
  readonly size: string;
}

export interface FileSystem {
  readonly bytes: number;
  readonly usedPercent: number;
}

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly containerStatuses?: readonly { readonly containerID?: string; readonly restartCount: number }[];
    };
  }[];
}

interface Claims {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly spec: {
      readonly volumeName?: string;
      readonly resources: { readonly requests: { readonly storage: string } };
    };
    readonly status?: { readonly capacity?: { readonly storage?: string } };
  }[];
}

export class Postgres {
  readonly name: string;
  readonly #stage: Stage;
  readonly #path: string;

  constructor(name: string, stage: Stage) {
    this.name = name;
    this.#stage = stage;
    this.#path = `/apis/proffer.dev/v1alpha1/namespaces/${NAMESPACE}/persistentapps/${name}`;
  }

  member(ordinal: number): string {
    return `${this.name}-${ordinal}`;
  }

  /** Waits until so many members are Ready and the app asks for no more, and shows them on the way. The seconds count from `since` (performance.now()). */
  async untilReady(
    count: number,
    timeoutSeconds: number,
    since = performance.now(),
  ): Promise<{ readonly app: ObservedApp; readonly seconds: number }> {
    const { client, screen } = this.#stage;
    const look = async (): Promise<ObservedApp | undefined> => {
      const app = await observeApp(client, NAMESPACE, this.name);
      screen.show(app);
      return app.members.length === count && app.members.every(({ ready }) => ready) ? app : undefined;
    };
    const app = await this.until(`${count} members of ${this.name} Ready`, look, timeoutSeconds);
    screen.settle();
    return { app, seconds: secondsSince(since) };
  }

  /** As waitUntil; when time is up, the error says what Proffer says of the app. */
  async until<T>(what: string, ask: () => Promise<T | undefined | false>, timeoutSeconds: number): Promise<T> {
    return waitUntil(what, ask, { timeoutSeconds, everyMilliseconds: 500 }).catch(async (error: unknown) => {
      const path = 'jsonpath={.status.summary.status} {.status.summary.reason}: {.status.operations[*].message}';
      const said = await this.#kubectl(['get', 'papp', this.name, '-o', path]).catch(() => 'it is not there');
      const seen = await this.#kubectl(['get', 'papp,appbackup,pods,pvc', '-o', 'wide']).catch(() => '');
      this.#stage.screen.say(seen);
      throw new Error(`${error instanceof Error ? error.message : String(error)}; ${this.name}: ${said.trim()}`, {
        cause: error,
      });
    });
  }

  async containers(): Promise<readonly MemberContainer[]> {
    const { items } = JSON.parse(await this.#kubectl(['get', 'pods', '-o', 'json'])) as Pods;
    return items.flatMap(({ metadata, status }) => {
      const [container] = status.containerStatuses ?? [];
      if (!isMemberOf(this.name, metadata.name) || container === undefined) return [];
      return [{ pod: metadata.name, id: container.containerID ?? '', restarts: container.restartCount }];
    });
  }

  /** Its claims that there are, by member. Also those that no member uses. */
  async claims(): Promise<readonly Claim[]> {
    const { items } = JSON.parse(await this.#kubectl(['get', 'pvc', '-o', 'json'])) as Claims;
    return items.flatMap(({ metadata, spec, status }) => {
      const member = metadata.name.replace(/^data-/, '');
      if (!isMemberOf(this.name, member)) return [];
      const size = status?.capacity?.storage ?? '';
      const asked = spec.resources.requests.storage;
      return [{ name: metadata.name, member, uid: metadata.uid, volume: spec.volumeName ?? '', asked, size }];
    });
  }

  /** The member's disk, as a program in its container sees it. */
  async fileSystem(ordinal: number): Promise<FileSystem> {
    const answer = await this.exec(ordinal, ['df', '-k', '-P', DATA_FOLDER]);
    const [kibibytes = 0, used = 0, available = 0] = (answer.trim().split('\n').at(-1) ?? '')
      .split(/\s+/)
      .slice(1, 4)
      .map(Number);
    return { bytes: kibibytes * 1024, usedPercent: (100 * Math.max(used, kibibytes - available)) / kibibytes };
  }

  /** Runs a program in the member's container. Throws with what it printed when it fails. */
  exec(ordinal: number, command: readonly string[], timeoutSeconds = 120): Promise<string> {
    return this.#kubectl(['exec', this.member(ordinal), '--', ...command], timeoutSeconds);
  }

  session(ordinal: number): Promise<Psql> {
    return Psql.open(this.#stage.cluster, NAMESPACE, this.member(ordinal));
  }

  /** Opens a session, uses it, and closes it whatever comes. */
  async inSession<T>(ordinal: number, use: (psql: Psql) => Promise<T>): Promise<T> {
    const psql = await this.session(ordinal);
    try {
      return await use(psql);
    } finally {
      await psql.close();
    }
  }

  async patch(spec: object): Promise<void> {
    const contentType = 'application/merge-patch+json';
    await this.#stage.client.request({ method: 'PATCH', path: this.#path, contentType, body: { spec } });
  }

  /** Deletes the app, and waits until its pods are gone. */
  async delete(timeoutSeconds: number): Promise<void> {
    await this.#stage.client.request({ method: 'DELETE', path: this.#path });
    const isGone = async (): Promise<boolean> => (await this.containers()).length === 0;
    await this.until(`all pods of ${this.name} gone`, isGone, timeoutSeconds);
  }

  async #kubectl([verb, ...rest]: readonly [string, ...string[]], timeoutSeconds?: number): Promise<string> {
    const options = timeoutSeconds === undefined ? {} : { timeoutSeconds };
    return this.#stage.cluster.kubectl([verb, '-n', NAMESPACE, ...rest], options);
  }
}

function isMemberOf(app: string, pod: string): boolean {
  return pod.startsWith(`${app}-`) && /^\d+$/.test(pod.slice(app.length + 1));
}

export const secondsSince = (start: number): number => Math.round((performance.now() - start) / 100) / 10;
