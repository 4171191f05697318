// One loss: strike, measure, check the data, mend.
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import { doubleWriters } from '../../test/cluster/array/writers.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { readRecords } from '../../test/e2e/recorder.ts';
import { judgeRecords } from '../../test/support/record-oracle.ts';
import { ClusterWatch, type Return } from '../../demo/disasters/cluster-watch.ts';
import { Timeline } from '../../demo/disasters/timeline.ts';
import type { Kind } from './options.ts';
import { NAMESPACE, type Stage } from './stage.ts';

const MEMBER = 'recorder-0';
const TAINT = 'node.kubernetes.io/out-of-service';

/** Seconds from the loss; for `out-of-service` those of `bound` and `ready` are from the taint, and `detected` is FencingRequired. */
export interface Round {
  readonly detected: number;
  readonly bound: number;
  readonly ready: number;
}

/** What the plain StatefulSet's pod did meanwhile. */
export interface PlainRound {
  /** Until Kubernetes called the node NotReady; undefined: not within the time. */
  readonly notReady: number | undefined;
  /** Undefined: never within the time. */
  readonly ready: number | undefined;
  readonly watchedSeconds: number;
}

interface Played {
  readonly round: Round;
  /** Undefined: it was not watched. */
  readonly plain: PlainRound | undefined;
}

/** Plays one loss, and throws when a record was lost, doubled, or out of order, or when two nodes could write at once. */
export async function playRound(stage: Stage, kind: Kind, plainSeconds = 0): Promise<Played> {
  const timeline = new Timeline(SILENT);
  const { client } = stage;
  const options = { client, timeline, namespace: NAMESPACE, app: 'recorder', plain: 'plain', claims: new Map() };
  const watch = new ClusterWatch(options);
  await watch.start();
  const node = watch.podsOf('recorder')[0]?.nodeName ?? '';
  try {
    timeline.begin(kind);
    const played = await strikeAndMend({ stage, kind, node, watch, timeline, plainSeconds });
    await checkData(stage);
    return played;
  } finally {
    watch.stop();
  }
}

interface Struck {
  readonly stage: Stage;
  readonly kind: Kind;
  readonly node: string;
  readonly watch: ClusterWatch;
  readonly timeline: Timeline;
  readonly plainSeconds: number;
}

/** Mended also when nothing came of it: there may be a next round. */
async function strikeAndMend(struck: Struck): Promise<Played> {
  const { stage, kind, node } = struck;
  await strike(stage, kind, node);
  try {
    return await watchRound(struck);
  } finally {
    await mend(stage, kind, node);
  }
}

async function watchRound(struck: Struck): Promise<Played> {
  const { stage, kind, node, watch, timeline, plainSeconds } = struck;
  const zero = kind === 'out-of-service' ? await fencedByHand(stage, node, timeline) : { loss: 0, detected: undefined };
  const move = await untilReady(stage, watch);
  await untilWriting(stage, move.to);
  const plain = plainSeconds === 0 ? undefined : await watchPlain(watch, timeline, plainSeconds);
  const detected = zero.detected ?? timeline.secondsAt(watch.detectedAt);
  const at = (moment: number): number => Math.round((timeline.secondsAt(moment) - zero.loss) * 10) / 10;
  return { round: { detected, bound: at(move.boundAt), ready: at(move.readyAt ?? Number.NaN) }, plain };
}

const SILENT = { say: () => undefined, show: () => undefined, settle: () => undefined };

const isPowerCut = (kind: Kind): boolean => kind !== 'partition' && kind !== 'member-only';

async function strike({ cluster }: Stage, kind: Kind, node: string): Promise<void> {
  await (isPowerCut(kind) ? cluster.powerCut(node) : cluster.partition(node));
  if (kind === 'node-loss') await cluster.kubectl(['delete', 'node', node, '--wait=false']);
}

async function mend(stage: Stage, kind: Kind, node: string): Promise<void> {
  const since = Date.now();
  const { cluster } = stage;
  await (isPowerCut(kind) ? cluster.powerOn(node) : cluster.heal(node));
  await stage.untilHeard(node, since);
  if (kind === 'out-of-service') await cluster.kubectl(['taint', 'nodes', node, `${TAINT}-`]);
}

/** What a person does who was asked to: sees FencingRequired, and says that the machine is off. */
async function fencedByHand(
  stage: Stage,
  node: string,
  timeline: Timeline,
): Promise<{ readonly loss: number; readonly detected: number }> {
  const path = `/apis/proffer.dev/v1alpha1/namespaces/${NAMESPACE}/persistentapps/recorder`;
  const asks = async (): Promise<boolean> => {
    stage.keepOperator();
    const app = await stage.client.request<PersistentApp>({ method: 'GET', path });
    return app.status?.conditions.some(({ type, status }) => type === 'FencingRequired' && status === 'True') ?? false;
  };
  await waitUntil('FencingRequired', asks, { timeoutSeconds: 90, everyMilliseconds: 250 });
  const detected = timeline.secondsAt();
  await stage.cluster.kubectl(['taint', 'nodes', node, `${TAINT}=nodeshutdown:NoExecute`]);
  return { loss: timeline.secondsAt(), detected };
}

async function untilReady(stage: Stage, watch: ClusterWatch): Promise<Return> {
  const isReady = (): Return | undefined => {
    stage.keepOperator();
    return watch.moves.find((move) => move.pod === MEMBER && move.readyAt !== undefined);
  };
  return waitUntil(`${MEMBER} Ready elsewhere`, isReady, { timeoutSeconds: 180 });
}

async function untilWriting({ recorder }: Stage, node: string): Promise<void> {
  const before = recorder.acknowledged.length;
  const writes = (): boolean =>
    recorder.acknowledged.slice(before).some((record) => record.member === MEMBER && record.node === node);
  await waitUntil(`a record of ${MEMBER} from ${node}`, writes, { timeoutSeconds: 30 });
}

async function watchPlain(watch: ClusterWatch, timeline: Timeline, seconds: number): Promise<PlainRound> {
  const isReady = (): number | undefined =>
    watch.moves.find(({ pod, readyAt }) => pod === 'plain-0' && readyAt !== undefined)?.readyAt;
  const left = Math.max(0, seconds - timeline.secondsAt());
  const readyAt = await waitUntil('plain-0 Ready elsewhere', isReady, { timeoutSeconds: left }).catch(() => undefined);
  return {
    notReady: timeline.entries.find(({ what }) => what.endsWith('is NotReady'))?.at,
    ready: readyAt === undefined ? undefined : timeline.secondsAt(readyAt),
    watchedSeconds: Math.round(timeline.secondsAt()),
  };
}

/** Late writes of nodes that were lost before are in the same file, so each round also looks at all rounds before it. */
async function checkData({ cluster, recorder }: Stage): Promise<void> {
  const acknowledged = recorder.acknowledged.filter(({ member }) => member === MEMBER);
  const text = await cluster.kubectl(['exec', '-n', NAMESPACE, MEMBER, '--', 'cat', '/data/log']);
  const { recordsAcknowledged, ...wrong } = judgeRecords(acknowledged, readRecords(text));
  const twoWriters = doubleWriters((await cluster.array?.writers()) ?? []).length;
  if (twoWriters + Object.values(wrong).reduce((sum, count) => sum + count, 0) === 0) return;
  throw new Error(`of ${recordsAcknowledged} records: ${JSON.stringify({ ...wrong, twoWriters })}`);
}
