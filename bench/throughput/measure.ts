import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { objectOf, textOf } from '../../src/core/facts/json.ts';
import { connect } from '../../src/kube/client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { POD } from '../../src/kube/resource-type.ts';
import { Store } from '../../src/kube/store.ts';
import { startCluster } from '../../test/cluster/embedded.ts';
import { startProfferScheduler } from '../../test/cluster/proffer-scheduler.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { figure, median, type BenchResult } from '../figure.ts';
import { APPS, MEMBERS, createWorkload } from './workload.ts';

const NODES = 1000;
const PODS = APPS * MEMBERS;
/** Runs of each kind; they take turns, so that whatever else the machine does hits both. */
const ROUNDS = 3;

type Kind = 'plain' | 'members';

type Progress = (line: string) => void;

/** Pods bound per second with members pinned to slots, against the same kube-scheduler without extender, in one cluster and one run. */
export async function benchThroughput(progress: Progress): Promise<BenchResult> {
  const cluster = await startCluster({ defaultScheduler: false, onProgress: progress });
  const client = connect({
    kubeconfigPath: cluster.kubeconfigPath,
    userAgent: 'proffer-bench',
    requestTimeoutSeconds: 60,
  });
  try {
    progress(`Creating ${NODES} fake nodes`);
    const nodes = await cluster.addFakeNodes({ count: NODES, cpu: '32', memory: '128Gi', pods: 250 });
    await cluster.kubectl(['apply', '--server-side', '-f', join(import.meta.dirname, '../../crds')]);
    const rates: Record<Kind, number[]> = { plain: [], members: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      // Who begins takes turns, too.
      const kinds: readonly Kind[] = round % 2 === 0 ? ['plain', 'members'] : ['members', 'plain'];
      for (const kind of kinds) {
        const rate = await runOnce(cluster, client, { kind, nodes, namespace: `bench-${kind}-${round}` });
        progress(`${kind}: ${rate.toFixed(0)} pods/s`);
        rates[kind].push(rate);
      }
    }
    return report(rates);
  } finally {
    client.close();
    await cluster.down();
  }
}

interface Run {
  readonly kind: Kind;
  readonly nodes: readonly string[];
  readonly namespace: string;
}

/**
 * All pods are there before the scheduler starts; the rate is from the first binding to the last, as a watch shows them. They stay for
 * the rest of the benchmark, as removing them would take longer than all else: six pods a node at the end.
 */
async function runOnce(cluster: TestCluster, client: KubeClient, { kind, nodes, namespace }: Run): Promise<number> {
  const isPlain = kind === 'plain';
  const schedulerName = isPlain ? 'plain-scheduler' : 'proffer-scheduler';
  await createWorkload({ client, namespace, schedulerName, slotNodes: isPlain ? undefined : nodes });
  const bindings = new BindingWatch(client, namespace);
  try {
    await waitUntil(`${PODS} pods created`, () => bindings.pods >= PODS, { timeoutSeconds: 300 });
    const scheduler = await startProfferScheduler(cluster, {
      kubeconfigPath: cluster.kubeconfigPath,
      schedulerName,
      extender: !isPlain,
    });
    try {
      await waitUntil(`${PODS} pods bound`, () => bindings.bound >= PODS, { timeoutSeconds: 300 }).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}; ${bindings.bound} are\n${scheduler.output().slice(-3000)}`);
        },
      );
    } finally {
      await scheduler.stop();
    }
    if (!isPlain) await expectOnSlots(client, namespace, nodes);
    return bindings.perSecond();
  } finally {
    bindings.stop();
    // kwok and the controllers have their part to do: the machine shall be quiet for the next.
    await sleep(5000);
  }
}

/** When each pod of a namespace got its node, as a watch shows it. */
class BindingWatch {
  readonly #boundAt = new Map<string, number>();
  readonly #store = new Store<string>();
  readonly #stop = new AbortController();

  constructor(client: KubeClient, namespace: string) {
    this.#store.onChange((name, node) => {
      if (node !== undefined && node !== '' && !this.#boundAt.has(name)) this.#boundAt.set(name, performance.now());
    });
    const reflector = new Reflector({ client, type: POD, namespace, project: nodeNameOf, store: this.#store });
    void reflector.run(this.#stop.signal);
  }

  get pods(): number {
    return this.#store.size;
  }

  get bound(): number {
    return this.#boundAt.size;
  }

  perSecond(): number {
    const times = [...this.#boundAt.values()].toSorted((a, b) => a - b);
    return ((times.length - 1) * 1000) / ((times.at(-1) ?? 0) - (times[0] ?? 0));
  }

  stop(): void {
    this.#stop.abort();
  }
}

function nodeNameOf(raw: unknown): string {
  return textOf(objectOf(objectOf(raw)['spec'])['nodeName']);
}

/** Speed without slots kept would be worth nothing. */
async function expectOnSlots(client: KubeClient, namespace: string, nodes: readonly string[]): Promise<void> {
  interface PodList {
    readonly items: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly nodeName?: string };
    }[];
  }
  const { items } = await client.request<PodList>({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods` });
  for (const { metadata, spec } of items) {
    const [, app = '', ordinal = ''] = /^app-(\d+)-(\d+)$/.exec(metadata.name) ?? [];
    const slot = nodes[Number(app) * MEMBERS + Number(ordinal)];
    if (spec.nodeName !== slot)
      throw new Error(`${metadata.name} is on ${spec.nodeName ?? 'no node'}, its slot on ${slot ?? 'none'}`);
  }
}

function report(rates: Readonly<Record<Kind, readonly number[]>>): BenchResult {
  const show = (kind: Kind): readonly string[] => rates[kind].map((rate) => rate.toFixed(0));
  return {
    figures: [figure('throughput', 'members_per_second', median(rates.members), 'pods/s', median(rates.plain))],
    columns: ['pods/s', ...rates.plain.map((_rate, index) => `round ${index + 1}`), 'median'],
    rows: [
      ['members through the extender', ...show('members'), median(rates.members).toFixed(0)],
      ['plain pods, no extender', ...show('plain'), median(rates.plain).toFixed(0)],
    ],
    notes: [
      `${PODS} pods of ${APPS} StatefulSets on ${NODES} fake nodes, created before the scheduler starts; from the first binding to the last.`,
      'The same kube-scheduler binary and configuration, all nodes scored, with and without the extender; every member is on its slot.',
    ],
  };
}
