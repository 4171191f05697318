import { parseBytes } from '../../src/core/resources/quantity.ts';
import { readBackup } from './back-up-and-drop.ts';
import { MEMBERS, SIZE, restoredApp } from './postgres-manifests.ts';
import type { Postgres } from './postgres.ts';
import { CUSTOMERS, ORDINALS, type Scene, type Step, countCustomers, orders, sum } from './scene.ts';
import { apply } from './start-members.ts';

export const restoreBeside: Step = {
  title: 'the app is restored beside itself',
  play: async (scene) => {
    const { screen, app, restored } = scene;
    const size = largest(((await readBackup(scene)).status?.volumes ?? []).map((volume) => volume.size));
    screen.say(
      `kubectl apply -f examples/postgresql-restore.yaml, with volumes of ${size} as the largest in the backup`,
    );
    const applied = performance.now();
    await apply(scene, restoredApp(size));
    const { seconds } = await restored.untilReady(MEMBERS, 240, applied);
    screen.say(`${MEMBERS}/${MEMBERS} restored members Ready after ${seconds} s; ${app.name} runs on beside them`);
    const found = await Promise.all(ORDINALS.map((ordinal) => lookAt(scene, ordinal)));
    const rows = sum(found.map(({ intact }) => intact));
    const later = sum(found.map(({ total }) => total)) - sum(scene.committedAtSnapshot);
    const kept = await countCustomers(restored, ORDINALS);
    screen.say(
      `of ${sum(scene.committedAtSnapshot)} orders that were committed before the backup, ${rows} are there as they were written, and ${later} that were committed while it was taken; customers: ${kept} of ${CUSTOMERS * MEMBERS}`,
    );
    return { rowsRestored: rows, restoreSeconds: seconds };
  },
};

export const checkRestored: Step = {
  title: 'pg_amcheck looks at every table and index of the restored members',
  play: async (scene) => {
    const { screen, restored } = scene;
    const complaints = sum(await Promise.all(ORDINALS.map((ordinal) => amcheck(restored, ordinal))));
    screen.say(`pg_amcheck --heapallindexed over all databases of ${MEMBERS} members: ${complaints} complaints`);
    scene.podRestarts += sum((await restored.containers()).map(({ restarts }) => restarts));
    return { amcheckComplaints: complaints, podRestarts: scene.podRestarts };
  },
};

async function lookAt(
  { restored, committedAtSnapshot }: Scene,
  ordinal: number,
): Promise<{ readonly intact: number; readonly total: number }> {
  return restored.inSession(ordinal, async (psql) => {
    const table = orders(psql, ordinal);
    return { intact: await table.countIntact(committedAtSnapshot[ordinal] ?? 0), total: await table.count() };
  });
}

/** Lines in which it complains; it fails when it finds something, and says what. */
async function amcheck(app: Postgres, ordinal: number): Promise<number> {
  const command = ['pg_amcheck', '--username=postgres', '--install-missing', '--heapallindexed', '--all'];
  const said = await app.exec(ordinal, command, 180);
  return said.split('\n').filter((line) => line.trim() !== '').length;
}

function largest(sizes: readonly string[]): string {
  return sizes.reduce((most, size) => (parseBytes(size) > parseBytes(most) ? size : most), SIZE);
}
