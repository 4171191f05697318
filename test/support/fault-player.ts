import type { KubeClient } from '../../src/kube/client.ts';
import type { AppSnapshot } from './app-snapshot.ts';
import { pointsOf } from './crash-points.ts';
import { mayGo, volumeOf, wrongVolumes } from './fault-ending.ts';
import { type FaultEnds, writesForApps } from './fault-ends.ts';
import type { FaultOperator } from './fault-operator.ts';
import { BEGINS_AFTER, DECIDES, SPARES, isTold, tell, type Story } from './fault-story.ts';
import type { KillingProxy } from './killing-proxy.ts';
import type { SafetyMonitor } from './safety-monitor.ts';
import type { StoppedWrite } from './stopped-writes.ts';

/** How a story goes when nobody disturbs it. */
export interface Reference {
  readonly shape: unknown;
  /** Numbers of the operator's writes for the app at which it is worth dying; what the story spares is not counted. */
  readonly points: readonly number[];
  /** The number of the write behind which apps do not wait for each other; 0: they never do. */
  readonly decision: number;
}

/** How it went when the operator died at its write number `at`. */
export interface Survived {
  readonly at: number;
  /** The write that met the kill; undefined when the story had fewer writes this time. */
  readonly hit: string | undefined;
  readonly shape: unknown;
  /** What is wrong with the volumes that were there before: nothing. */
  readonly wrongVolumes: readonly string[];
}

export interface FaultPlayerOptions {
  /** With all rights, past the proxy. */
  readonly client: KubeClient;
  readonly monitor: Pick<SafetyMonitor, 'allowDelete'>;
  readonly proxy: KillingProxy;
  readonly operator: FaultOperator;
  readonly ends: FaultEnds;
}

interface RestingApp {
  readonly namespace: string;
  readonly before: AppSnapshot;
}

interface Run extends RestingApp {
  readonly at: number;
  readonly stopped: StoppedWrite;
}

/**
 * When no write comes for so long, what has not been stopped by then waits for something that was, or has ended. Where that was said and
 * nothing had been stopped at all, the machine was busy, and the next try waits longer.
 */
const NO_WRITE_MILLIS: readonly number[] = [3000, 10_000, 30_000];
const NOTHING: AppSnapshot = { shape: undefined, volumes: {} };

/** An app whose story has ended as it should serves for the next one: to make apps is most of what all this costs. */
export class FaultPlayer {
  readonly #options: FaultPlayerOptions;
  readonly #resting = new Map<Story, RestingApp[]>();
  #namespaces = 0;

  constructor(options: FaultPlayerOptions) {
    this.#options = options;
  }

  async undisturbed(story: Story): Promise<Reference> {
    const { client, proxy, ends } = this.#options;
    const [app] = await this.#restingApps(story, 1);
    if (app === undefined) throw new Error('no app was made ready');
    proxy.disarm();
    await this.#begin(story, app);
    const [end = NOTHING] = await ends.of(story, [app.namespace]);
    const writes = proxy.writes.filter(({ path }) => pathsOf(story, app).test(path));
    const wrong = await wrongVolumes(client, story, app.namespace, app.before.volumes, end.volumes);
    if (wrong.length > 0) throw new Error(`${story}, undisturbed: ${wrong.join('; ')}`);
    this.#rest(story, { namespace: app.namespace, before: end });
    const decision = { first: writes.findIndex(isOfSlots), last: writes.findLastIndex(isOfSlots), none: -1 };
    return {
      shape: end.shape,
      points: pointsOf(writes),
      decision: decision[DECIDES[story]] + 1,
    };
  }

  async killAtEveryWrite(story: Story, reference: Reference): Promise<readonly Survived[]> {
    const survived: Survived[] = [];
    let left = reference.points;
    let tries = 0;
    while (left.length > 0) {
      // Decisions are made one after the other: an app that is stopped before its own has ended keeps all others from theirs.
      const decided = left.filter((at) => at > reference.decision);
      const points = decided.length > 0 ? decided : left;
      const quietMillis = NO_WRITE_MILLIS[tries];
      if (quietMillis === undefined) throw new Error(`${story}: no app came to its write ${points.join(', ')}`);
      const some = await this.#killOnce(story, points, { shape: reference.shape, quietMillis });
      tries = some.length === 0 ? tries + 1 : 0;
      survived.push(...some);
      left = left.filter((at) => !some.some((one) => one.at === at));
    }
    return survived.toSorted((a, b) => a.at - b.at);
  }

