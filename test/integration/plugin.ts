// kubectl proffer against a real API server, with apps that the running operator has looked at.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PluginAnswer, runPluginHere } from '../support/plugin-run.ts';
import type { RunningProduct } from './running-product.ts';

const PLUGIN = join(import.meta.dirname, '..', '..', 'bin', 'kubectl-proffer');
const API_VERSION = 'proffer.dev/v1alpha1';
const SHOP = 'shop';

let product: RunningProduct;
let folder: string;

/** Members of 1 CPU, one a node. */
function app(name: string, replicas: number, spec: object = {}): object {
  const containers = [
    { name: 'main', image: 'localhost/busybox:1', resources: { requests: { cpu: '1', memory: '64Mi' } } },
  ];
  return {
    apiVersion: API_VERSION,
    kind: 'PersistentApp',
    metadata: { name, namespace: SHOP },
    spec: {
      replicas,
      template: { spec: { terminationGracePeriodSeconds: 1, containers } },
      placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] },
      capacityRequest: { mode: 'None' },
      update: { minReadySeconds: 0 },
      ...spec,
    },
  };
}

const live = (args: readonly string[], kubeconfig = product.cluster.kubeconfigPath): Promise<PluginAnswer> =>
  runPluginHere([...args, '--kubeconfig', kubeconfig]);

/** As kubectl runs it, where no cluster can be found. */
function runAlone(args: readonly string[]): Promise<PluginAnswer> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: join(folder, 'none'), HOME: folder };
    const options = { timeout: 50_000, maxBuffer: 64 * 1024 * 1024, env };
    execFile(process.execPath, [PLUGIN, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Credentials of a service account that may list these and nothing else. */
async function rightsTo(name: string, resources: readonly { group: string; plural: string }[]): Promise<string> {
  await product.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: SHOP } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: resources.map(({ group, plural }) => ({ apiGroups: [group], resources: [plural], verbs: ['list'] })),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: SHOP }],
    },
  );
  return product.cluster.serviceAccountKubeconfig(SHOP, name);
}

