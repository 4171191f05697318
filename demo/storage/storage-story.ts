// The third story: PostgreSQL's volumes fill up and grow, are copied, lose a table, come back, outlive members and the app itself.
import { connect } from '../../src/kube/client.ts';
import { postgresImage } from '../../test/cluster/images/postgres-image.ts';
import type { Story } from '../story.ts';
import { watchRest } from '../watch-rest.ts';
import { backUp, dropTable } from './back-up-and-drop.ts';
import { adoptAgain, deleteApps } from './delete-and-adopt.ts';
import { growOnline } from './grow-online.ts';
import { APP, RESTORED } from './postgres-manifests.ts';
import { Postgres, type Stage } from './postgres.ts';
import { checkRestored, restoreBeside } from './restore-beside.ts';
import { scaleInAndOut } from './scale-in-and-out.ts';
import type { Scene, Step } from './scene.ts';
import { install, startMembers } from './start-members.ts';
import { NOTHING_YET, type StorageSummary, isWell } from './storage-summary.ts';

const STEPS: readonly Step[] = [
  startMembers,
  growOnline,
  backUp,
  dropTable,
  restoreBeside,
  checkRestored,
  scaleInAndOut,
  deleteApps,
  adoptAgain,
];

export const storageStory: Story = {
  needs: async (onProgress) => ({
    realNodes: 3,
    array: true,
    fakeNodes: false,
    arrayOptions: { snapshots: true },
    imageArchives: [await postgresImage(onProgress)],
  }),
  play: async (options, cluster, screen) => {
    const client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-demo' });
    try {
      const stage = { cluster, client, screen };
      await install(stage, options.set);
      const summary = await play(stage, options.restSeconds);
      return { summary, ok: isWell(summary) };
    } finally {
      client.close();
    }
  },
};

/** Plays one step after the other. What a step waits for in vain ends the story, and what was found until then is told. */
async function play(stage: Stage, restSeconds: number): Promise<StorageSummary> {
  const scene: Scene = {
    ...stage,
    app: new Postgres(APP, stage),
    restored: new Postgres(RESTORED, stage),
    sessions: [],
    writers: [],
    claims: [],
    containers: [],
    podRestarts: 0,
    committedAtSnapshot: [],
  };
  let summary = NOTHING_YET;
  for (const { title, play: playStep } of STEPS) {
    try {
      summary = { ...summary, ...(await playStep(scene)) };
    } catch (error) {
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      summary = { ...summary, missing: `${title}: ${reason}` };
      stage.screen.say(`The story ends here. This did not come: ${summary.missing}`);
      break;
    }
  }
  await leave(scene);
  if (summary.missing !== '') return summary;
  return { ...summary, writesAtRest: await watchRest(stage.cluster, restSeconds, stage.screen), restSeconds };
}

/** Nobody goes on writing, and no session stays open, however it ended. */
async function leave({ writers, sessions }: Scene): Promise<void> {
  await Promise.allSettled(writers.map((writer) => writer.stop()));
  await Promise.allSettled(sessions.map((psql) => psql.close()));
}
