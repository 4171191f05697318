// What becomes of a plain StatefulSet in the same disaster.
import { waitUntil } from '../../test/cluster/wait-until.ts';
import type { ClusterWatch, Return } from './cluster-watch.ts';
import type { Scene } from './disaster.ts';
import type { DisasterRun } from './disaster-run.ts';
import type { PlainOutcome } from './disaster-summary.ts';
import { PLAIN } from './workload.ts';

/** The same question for the plain StatefulSet's pod of that node, for a bounded time. Undefined: there is none to ask. */
export async function untilPlain(
  { plainSeconds, workload, disaster }: DisasterRun,
  { node, timeline }: Scene,
  watch: ClusterWatch,
): Promise<PlainOutcome | undefined> {
  const pod = podOn(node, watch);
  if (plainSeconds === undefined || disaster.expects === 'nothing' || pod === undefined) return undefined;
  const isBack = (): Return | undefined => watch.moves.find((move) => move.pod === pod && move.readyAt !== undefined);
  const left = Math.max(0, plainSeconds - timeline.secondsAt());
  const [move, settled = ''] = await Promise.all([
    waitUntil(`${pod} Ready elsewhere`, isBack, { timeoutSeconds: left }).catch(() => undefined),
    workload.untilPlainSettled?.(left),
  ]);
  if (settled !== '') timeline.add('plain', settled);
  const waitedSeconds = Math.round(timeline.secondsAt());
  const state = stateOf(pod, watch);
  if (move?.readyAt !== undefined) return { pod, readySeconds: timeline.secondsAt(move.readyAt), state, waitedSeconds };
  timeline.add('plain', `${pod} is not Ready elsewhere within ${waitedSeconds} s: it is ${state} on ${node}`);
  return { pod, readySeconds: null, state, waitedSeconds };
}

/** Its pod there, or the one that was there. */
function podOn(node: string, watch: ClusterWatch): string | undefined {
  const now = watch.podsOf(PLAIN).find(({ nodeName }) => nodeName === node)?.name;
  return now ?? watch.moves.find(({ from, pod }) => from === node && pod.startsWith(`${PLAIN}-`))?.pod;
}

function stateOf(name: string, watch: ClusterWatch): string {
  const pod = watch.podsOf(PLAIN).find((candidate) => candidate.name === name);
  if (pod === undefined) return 'gone';
  return `${pod.deleting ? 'Terminating' : pod.phase}${pod.ready ? '' : ', not Ready'}`;
}
