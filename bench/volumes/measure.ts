// Members with three volumes each through the real provisioner and attacher, with storage, zones and attach slots for hardly more.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import type { BenchResult } from '../figure.ts';
import { CallCount } from './api-calls.ts';
import { finalProblems, refusals } from './final-check.ts';
import { APP_MEMBERS, type Layout, VOLUMES, layoutOf } from './layout.ts';
import { MEMBERS_NAMESPACE, PLAIN_NAMESPACE, persistentApp, plainStatefulSet } from './manifests.ts';
import type { VolumesBenchOptions } from './options.ts';
import { type Run, report } from './report.ts';
import { type Stage, startStage } from './stage.ts';
import { type Progress, Witness } from './witness.ts';

type Tell = (line: string) => void;

/** What the provisioner publishes is asked for every ten seconds; after so many it is what there is. */
const PUBLISHED_MILLISECONDS = 12_000;

/** Throws when anything was over capacity, over-promised or lost: then a speed would be worth nothing. */
export async function benchVolumes({ members }: VolumesBenchOptions, tell: Tell): Promise<BenchResult> {
  const layout = layoutOf(members);
  const stage = await startStage(layout, tell);
  try {
    const plain = await runPlain(stage, layout, tell);
    await stage.startProffer();
    const { run, witness } = await runMembers(stage, layout, tell);
    const refused = await refusals(stage.cluster, MEMBERS_NAMESPACE);
    const problems = [...witness.violations, ...(await finalProblems(stage.cluster, layout, witness)), ...refused];
    if (problems.length > 0) {
      const more = problems.length > 10 ? ` (and ${problems.length - 10} more)` : '';
      throw new Error(`${problems.slice(0, 10).join('\n')}${more}`);
    }
    return report({ layout, plain, members: run, witness });
  } finally {
    await stage.stop();
  }
}

/** The same pods and claims without Proffer; removed again, with all volumes. */
async function runPlain({ cluster, client }: Stage, layout: Layout, tell: Tell): Promise<Run> {
  const count = await CallCount.start(cluster);
  const started = performance.now();
  const path = `/apis/apps/v1/namespaces/${PLAIN_NAMESPACE}/statefulsets`;
  const sets = Array.from({ length: layout.plain / APP_MEMBERS }, (_, index) => `plain-${index}`);
  for (const name of sets) await client.request({ method: 'POST', path, body: plainStatefulSet(name) });
  const wanted = layout.plain * VOLUMES.length;
  const isAttached = async (): Promise<boolean> => ((await cluster.array?.attachments())?.length ?? 0) >= wanted;
  await waitUntil(`${wanted} volumes of plain pods are attached`, isAttached, {
    timeoutSeconds: 400,
    everyMilliseconds: 500,
  });
  const seconds = (performance.now() - started) / 1000;
  const calls = await count.stop(sets.length);
  tell(`plain: ${layout.plain} pods in ${seconds.toFixed(0)} s`);
  for (const kind of ['statefulsets', 'pvc'])
    await cluster.kubectl(['delete', kind, '--all', '--wait=false', '-n', PLAIN_NAMESPACE], { timeoutSeconds: 120 });
  await waitUntil(
    'the volumes of the plain pods are gone',
    async () => (await cluster.array?.volumes())?.length === 0,
    {
      timeoutSeconds: 120,
      everyMilliseconds: 1000,
    },
  );
  await sleep(PUBLISHED_MILLISECONDS);
  return { members: layout.plain, seconds, calls };
}

async function runMembers(
  stage: Stage,
  layout: Layout,
  tell: Tell,
): Promise<{ readonly run: Run; readonly witness: Witness }> {
  const { cluster, client } = stage;
  if (cluster.array === undefined) throw new Error('the cluster has no array');
  const witness = new Witness(client, cluster.array, layout, stage.zoneOf);
  const count = await CallCount.start(cluster);
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const path = `/apis/proffer.dev/v1alpha1/namespaces/${MEMBERS_NAMESPACE}/persistentapps`;
  const apps = Array.from({ length: layout.apps }, (_, index) => persistentApp(`app-${index}`));
  for (const body of apps) await client.request({ method: 'POST', path, body });
  const wanted = layout.members * VOLUMES.length;
  const look = async (): Promise<Progress> => {
    const found = await witness.look();
    const { slots, bound, attached } = found;
    tell(`${elapsed().toFixed(0)} s: ${slots} slots, ${bound} claims bound, ${attached} volumes attached`);
    return found;
  };
  await untilSeen(look, ({ slots }) => slots >= layout.members, stage);
  // Just now its storage is half promised and half made, and must not be counted as free.
  await client.request({ method: 'POST', path, body: persistentApp('surplus', layout.surplus, true) });
  await untilSeen(look, ({ attached }) => attached >= wanted, stage);
  const seconds = elapsed();
  const calls = await count.stop(witness.requests + apps.length + 1);
  // And a while later, when all is published anew.
  await sleep(PUBLISHED_MILLISECONDS);
  await witness.look(true);
  return { run: { members: layout.members, seconds, calls }, witness };
}

async function untilSeen(
  look: () => Promise<Progress>,
  isSo: (found: Progress) => boolean,
  stage: Stage,
): Promise<void> {
  const options = { timeoutSeconds: 600, everyMilliseconds: 2000 };
  const isOver = async (): Promise<boolean> => stage.isOver || isSo(await look());
  await waitUntil('all volumes are attached', isOver, options).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${stage.said()}`, { cause: error });
  });
  if (stage.isOver) throw new Error(`the operator ended\n${stage.said()}`);
}
