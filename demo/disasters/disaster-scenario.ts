// A disaster strikes a running app: what happens, what Proffer sees and does, and whether all that was acknowledged is there afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { ArrayWatch } from './array-watch.ts';
import { ClusterWatch } from './cluster-watch.ts';
import type { Scene } from './disaster.ts';
import type { DisasterRun } from './disaster-run.ts';
import type { DisasterSummary, PlainOutcome } from './disaster-summary.ts';
import { type OutcomeFound, claimUidOf, untilOutcome } from './outcome.ts';
import { untilPlain } from './plain-outcome.ts';
import { Timeline } from './timeline.ts';
import { chooseNode } from './victim.ts';
import { type LateWrites, NAMESPACE, PLAIN, PLAIN_NOTE, type Rebuilt } from './workload.ts';

/** A node that came back reuses nothing of before within this time: what it would write late is written by then. */
const LATE_WRITES_SECONDS = 12;

/** Plays it on a cluster where Proffer is installed. Only the checks decide whether it went well: see `isWell`. */
export async function playDisaster(run: DisasterRun): Promise<DisasterSummary> {
  const { screen, workload, disaster } = run;
  const timeline = new Timeline(screen);
  await workload.start(timeline);
  if (run.plainSeconds !== undefined) screen.say(PLAIN_NOTE);
  const watch = await watchCluster(run, timeline);
  const arrayWatch = new ArrayWatch(run.array, timeline, await volumeNames(run.cluster));
  try {
    const scene = await chooseScene(run, timeline, watch);
    screen.say(`All is well. Now ${run.name}: ${disaster.title}. It hits ${scene.node}, where ${scene.member} is`);
    arrayWatch.start();
    await disaster.strike(scene);
    const outcome = await untilOutcome(run, scene, watch);
    const plain = await untilPlain(run, scene, watch);
    const late = await lateWrites(run, scene, outcome);
    await disaster.mend(scene);
    await untilNodesReady(run, timeline);
    const moves = watch.moves.filter(({ pod }) => !pod.startsWith(`${PLAIN}-`)).length;
    await workload.afterMending?.(scene.member, disaster.expects);
    return await judge(run, { scene, watch, outcome, plain, late, moves });
  } finally {
    arrayWatch.stop();
    watch.stop();
    await workload.stop();
  }
}

interface Found {
  readonly scene: Scene;
  readonly watch: ClusterWatch;
  readonly outcome: OutcomeFound;
  readonly plain: PlainOutcome | undefined;
  /** Undefined: nothing was cut off, or nothing ran there. */
  readonly late: LateWrites | undefined;
  /** Of the app's members, when all was mended: what is shown after that may move some. */
  readonly moves: number;
}

async function lateWrites(
  { disaster, workload }: DisasterRun,
  { node, member, timeline }: Scene,
  { back }: OutcomeFound,
): Promise<LateWrites | undefined> {
  if (disaster.runsOn !== true || back === undefined) return undefined;
  const late = await workload.lateWrites(node, member);
  const { tried, refused } = late;
  if (tried > 0)
    timeline.add('array', `the old pod on ${node} tried to write ${tried} times more, and ${refused} failed`);
  return late;
}

async function watchCluster(
  { client, cluster, workload, plainSeconds }: DisasterRun,
  timeline: Timeline,
): Promise<ClusterWatch> {
  const watch = new ClusterWatch({
    client,
    timeline,
    namespace: NAMESPACE,
    app: workload.app,
    plain: plainSeconds === undefined ? undefined : PLAIN,
    claims: await claimsByVolume(cluster),
  });
  await watch.start();
  return watch;
}