  /** Kills the operator once, when each app is stopped at its write; leaves out the apps that waited for another's stopped write. */
  async #killOnce(
    story: Story,
    points: readonly number[],
    { shape: expected, quietMillis }: { readonly shape: unknown; readonly quietMillis: number },
  ): Promise<readonly Survived[]> {
    const { client, proxy, operator, ends } = this.#options;
    const apps = await this.#restingApps(story, points.length);
    proxy.disarm();
    const runs: readonly Run[] = apps.map((app, index) => {
      const at = points[index] ?? 0;
      return { ...app, at, stopped: proxy.stopAt(pathsOf(story, app), at, 'killAfter') };
    });
    await Promise.all(runs.map((run) => this.#begin(story, run)));
    const through = await this.#untilStopped(story, runs, quietMillis);
    await operator.kill();
    proxy.letGo();
    const after = await ends.of(
      story,
      runs.map(({ namespace }) => namespace),
      expected,
    );
    const all = await Promise.all(
      runs.map(async ({ at, namespace, before, stopped: { hit } }, index) => {
        const end = after[index] ?? NOTHING;
        const wrong = await wrongVolumes(client, story, namespace, before.volumes, end.volumes);
        if (JSON.stringify(end.shape) === JSON.stringify(expected)) this.#rest(story, { namespace, before: end });
        if (hit === undefined && !through.has(namespace)) return [];
        const write = hit && `${hit.method} ${hit.path.split('?')[0]?.replace(namespace, 'NS')}`;
        return [{ at, shape: end.shape, hit: write, wrongVolumes: wrong }];
      }),
    );
    return all.flat();
  }

  /** Until no app can go on. Answers the namespaces of those whose story is at its end, with fewer writes than the reference. */
  async #untilStopped(story: Story, runs: readonly Run[], quietMillis: number): Promise<ReadonlySet<string>> {
    const { client, proxy, operator } = this.#options;
    const through = new Set<string>();
    let last = { writes: -1, since: 0 };
    await operator.until(`${story}: every app is stopped or at its end`, async () => {
      const going = runs.filter(({ namespace, stopped }) => stopped.hit === undefined && !through.has(namespace));
      if (going.length === 0) return true;
      const now = performance.now();
      const { length } = writesForApps(proxy);
      if (length !== last.writes) last = { writes: length, since: now };
      if (now - last.since < quietMillis / 2) return false;
      for (const { namespace } of going) if (await isTold(client, story, namespace)) through.add(namespace);
      return now - last.since > quietMillis;
    });
    return through;
  }

  async #begin(story: Story, { namespace, before }: RestingApp): Promise<void> {
    const { client, monitor } = this.#options;
    for (const [claim, identity] of Object.entries(before.volumes)) {
      if (mayGo(story, claim)) monitor.allowDelete(identity.split(' ')[0] ?? '');
    }
    await tell(client, story, namespace);
  }

  #rest(story: Story, app: RestingApp): void {
    this.#resting.set(story, [...(this.#resting.get(story) ?? []), app]);
  }

  /** Apps with which the story can begin: those that rest, and as many new ones as it takes. */
  async #restingApps(story: Story, count: number): Promise<readonly RestingApp[]> {
    await this.#options.operator.ensure();
    const [first] = BEGINS_AFTER[story];
    if (first === undefined) {
      const namespaces = await Promise.all(Array.from({ length: count }, () => this.#newNamespace()));
      return namespaces.map((namespace) => ({ namespace, before: NOTHING }));
    }
    const there = BEGINS_AFTER[story].flatMap((earlier) =>
      (this.#resting.get(earlier) ?? []).map((app) => ({ earlier, app })),
    );
    const taken = there.toReversed().slice(0, count);
    for (const { earlier, app } of taken) {
      this.#resting.set(earlier, this.#resting.get(earlier)?.filter((one) => one !== app) ?? []);
    }
    const made = taken.length === count ? [] : await this.#play(first, count - taken.length);
    return [...taken.map(({ app }) => app), ...made];
  }

  async #play(story: Story, count: number): Promise<readonly RestingApp[]> {
    const apps = await this.#restingApps(story, count);
    await Promise.all(apps.map((app) => this.#begin(story, app)));
    const namespaces = apps.map(({ namespace }) => namespace);
    const ends = await this.#options.ends.of(story, namespaces);
    return namespaces.map((namespace, index) => ({ namespace, before: ends[index] ?? NOTHING }));
  }

  async #newNamespace(): Promise<string> {
    this.#namespaces += 1;
    const name = `crash-${this.#namespaces}`;
    await this.#options.client.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
    return name;
  }
}

function isOfSlots({ path }: { readonly path: string }): boolean {
  return path.includes('/reservations');
}

/** Paths of what is written for this app: in its namespace, and to the volumes that it had before. */
function pathsOf(story: Story, { namespace, before }: RestingApp): RegExp {
  const volumes = Object.values(before.volumes).map((identity) => `/persistentvolumes/${volumeOf(identity)}(\\?|$)`);
  const spared = SPARES[story] === undefined ? '' : `^(?!.*${SPARES[story]}).*`;
  return new RegExp(`${spared}(${[`/namespaces/${namespace}/`, ...volumes].join('|')})`);
}
