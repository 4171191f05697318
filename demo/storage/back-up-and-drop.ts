import type { AppBackup } from '../../src/api/app-backup.ts';
import { BACKUP, backup } from './postgres-manifests.ts';
import { NAMESPACE, secondsSince } from './postgres.ts';
import { type Scene, type Step, orders, sum } from './scene.ts';
import { restartsOf } from './grow-online.ts';
import { apply } from './start-members.ts';

export const backUp: Step = {
  title: 'a backup is taken while orders are written',
  play: async (scene) => {
    const { app, screen, writers } = scene;
    // First what is committed, then the wish for a backup: all of this must be in it.
    scene.committedAtSnapshot = writers.map((writer) => writer.committed);
    const rows = sum(scene.committedAtSnapshot);
    screen.say(`${rows} orders are committed. kubectl apply -f examples/postgresql-backup.yaml`);
    const started = performance.now();
    await apply(scene, backup());
    const isReady = async (): Promise<boolean> => (await readBackup(scene)).status?.readyToUse === true;
    await app.until(`the backup ${BACKUP} ready`, isReady, 180);
    const seconds = secondsSince(started);
    const { progress, consistency } = (await readBackup(scene)).status ?? {};
    const later = sum(writers.map((writer) => writer.committed)) - rows;
    screen.say(
      `the backup is ready after ${seconds} s: ${progress} members, consistency ${consistency ?? 'unknown'}; ${later} orders were committed meanwhile`,
    );
    return { rowsAtSnapshot: rows, backupSeconds: seconds };
  },
};

export const dropTable: Step = {
  title: 'somebody drops the table',
  play: async (scene) => {
    const { screen, sessions, writers } = scene;
    await stopWriting(scene);
    await Promise.all(sessions.map((psql, ordinal) => orders(psql, ordinal).drop()));
    await Promise.all(sessions.map((psql) => psql.close()));
    const lost = sum(writers.map((writer) => writer.committed));
    screen.say(`DROP TABLE orders, on all members: ${lost} orders are gone, and no snapshot is younger than that`);
    scene.podRestarts = await restartsOf(scene);
    return { podRestarts: scene.podRestarts };
  },
};

/** Throws when one of them could not write. */
export async function stopWriting({ writers }: Scene): Promise<void> {
  await Promise.all(writers.map((writer) => writer.stop()));
}

export async function readBackup({ cluster }: Scene): Promise<AppBackup> {
  return JSON.parse(await cluster.kubectl(['get', 'appbackup', BACKUP, '-n', NAMESPACE, '-o', 'json'])) as AppBackup;
}