async function chooseScene(run: DisasterRun, timeline: Timeline, watch: ClusterWatch): Promise<Scene> {
  const { cluster, array, workload, hit, release, disaster } = run;
  const members = watch.podsOf(workload.app).filter((pod) => pod.nodeName !== '');
  const plain = watch.podsOf(PLAIN);
  // Where both have a pod, they are told apart by nothing but Proffer.
  const both = members.filter((pod) => plain.length === 0 || plain.some(({ nodeName }) => nodeName === pod.nodeName));
  const nodes = both.map((pod) => pod.nodeName);
  const candidates = (await disaster.mayHit?.(cluster, nodes)) ?? nodes;
  const node = await chooseNode(cluster, { hit, namespace: NAMESPACE, release, candidates });
  const there = [...members, ...plain].filter((pod) => pod.nodeName === node);
  const claims = there.flatMap((pod) => pod.claims.map((claim) => `${NAMESPACE}/${claim}`));
  const volumes = (await array.volumes()).filter(({ claim }) => claim !== undefined && claims.includes(claim));
  const member = there[0]?.name ?? '';
  const claimUid = await claimUidOf(cluster, member);
  return { cluster, array, timeline, node, member, claimUid, volumes: volumes.map(({ id }) => id) };
}

async function untilNodesReady({ cluster, disaster }: DisasterRun, timeline: Timeline): Promise<void> {
  const path = String.raw`jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}`;
  const all = async (): Promise<boolean> => {
    const states = (await cluster.kubectl(['get', 'nodes', '-o', path])).split(' ');
    return states.length >= cluster.realNodes.length && states.every((state) => state === 'True');
  };
  await waitUntil('all nodes Ready', all, { timeoutSeconds: 90, everyMilliseconds: 500 });
  timeline.add('disaster', `all is mended; whatever writes late has ${LATE_WRITES_SECONDS} s to do so`);
  await sleep(1000 * (disaster.expects === 'nothing' ? LATE_WRITES_SECONDS / 2 : LATE_WRITES_SECONDS));
}

async function judge(run: DisasterRun, found: Found): Promise<DisasterSummary> {
  const { workload, array, disaster, name } = run;
  const { scene, watch, outcome, plain, late, moves } = found;
  const { timeline } = scene;
  const { more, lateWritesFound, ...records } = await workload.check(await rebuiltOf(run, found));
  const { doubleWriters } = await import('../../test/cluster/array/writers.ts');
  const twoWriters = doubleWriters(await array.writers()).length;
  const secondsAt = (at: number | undefined): number | null => (at === undefined ? null : timeline.secondsAt(at));
  const { back } = outcome;
  return {
    disaster: name,
    expects: disaster.expects,
    node: scene.node,
    member: scene.member,
    detectedSeconds: secondsAt(watch.detectedAt),
    boundSeconds: secondsAt(back?.boundAt),
    readySeconds: secondsAt(back?.readyAt),
    moves,
    ...records,
    twoWriters,
    ...(late === undefined
      ? {}
      : { fencedWritesTried: late.tried, fencedWritesRefused: late.refused, lateWritesFound }),
    missing: outcome.missing,
    ...(plain === undefined ? {} : { plain }),
    ...more,
    timeline: timeline.entries,
  };
}

async function rebuiltOf({ cluster, disaster }: DisasterRun, { scene, outcome }: Found): Promise<Rebuilt | undefined> {
  const { back } = outcome;
  if (disaster.expects !== 'rebuild' || back === undefined) return undefined;
  const path = 'jsonpath={.status.retiredClaims[*].claim}';
  const app = scene.member.replace(/-\d+$/, '');
  const retired = (await cluster.kubectl(['get', 'papp', app, '-n', NAMESPACE, '-o', path])).split(' ');
  const retiredClaim = retired.find((claim) => claim.startsWith(`data-${scene.member}-`)) ?? '';
  return { member: scene.member, retiredClaim, at: back.boundAt };
}

interface Claims {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly volumeName?: string };
  }[];
}

/** Names of the claims by the names of their PersistentVolumes. */
async function claimsByVolume(cluster: TestCluster): Promise<ReadonlyMap<string, string>> {
  const { items } = JSON.parse(await cluster.kubectl(['get', 'pvc', '-n', NAMESPACE, '-o', 'json'])) as Claims;
  return new Map(items.map(({ metadata, spec }) => [spec.volumeName ?? '', metadata.name.replace(/^data-/, '')]));
}

/** The same by the array's own ids. */
async function volumeNames(cluster: TestCluster): Promise<ReadonlyMap<string, string>> {
  return new Map(
    ((await (cluster.array?.volumes() ?? [])) ?? []).map(({ id, claim }) => [
      id,
      (claim ?? id).replace(/^.*\/data-/, ''),
    ]),
  );
}