/** Part of three-nodes.test.ts, on its cluster. */
export function describePlugin(running: () => RunningProduct): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proffer-plugin-'));
    product = running();
    await product.cluster.kubectl(['create', 'namespace', SHOP]);
    await product.apply(
      { apiVersion: API_VERSION, kind: 'Framework', metadata: { name: 'default' }, spec: {} },
      { apiVersion: API_VERSION, kind: 'Framework', metadata: { name: 'small' }, spec: { limit: { cpu: '2' } } },
      app('five', 5),
      app('pair', 2),
      { ...app('third', 3, { framework: 'small' }) },
    );
    await product.untilReady(SHOP, 'pair', 2);
    await product.untilCondition(SHOP, 'five', 'Reserved', 'GangIncomplete', /3 of the 5 members/);
    await product.untilCondition(SHOP, 'third', 'Reserved', 'FrameworkLimit', /limit of cpu/);
  }, 1_200_000);

  afterAll(async () => {
    // Whoever comes next finds the nodes empty, and no framework.
    await product.cluster.kubectl(['delete', 'papp', '--all', '-n', SHOP, '--wait=false']);
    // Garbage collection looks for new kinds twice a minute: it may not know of apps yet.
    await product.until('no pods are left', async () => (await product.list(SHOP, 'pods')).length === 0, 90);
    await product.cluster.kubectl(['delete', 'framework', 'default', 'small', '--wait=false']);
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  describe('kubectl proffer explain', () => {
    test('tells of a gang of five on three nodes who fits, what is missing, and what the operator says', async () => {
      const { code, stdout } = await live(['explain', 'five', '-n', SHOP]);
      expect(code).toBe(0);
      expect(stdout).toContain('shop/five  framework default  5 members have no place');
      expect(stdout).toContain('5 members, all together or none');
      expect(stdout).toContain('each: 1 cpu, 64Mi memory');
      expect(stdout).toMatch(/GangIncomplete: 3 of the 5 members that must start together fit; then five-3/);
      expect(stdout).toMatch(/constraints +3 nodes +ConstraintUnique/);
      expect(stdout).toMatch(/2 more nodes like fake-0 .*\(tried on this cluster: then it fits\)/);
      expect(stdout).toMatch(/QUEUE\n {2}\d of \d; framework default/);
      expect(stdout).toMatch(/Reserved +False +GangIncomplete/);
      expect(stdout).toMatch(/DECLINED SO FAR\n.*TIMES.*\n( +fake-\d +ConstraintUnique +\d+ +\d+s ago +\d+s ago\n){3}/);
      expect(stdout).toMatch(/waits for \d+s/);
      expect(stdout).not.toContain('NOT KNOWN');
    });

    test('says the same to programs, with stable keys', async () => {
      const { stdout } = await live(['explain', 'five', '-n', SHOP, '-o', 'json']);
      expect(JSON.parse(stdout)).toMatchObject({
        app: { namespace: SHOP, name: 'five', framework: 'default', replicas: 5 },
        state: 'Refused',
        asked: { together: 5, placed: 0, total: { cpu: '5' } },
        refused: {
          reason: 'GangIncomplete',
          stages: [{ stage: 'constraints', reasons: [{ reason: 'ConstraintUnique', nodes: 3 }] }],
          changes: [{ kind: 'nodes', count: 2, like: 'fake-0' }],
          proven: true,
        },
        operator: {
          offers: {
            rejected: { ConstraintUnique: 3 },
            declined: expect.arrayContaining([
              expect.objectContaining({ node: 'fake-0', reason: 'ConstraintUnique', times: expect.any(Number) }),
            ]),
          },
        },
        notKnown: [],
      });
    });

    test('of an app that runs tells where each member is, and that nothing is pending', async () => {
      const { code, stdout } = await live(['explain', 'pair', '-n', SHOP]);
      expect(code).toBe(0);
      expect(stdout).toContain('all 2 members have a slot: nothing is pending');
      expect(stdout).toMatch(/pair-0 +Ready +fake-\d +z\d +Claimed/);
    });

    test('of a framework at its limit tells which limit, and how much higher it must be', async () => {
      const { stdout } = await live(['explain', 'third', '-n', SHOP]);
      expect(stdout).toMatch(/FrameworkLimit: framework small is at its limit of cpu/);
      expect(stdout).toContain('1000m more cpu in the limit of framework small (tried on this cluster: then it fits)');
    });

    test('of an app that is not there says where one of that name is, with exit code 1', async () => {
      const { code, stderr } = await live(['explain', 'five', '-n', 'default']);
      expect(code).toBe(1);
      expect(stderr).toContain('there is no PersistentApp five in namespace default; there is shop/five: use -n');
    });

    test('says which list is forbidden, and what is then not known', async () => {
      const kubeconfig = await rightsTo('half', [
        { group: '', plural: 'nodes' },
        { group: 'proffer.dev', plural: 'persistentapps' },
      ]);
      const { code, stdout } = await live(['explain', 'five', '-n', SHOP], kubeconfig);
      expect(code).toBe(0);
      expect(stdout).toMatch(/NOT KNOWN[^]*listing pods is forbidden[^]*nodes look emptier than they are/);
      const none = await rightsTo('none', [{ group: 'proffer.dev', plural: 'persistentapps' }]);
      const refused = await live(['explain', 'five', '-n', SHOP], none);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toMatch(/nodes is forbidden.*nothing can be said about places/);
    }, 60_000);
  });

  describe('kubectl proffer offers', () => {
    test('prints what each node could give, and what each framework has', async () => {
      const { code, stdout } = await live(['offers']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/fake-0 +z1 +[34] +/);
      expect(stdout).toMatch(/FRAMEWORK +WEIGHT +SHARE +FAIR +CHARGED/);
      expect(stdout).toMatch(/default +1 +0\.\d+ +0\.\d+ +2 cpu, 128Mi memory/);
    });

    test('gives a framework no more than its limit, and says when a cordon keeps members out', async () => {
      await product.cluster.kubectl(['cordon', 'fake-2']);
      const { stdout } = await live(['offers', '--framework', 'small', '-o', 'json']);
      await product.cluster.kubectl(['uncordon', 'fake-2']);
      const answer = JSON.parse(stdout) as { offers: { node: string; free: { cpu: string }; keptOutBy: object[] }[] };
      expect(answer.offers.map(({ node, free }) => [node, free.cpu])).toEqual([
        ['fake-0', '2'],
        ['fake-1', '2'],
        ['fake-2', '2'],
      ]);
      expect(answer.offers[2]?.keptOutBy).toContainEqual(expect.objectContaining({ reason: 'NodeCordoned' }));
    });

    test('refuses a framework that is not there, and names those that are', async () => {
      const { code, stderr } = await live(['offers', '--framework', 'large']);
      expect(code).toBe(2);
      expect(stderr).toContain('there is no framework large: there are default, small');
    });
  });

  describe('kubectl proffer simulate', () => {
    test('answers no on three nodes, and yes with two more like one of them, and writes nothing', async () => {
      const six = await file('six.json', app('simulated', 5));
      const refused = await live(['simulate', '-f', six]);
      expect(refused).toMatchObject({ code: 1, stderr: '' });
      expect(refused.stdout).toContain('does not fit');
      const fits = await live(['simulate', '-f', six, '--nodes', '4', '--like', 'fake-0', '-o', 'json']);
      expect(fits.code).toBe(0);
      const answer = JSON.parse(fits.stdout) as { fits: boolean; apps: { places: { node: string }[] }[] };
      expect(answer.fits).toBe(true);
      expect(new Set(answer.apps[0]?.places.map(({ node }) => node)).size).toBe(5);
      await expect(product.get(SHOP, 'papp', 'simulated')).rejects.toThrow('not found');
    });

    test('answers the same from a dump, without a cluster', async () => {
      const kinds =
        'nodes,pods,pv,pvc,sc,csinodes,csidrivers,csistoragecapacities,volumeattachments,namespaces,statefulsets,papp,rsv,frameworks,storagepools';
      const dump = await file('dump.yaml', await product.cluster.kubectl(['get', kinds, '-A', '-o', 'yaml']));
      const six = await file('six.json', app('simulated', 5));
      const refused = await runAlone(['simulate', '-f', six, '--from', dump]);
      expect(refused).toMatchObject({ code: 1, stderr: '' });
      const fits = await runAlone(['simulate', '-f', six, '--from', dump, '--nodes', '4', '--like', 'fake-0']);
      expect(fits).toMatchObject({ code: 0, stderr: '' });
      expect(fits.stdout).toMatch(/simulated-0 +fake-/);
    }, 120_000);

    test('simulates a change of an app that exists from where its members are', async () => {
      const pair = await file('pair.json', app('pair', 3));
      const { code, stdout } = await live(['simulate', '-f', pair]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/pair-2 +fake-/);
      expect(stdout).toMatch(/pair-0 +fake-\d +has it already/);
    });
  });
}
