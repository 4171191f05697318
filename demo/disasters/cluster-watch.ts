// Watches the cluster as anybody could, tells the timeline what changes, and notes the moments that are measured.
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { Reservation } from '../../src/api/reservation.ts';
import { readAttachment } from '../../src/core/facts/read-attachment.ts';
import { readNode } from '../../src/core/facts/read-node.ts';
import { readPod } from '../../src/core/facts/read-pod.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { EVENT, NODE, POD, VOLUME_ATTACHMENT, type ResourceType } from '../../src/kube/resource-type.ts';
import { Store } from '../../src/kube/store.ts';
import { PERSISTENT_APP, RESERVATION } from '../../src/operator/own-types.ts';
import { attachmentNews, conditionNews, eventNews, nodeNews, operationNews, podNews, slotNews } from './news.ts';
import type { Timeline } from './timeline.ts';

export interface WatchOptions {
  readonly client: KubeClient;
  readonly timeline: Timeline;
  readonly namespace: string;
  /** Name of the PersistentApp. */
  readonly app: string;
  /** Name of the StatefulSet beside it; undefined: there is none. */
  readonly plain: string | undefined;
  /** Claims by the names of their volumes, for sentences. */
  readonly claims: ReadonlyMap<string, string>;
}

/** A pod that took the place of one of the same name, elsewhere or on the same node. Times in milliseconds since the epoch. */
export interface Return {
  readonly pod: string;
  readonly from: string;
  readonly to: string;
  readonly boundAt: number;
  readyAt: number | undefined;
}

/** Follows nodes, pods, attachments, slots, status and events until `stop`. */
export class ClusterWatch {
  /** Of the app and of the plain StatefulSet, since the disaster. */
  readonly returns: Return[] = [];
  /** When the status first told of a recovery or a drain that was not there before, or of a broken volume; milliseconds since the epoch. */
  detectedAt: number | undefined;
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  readonly #pods = new Store<PodFacts>();
  /** Each pod, by its name, as it was bound last. */
  readonly #boundOf = new Map<string, { readonly uid: string; readonly node: string }>();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#pods.onChange((_key, next, previous) => this.#podChanged(next, previous));
  }

  /** Resolves when all is seen once. */
  async start(): Promise<void> {
    const { timeline, claims, namespace } = this.#options;
    const nodes = this.#store(readNode, (next, previous) => {
      for (const { who, what } of nodeNews(next, previous)) timeline.add(who, what);
    });
    const attachments = this.#store(readAttachment, (next, previous) => {
      const claim = claims.get((next ?? previous)?.volumeName ?? '');
      const what = claim === undefined ? undefined : attachmentNews(next, previous, claim);
      if (what !== undefined) timeline.add('kubernetes', what);
    });
    const apps = this.#store(
      (raw) => raw as PersistentApp,
      (next, previous) => this.#appChanged(next, previous),
    );
    const slots = this.#store(
      (raw) => raw as Reservation,
      (next, previous) => {
        for (const what of slotNews(next, previous)) timeline.add('proffer', what);
      },
    );
    const events = this.#store(eventNews, (next) => {
      if (next !== undefined) timeline.add('proffer', next);
    });
    await Promise.all([
      this.#follow(NODE, undefined, nodes),
      this.#follow(VOLUME_ATTACHMENT, undefined, attachments),
      this.#follow(POD, namespace, { store: this.#pods, project: readPod }),
      this.#follow(PERSISTENT_APP, namespace, apps),
      this.#follow(RESERVATION, namespace, slots),
      this.#follow(EVENT, namespace, events),
    ]);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The pods of the app or of the plain StatefulSet. */
  podsOf(name: string): readonly PodFacts[] {
    return this.#pods.list().filter((pod) => appOf(pod.name) === name);
  }

  /** Pods that were bound elsewhere than the one before them. */
  get moves(): readonly Return[] {
    return this.returns.filter(({ from, to }) => from !== to);
  }

  #store<T>(
    project: (raw: unknown) => T,
    onChange: (next: T | undefined, previous: T | undefined) => void,
  ): { readonly store: Store<T>; readonly project: (raw: unknown) => T } {
    const store = new Store<T>();
    store.onChange((_key, next, previous) => onChange(next, previous));
    return { store, project };
  }

  #follow<T>(
    type: ResourceType,
    namespace: string | undefined,
    { store, project }: { readonly store: Store<T>; readonly project: (raw: unknown) => T },
  ): Promise<void> {
    const { client } = this.#options;
    const where = namespace === undefined ? {} : { namespace };
    const reflector = new Reflector({ client, type, ...where, project, store });
    void reflector.run(this.#stop.signal);
    return reflector.whenSynced(this.#stop.signal);
  }

  #podChanged(next: PodFacts | undefined, previous: PodFacts | undefined): void {
    const { timeline, app, plain } = this.#options;
    const owner = appOf((next ?? previous)?.name ?? '');
    if (owner !== app && owner !== plain) return;
    const who = owner === app ? 'kubernetes' : 'plain';
    for (const what of podNews(next, previous)) timeline.add(who, what);
    if (next !== undefined && timeline.struckAt !== undefined) this.#noteReturn(next);
    if (next !== undefined && next.nodeName !== '')
      this.#boundOf.set(next.name, { uid: next.uid, node: next.nodeName });
  }

  #noteReturn(pod: PodFacts): void {
    const before = this.#boundOf.get(pod.name);
    if (pod.nodeName !== '' && before !== undefined && before.uid !== pod.uid)
      this.returns.push({
        pod: pod.name,
        from: before.node,
        to: pod.nodeName,
        boundAt: Date.now(),
        readyAt: undefined,
      });
    const last = this.returns.findLast((candidate) => candidate.pod === pod.name);
    if (pod.ready && last?.to === pod.nodeName) last.readyAt ??= Date.now();
  }

  #appChanged(next: PersistentApp | undefined, previous: PersistentApp | undefined): void {
    const { timeline } = this.#options;
    for (const what of [...conditionNews(next, previous), ...operationNews(next, previous)])
      timeline.add('proffer', what);
    const begins = (is: (app: PersistentApp | undefined) => boolean): boolean => is(next) && !is(previous);
    const isNews = isRecoveryNew(next, previous) || begins(isVolumeBroken) || begins(isDrained);
    if (timeline.struckAt !== undefined && isNews) this.detectedAt ??= Date.now();
  }
}

function isRecoveryNew(next: PersistentApp | undefined, previous: PersistentApp | undefined): boolean {
  const now = next?.status?.lastRecovery?.detectedAt;
  return now !== undefined && now !== previous?.status?.lastRecovery?.detectedAt;
}

function isVolumeBroken(app: PersistentApp | undefined): boolean {
  return app?.status?.conditions.some(({ type, status }) => type === 'VolumesHealthy' && status === 'False') ?? false;
}

function isDrained(app: PersistentApp | undefined): boolean {
  return app?.status?.operations.some(({ type }) => type === 'Drain') ?? false;
}

/** `recorder-2` belongs to `recorder`. */
function appOf(pod: string): string {
  return pod.replace(/-\d+$/, '');
}
