// What should come of a disaster, waited for.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import type { ClusterWatch, Return } from './cluster-watch.ts';
import type { Scene } from './disaster.ts';
import { drainEnded } from './drain.ts';
import type { DisasterRun } from './disaster-run.ts';
import { NAMESPACE } from './workload.ts';

export interface OutcomeFound {
  /** The pod that took the lost one's place. */
  readonly back: Return | undefined;
  /** What did not come, in a sentence; empty: all came. */
  readonly missing: string;
}

/** Waits for what the disaster expects, and until the app works again for its users. */
export async function untilOutcome(run: DisasterRun, scene: Scene, watch: ClusterWatch): Promise<OutcomeFound> {
  const { disaster, workload } = run;
  if (disaster.expects === 'nothing') {
    await sleep(disaster.seconds * 1000);
    return { back: undefined, missing: '' };
  }
  const { member, timeline } = scene;
  let back: Return | undefined;
  try {
    back = await waitUntil(`${member} ${OUTCOMES[disaster.expects]}`, () => isOutcome(run, scene, watch), {
      timeoutSeconds: disaster.seconds + workload.extraSeconds,
      everyMilliseconds: 250,
    });
    timeline.add('app', await workload.untilWorking(member, back, 90 + workload.extraSeconds));
    return { back, missing: '' };
  } catch (error) {
    const missing = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    timeline.add('proffer', `not seen: ${missing}`);
    return { back, missing };
  }
}

const OUTCOMES = {
  move: 'Ready elsewhere',
  drain: 'Ready elsewhere, and the end of kubectl drain',
  restart: 'Ready in a new pod',
  rebuild: 'Ready on a new volume',
} as const;

/** The member's pod that shows it; undefined: not yet. */
async function isOutcome(
  { cluster, disaster }: DisasterRun,
  { member, claimUid, node, timeline }: Scene,
  watch: ClusterWatch,
): Promise<Return | undefined> {
  const own = watch.returns.filter(({ pod, readyAt }) => pod === member && readyAt !== undefined);
  if (disaster.expects === 'restart') return own.at(-1);
  if (disaster.expects === 'rebuild') return (await claimUidOf(cluster, member)) === claimUid ? undefined : own.at(-1);
  const isDrained = timeline.entries.some(({ what }) => what === drainEnded(node));
  return disaster.expects === 'drain' && !isDrained ? undefined : own.find(({ from, to }) => from !== to);
}

/** UID of the member's claim; empty while there is none. */
export async function claimUidOf(cluster: TestCluster, member: string): Promise<string> {
  const args = [
    'get',
    'pvc',
    `data-${member}`,
    '-n',
    NAMESPACE,
    '--ignore-not-found',
    '-o',
    'jsonpath={.metadata.uid}',
  ];
  return cluster.kubectl(args);
}
