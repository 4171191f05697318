import { RELEASE_NAMESPACE, installProffer } from '../install-proffer.ts';
import { OrderWriter } from './order-writer.ts';
import { MEMBERS, SIZE, pool, postgresApp, secret } from './postgres-manifests.ts';
import type { Stage } from './postgres.ts';
import { CUSTOMERS, type Found, ORDINALS, type Scene, type Step, customers, orders } from './scene.ts';

/** Proffer, with the right to ask the nodes' kubelets how full volumes are: here they sign their own certificates. */
export async function install({ cluster, screen }: Stage, set: readonly string[]): Promise<void> {
  screen.say(`helm install proffer charts/proffer --namespace ${RELEASE_NAMESPACE} --set autoGrow.kubeletTls=Skip`);
  await installProffer(cluster, { 'autoGrow.kubeletTls': 'Skip' }, set);
  screen.say('Proffer is installed: operator and scheduler are ready');
}

/** One by one: into the namespace `default`, which is the one of this story. */
export async function apply({ cluster }: Stage, ...objects: readonly object[]): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  await Promise.all(objects.map((object) => cluster.kubectl(args, { input: JSON.stringify(object) })));
}

export const startMembers: Step = {
  title: 'three PostgreSQL servers start and are written to',
  play: async (scene) => {
    const { screen, app } = scene;
    screen.say(`kubectl apply -f examples/pools/array.yaml -f examples/postgresql.yaml, with volumes of ${SIZE}`);
    const applied = performance.now();
    await apply(scene, pool(), secret(), postgresApp());
    const { seconds } = await app.untilReady(MEMBERS, 240, applied);
    scene.claims = await app.claims();
    scene.containers = await app.containers();
    screen.say(`${MEMBERS}/${MEMBERS} members Ready ${seconds} s after apply, each with a database on its own volume`);
    await Promise.all(ORDINALS.map((ordinal) => fill(scene, ordinal)));
    screen.say(`each has a table of ${CUSTOMERS} customers, which stays, and gets orders from now on, one by one`);
    return { readySeconds: seconds } satisfies Found;
  },
};

async function fill({ app, sessions, writers }: Scene, ordinal: number): Promise<void> {
  const psql = await app.session(ordinal);
  sessions[ordinal] = psql;
  await customers(psql, ordinal).create();
  await customers(psql, ordinal).add(1, CUSTOMERS);
  await orders(psql, ordinal).create();
  const writer = new OrderWriter(orders(psql, ordinal));
  writers[ordinal] = writer;
  writer.start();
}
