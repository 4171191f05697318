// Frameworks as people change them while apps run: limits, guarantees that come back, trees; and what else lives on the nodes. Four nodes of
// 4 CPU and 8Gi.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { reclaimStory } from './reclaim-story.ts';
import { startProduct, type RunningProduct } from './running-product.ts';

jest.setTimeout(240_000);

const NAMESPACE = 'shares';

let product: RunningProduct;

beforeAll(async () => {
  product = await startProduct(4);
  await product.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
});

afterAll(async () => {
  await product?.stop();
});

const framework = (name: string, spec: object) => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'Framework',
  metadata: { name },
  spec,
});

const container = (cpu: string) => ({
  name: 'main',
  image: 'example/any:1',
  resources: { requests: { cpu, memory: '128Mi' } },
});

const app = (name: string, inFramework: string, replicas: number, spec: object = {}, cpu = '1') => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'PersistentApp',
  metadata: { name, namespace: NAMESPACE },
  spec: { framework: inFramework, replicas, template: { spec: { containers: [container(cpu)] } }, ...spec },
});

async function frameworkCondition(name: string, type: string): Promise<string> {
  const found = await product.get(NAMESPACE, 'framework', name);
  return found.status?.conditions?.find((condition) => condition.type === type)?.message ?? '';
}

async function nodesOf(prefix: string): Promise<ReadonlyMap<string, string>> {
  const pods = (await product.list(NAMESPACE, 'pods')).filter(({ metadata }) => metadata.name.startsWith(`${prefix}-`));
  return new Map(pods.map(({ metadata, spec }) => [metadata.uid, spec.nodeName ?? '']));
}

async function remove(...names: readonly string[]): Promise<void> {
  await product.cluster.kubectl(
    ['delete', 'papp', ...names, '-n', NAMESPACE, '--cascade=foreground', '--timeout=60s'],
    {
      timeoutSeconds: 70,
    },
  );
}

describe('a guarantee that was lent out', () => reclaimStory(() => product));

describe('a framework that is changed while its apps run', () => {
  test('with a higher limit lets the waiting app in; with one below what runs it kills nothing, says so and starts nothing new', async () => {
    await product.apply(framework('team', { limit: { cpu: '2' } }), app('first', 'team', 2));
    await product.untilReady(NAMESPACE, 'first', 2);
    await product.apply(app('second', 'team', 2));
    await product.untilCondition(NAMESPACE, 'second', 'Reserved', 'FrameworkLimit', /2000m of 2000m charged/);
    await product.apply(framework('team', { limit: { cpu: '4' } }));
    await product.untilReady(NAMESPACE, 'second', 2);

    const before = await nodesOf('first');
    await product.apply(framework('team', { limit: { cpu: '1' } }), app('third', 'team', 1));
    await product.untilCondition(NAMESPACE, 'third', 'Reserved', 'FrameworkLimit', /4000m of 1000m charged/);
    await product.until('the framework says that more runs than its limit', async () =>
      /4000m of cpu charged, and the limit is 1000m/.test(await frameworkCondition('team', 'Contradictory')),
    );
    expect(await nodesOf('first')).toEqual(before);
    await remove('first', 'second', 'third');
  });

  test('with a guarantee that it does not lend keeps room free, and gets it when it asks', async () => {
    await product.apply(
      framework('bank', { guarantee: { cpu: '6', memory: '1Gi' }, lendingLimit: { cpu: '0', memory: '0' } }),
      framework('web', {}),
      app('many', 'web', 10, { gang: { minMembers: 10 } }),
    );
    await product.untilReady(NAMESPACE, 'many', 10);
    await product.apply(app('more', 'web', 2));
    await product.untilCondition(NAMESPACE, 'more', 'Reserved', 'FrameworkGuarantee', /bank/);
    await product.apply(app('ledger', 'bank', 6));
    await product.untilReady(NAMESPACE, 'ledger', 6);
    await remove('many', 'more', 'ledger');
    await product.cluster.kubectl(['delete', 'framework', 'bank', 'web']);
  });

  test('and deleted leaves what runs, and says what is missing', async () => {
    await product.apply(framework('gone', {}), app('orphan', 'gone', 2));
    await product.untilReady(NAMESPACE, 'orphan', 2);
    const before = await nodesOf('orphan');
    await product.cluster.kubectl(['delete', 'framework', 'gone']);
    await product.untilCondition(NAMESPACE, 'orphan', 'Stalled', 'FrameworkNotFound', /gone/);
    expect(await nodesOf('orphan')).toEqual(before);
    await product.apply(framework('gone', {}));
    await product.untilReady(NAMESPACE, 'orphan', 2);
    expect(await nodesOf('orphan')).toEqual(before);
    await remove('orphan');
  });
});

