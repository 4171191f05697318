// Part of adoption.ts, on its cluster: whoever hands a StatefulSet over dies at each of its writes.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runPluginHere } from '../support/plugin-run.ts';
import type { Program } from '../support/program.ts';
import { KilledHandover } from './killed-handover.ts';
import type { Live, RunningProduct } from './running-product.ts';

/** One app each: as many as there are writes in an adoption, and some more for those that wait for each other. */
const HANDED = Array.from({ length: 24 }, (_, index) => `handed-${index}`);

/** What nobody may lose. */
interface Possessions {
  readonly pods: readonly string[];
  readonly claims: readonly string[];
}

const uids = (items: readonly Live[]) => items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).toSorted();
const ownersOf = (items: readonly Live[]) =>
  items.flatMap(({ metadata }) => (metadata.ownerReferences ?? []) as readonly { readonly uid?: string }[]);
const release = (namespace: string, kubeconfigPath: string) =>
  ['release', 'papp/db', '--yes', '-n', namespace].concat('--kubeconfig', kubeconfigPath);

async function possessions(product: RunningProduct, namespace: string): Promise<Possessions> {
  const [pods, claims] = await Promise.all([product.list(namespace, 'pods'), product.list(namespace, 'pvc')]);
  return { pods: uids(pods), claims: uids(claims) };
}

/** Whether the StatefulSet has the pod, and how many owners it has itself. */
async function heirs(product: RunningProduct, namespace: string) {
  const [sets, pods] = await Promise.all([product.list(namespace, 'sts'), product.list(namespace, 'pods')]);
  const all = ownersOf(pods);
  return { isOfSet: all.length === 1 && all[0]?.uid === sets[0]?.metadata.uid, owners: ownersOf(sets).length };
}

/** Whether the app of the namespace is ready and has a StatefulSet that has the pod. */
async function isAdopted(product: RunningProduct, namespace: string): Promise<boolean> {
  const [app] = await product.list(namespace, 'papp');
  if (app === undefined) return false;
  const { metadata, status } = app;
  if (status?.observedGeneration !== metadata.generation || status.readyReplicas !== 1) return false;
  const { isOfSet, owners } = await heirs(product, namespace);
  return isOfSet && owners === 1;
}

function tell(what: string, writes: readonly string[]): void {
  process.stderr.write(`${what}: a death at ${writes.length} writes\n  ${writes.join('\n  ')}\n`);
}

/** `statefulSet`: somebody's, called db, with one replica. The product's operator is gone afterwards. */
export function adoptionUnderKills(running: () => RunningProduct, statefulSet: (namespace: string) => object): void {
  let product: RunningProduct;
  let handover: KilledHandover;
  let before: readonly Possessions[];
  const owned = () => Promise.all(HANDED.map((name) => possessions(product, name)));

  beforeAll(async () => {
    product = running();
    await Promise.all(
      HANDED.map((name) =>
        product.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, statefulSet(name)),
      ),
    );
    await product.until(
      'all StatefulSets run',
      async () => {
        const sets = await Promise.all(HANDED.map((name) => product.get(name, 'sts', 'db')));
        return sets.every(({ status }) => status?.readyReplicas === 1);
      },
      90,
    );
    before = await owned();
    handover = await KilledHandover.instead(product);
  }, 120_000);

  afterAll(async () => {
    await handover?.close();
  }, 30_000);

  test('while it adopts, the operator ends with the same pods and claims under one StatefulSet of the app', async () => {
    const manifests = new Map<string, object>();
    for (const name of HANDED) {
      const where = ['-n', name, '--kubeconfig', product.cluster.kubeconfigPath];
      const { stdout } = await runPluginHere(['adopt', 'sts/db', '-o', 'json', ...where]);
      manifests.set(name, (JSON.parse(stdout) as { manifest: object }).manifest);
    }
    const writes = await handover.operatorDies(
      {
        name: 'adoption',
        begin: (namespace) => product.apply(manifests.get(namespace) ?? {}),
        isDone: (namespace) => isAdopted(product, namespace),
      },
      HANDED,
    );
    tell('adoption', writes);
    expect(writes.length).toBeGreaterThan(5);
    expect(await owned()).toEqual(before);
  }, 300_000);

  test('while an app is released, the plugin and the operator leave the same pods under a plain StatefulSet', async () => {
    const apps = await Promise.all(HANDED.map((name) => product.list(name, 'papp')));
    const adopted = HANDED.filter((_, index) => apps[index]?.length === 1);
    const [byPlugin, byOperator] = [adopted.slice(0, 3), adopted.slice(3, 9)];
    const here = product.cluster.kubeconfigPath;
    // It writes three times: that the app is paused, its deletion, and the StatefulSet.
    expect(await handover.pluginDies(release, byPlugin)).toBe(3);
    for (const name of byPlugin) {
      expect(await runPluginHere(release(name, here))).toMatchObject({ code: 0, stderr: '' });
    }
    const plugins = new Map<string, Program>();
    const writes = await handover.operatorDies(
      {
        name: 'release',
        begin: async (namespace) => {
          // A process of its own costs seconds: only where several are at it.
          if (namespace === byOperator[0]) await runPluginHere(release(namespace, here));
          else plugins.set(namespace, handover.plugin(release(namespace, here)));
        },
        isDone: (namespace) => Promise.resolve(!plugins.has(namespace) || plugins.get(namespace)?.exitCode() === 0),
      },
      byOperator,
    );
    tell('release', writes);
    for (const name of [...byPlugin, ...byOperator.slice(0, 1), ...plugins.keys()]) {
      const left = { apps: await product.list(name, 'papp'), ...(await heirs(product, name)) };
      expect({ name, left }).toEqual({ name, left: { apps: [], isOfSet: true, owners: 0 } });
    }
    expect(await owned()).toEqual(before);
  }, 300_000);
}