describe('a tree', () => {
  test('takes apps on its leaves only, and its upper limits hold below', async () => {
    await product.apply(
      framework('org', { limit: { cpu: '3' } }),
      framework('dev', { parent: 'org' }),
      framework('ops', { parent: 'org' }),
      app('inner', 'org', 1),
      app('left', 'dev', 2),
    );
    await product.untilCondition(NAMESPACE, 'inner', 'Stalled', 'FrameworkNotLeaf', /org/);
    await product.untilReady(NAMESPACE, 'left', 2);
    await product.apply(app('right', 'ops', 2));
    await product.untilCondition(NAMESPACE, 'right', 'Reserved', 'FrameworkLimit', /framework org is at its limit/);
    await remove('inner', 'left', 'right');
  });

  test('with a parent that is not there says so, and its apps wait', async () => {
    await product.apply(framework('lost', { parent: 'nobody' }), app('waits', 'lost', 1));
    await product.until('the framework names its missing parent', async () =>
      /nobody/.test(await frameworkCondition('lost', 'Ready')),
    );
    await product.untilCondition(NAMESPACE, 'waits', 'Ready', 'FrameworkNotFound', /nobody/);
    await remove('waits');
  });
});

describe('what else lives on the nodes', () => {
  test('a DaemonSet and pods of the default scheduler come and go; members keep their nodes, and the rest is counted', async () => {
    await product.apply(app('stays', 'default', 4, {}, '2'));
    await product.untilReady(NAMESPACE, 'stays', 4);
    const before = await nodesOf('stays');
    const labels = { app: 'agent' };
    await product.apply({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent', namespace: NAMESPACE },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container('1')] } },
      },
    });
    await product.until('an agent runs on every node', async () => {
      const found = await nodesOf('agent');
      return found.size === 4 && [...found.values()].every((node) => node !== '');
    });
    // Only who waits says what is free, and the agents may be known a moment after they run.
    await product.apply(app('huge', 'default', 1, {}, '100'));
    await product.untilCondition(NAMESPACE, 'huge', 'Reserved', 'InsufficientCPU', /most free 1000m/);
    await product.apply(app('late', 'default', 4, { gang: { minMembers: 4 } }, '1500m'));
    await product.untilCondition(NAMESPACE, 'late', 'Reserved', 'InsufficientCPU', /most free 1000m/);
    await product.cluster.kubectl(['delete', 'daemonset', 'agent', '-n', NAMESPACE]);
    await product.untilReady(NAMESPACE, 'late', 4);
    expect(await nodesOf('stays')).toEqual(before);
    await remove('stays', 'late', 'huge');
  });

  test('a LimitRange raises what a member asks, and its slot is as large', async () => {
    const namespace = 'limited';
    await product.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'defaults', namespace },
        spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '1500m', memory: '256Mi' } }] },
      },
      {
        apiVersion: 'proffer.dev/v1alpha1',
        kind: 'PersistentApp',
        metadata: { name: 'bare', namespace },
        spec: { replicas: 1, template: { spec: { containers: [{ name: 'main', image: 'example/any:1' }] } } },
      },
    );
    await product.untilReady(namespace, 'bare', 1);
    const reservation = await product.cluster.kubectl(['get', 'rsv', 'bare', '-n', namespace, '-o', 'json']);
    const { spec } = JSON.parse(reservation) as { spec: { slots: { resources: Record<string, string> }[] } };
    expect(spec.slots[0]?.resources).toMatchObject({ cpu: '1500m', memory: '256Mi' });
  });

  test('a quota that lets too few pods in is told with its numbers; raised, the rest start by themselves', async () => {
    const namespace = 'few';
    const quota = (pods: string) => ({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small', namespace },
      spec: { hard: { pods } },
    });
    await product.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, quota('2'));
    await product.apply({ ...app('three', 'default', 3), metadata: { name: 'three', namespace } });
    const said =
      /refuses the pod of three-\d: pods "three" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2; raise the quota/;
    await product.untilCondition(namespace, 'three', 'Stalled', 'PodRefused', said);
    await product.untilReady(namespace, 'three', 2);
    await product.apply(quota('3'));
    await product.untilReady(namespace, 'three', 3);
    await product.untilCondition(namespace, 'three', 'Stalled', 'NotStalled', /^$/);
  });
});
