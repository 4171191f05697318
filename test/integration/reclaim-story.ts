import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../../src/kube/client.ts';
import { Writer } from '../../src/kube/writer.ts';
import type { RunningProduct } from './running-product.ts';

const NAMESPACE = 'reclaim';

function own(kind: string, name: string, spec: object): object {
  return { apiVersion: 'proffer.dev/v1alpha1', kind, metadata: { name }, spec };
}

function app(name: string, framework: string, replicas: number, spec: object = {}): object {
  const resources = { requests: { cpu: '3', memory: '128Mi' } };
  const containers = [{ name: 'main', image: 'example/any:1', resources }];
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace: NAMESPACE },
    spec: { framework, replicas, template: { spec: { containers } }, ...spec },
  };
}

const budget = (appName: string) => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'nobody-goes', namespace: NAMESPACE },
  spec: { maxUnavailable: 0, selector: { matchLabels: { 'proffer.dev/app': appName } } },
});

/**
 * A guarantee that was lent out comes back when its owner asks: who goes, who stays, and what people are told. Wants four nodes of 4 CPU
 * and nothing else on them; members of 3 CPU, so that each has a node for itself.
 */
export function reclaimStory(given: () => RunningProduct): void {
  beforeAll(async () => {
    await given().apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      own('Framework', 'owner', { guarantee: { cpu: '6', memory: '1Gi' } }),
      own('Framework', 'guest', { revocable: true }),
      own('Framework', 'firm', {}),
      own('StoragePool', 'disks', { storageClassName: 'array', locality: 'Node' }),
    );
  });

  afterAll(async () => {
    await given().cluster.kubectl(['delete', 'papp', '--all', '-n', NAMESPACE, '--cascade=foreground', '--wait']);
    await given().cluster.kubectl(['delete', 'framework', 'owner', 'guest', 'firm']);
  });

  async function podOf(member: string): Promise<{ readonly uid: string; readonly node: string }> {
    const { metadata, spec } = await given().get(NAMESPACE, 'pod', member);
    return { uid: metadata.uid, node: spec.nodeName ?? '' };
  }

  test('comes back from whoever may go, once the disruption budget lets it; nobody else is touched', async () => {
    const volumeClaims = [{ name: 'data', mountPath: '/data', size: '1Gi', pool: 'disks' }];
    await given().apply(
      app('pinned', 'guest', 1, { volumeClaims }),
      app('stays', 'firm', 1),
      app('remains', 'firm', 1),
      app('lent', 'guest', 1),
      budget('lent'),
    );
    for (const name of ['pinned', 'stays', 'remains', 'lent']) await given().untilReady(NAMESPACE, name, 1);
    const [pinned, stays, lent] = await Promise.all(['pinned-0', 'stays-0', 'lent-0'].map(podOf));

    await given().apply(app('claims', 'owner', 2, { gang: { minMembers: 1 } }));
    await given().untilEvent(NAMESPACE, 'claims', 'ReclaimHeldUp', /lent-0 of framework guest.*disruption budget/);
    expect(await podOf('lent-0')).toEqual(lent);
    const slots = (await given().get(NAMESPACE, 'rsv', 'lent')).spec.slots;
    expect(slots).toMatchObject([{ member: 'lent-0', state: 'Claimed' }]);

    await given().cluster.kubectl(['delete', 'pdb', 'nobody-goes', '-n', NAMESPACE]);
    await given().untilReady(NAMESPACE, 'claims', 1);
    expect((await podOf('claims-0')).node).toBe(lent?.node);
    const right =
      /lent-0 .*evicted for reclaim\/claims of framework owner, which is guaranteed 6000m of cpu and uses 0m/;
    await given().untilEvent(NAMESPACE, 'lent', 'Reclaimed', right);
    await given().untilEvent(NAMESPACE, 'claims', 'Reclaiming', /reclaim\/lent-0 on/);
    await given().until('lent says why it waits', async () => {
      const { status } = await given().get(NAMESPACE, 'papp', 'lent');
      return status?.conditions?.some(({ type, message }) => type === 'Reserved' && right.test(message)) === true;
    });

    // The second member is within the guarantee, too, and those that are left may not be asked.
    const waits = await given().untilCondition(NAMESPACE, 'claims', 'Reserved', 'InsufficientCPU', /0 of 4 nodes/);
    expect(waits.status).toBe('False');
    expect(await podOf('pinned-0')).toEqual(pinned);
    expect(await podOf('stays-0')).toEqual(stays);
    expect((await given().get(NAMESPACE, 'rsv', 'lent')).spec.slots ?? []).toEqual([]);

    await given().cluster.kubectl(['delete', 'papp', 'claims', '-n', NAMESPACE, '--cascade=foreground', '--wait']);
    await given().untilReady(NAMESPACE, 'lent', 1);
  });

  test('comes back for apps that start together: both are kept their room, and nothing starts before all of it is there', async () => {
    // Each of three apps has borrowed a node, and `remains` has the fourth; the pair is guaranteed two. Of an app of two its own budget would let one go at a time.
    await given().cluster.kubectl([
      'delete',
      'papp',
      'pinned',
      'stays',
      '-n',
      NAMESPACE,
      '--cascade=foreground',
      '--wait',
    ]);
    const borrowers = ['second', 'third'];
    await given().apply(...borrowers.map((name) => app(name, 'guest', 1)));
    for (const name of borrowers) await given().untilReady(NAMESPACE, name, 1);
    const gang = { apps: ['front', 'back'] };
    await given().apply(app('front', 'owner', 1, { gang }));
    await given().untilCondition(NAMESPACE, 'front', 'Reserved', 'GangIncomplete', /back does not exist/);
    await given().apply(budget('lent'), app('back', 'owner', 1, { gang }));
    for (const name of ['front', 'back']) await given().untilReady(NAMESPACE, name, 1);
    const right =
      /evicted for reclaim\/front of framework owner \(it starts together with back\), which is guaranteed 6000m of cpu and uses 0m/;
    for (const name of borrowers) await given().untilEvent(NAMESPACE, name, 'Reclaimed', right);
    for (const name of ['front', 'back'])
      await given().untilEvent(
        NAMESPACE,
        name,
        'Reclaiming',
        /reclaim\/(?:second|third)-0 on .*reclaim\/(?:second|third)-0 on/,
      );
    for (const name of borrowers) expect((await given().get(NAMESPACE, 'rsv', name)).spec.slots ?? []).toEqual([]);
    // The budget lets nobody of `lent` go.
    expect((await podOf('lent-0')).node).not.toBe('');
    await given().cluster.kubectl(['delete', 'pdb', 'nobody-goes', '-n', NAMESPACE]);
    const apps = ['front', 'back', ...borrowers];
    await given().cluster.kubectl(['delete', 'papp', ...apps, '-n', NAMESPACE, '--cascade=foreground', '--wait']);
  });

  test('takes nobody who came in place of the one that was meant', async () => {
    const lent = await podOf('lent-0');
    const client = connect({ kubeconfigPath: given().cluster.kubeconfigPath, userAgent: 'proffer/test' });
    try {
      const writer = new Writer({ client, fieldManager: 'proffer' });
      await writer.evict(NAMESPACE, 'lent-0', { uid: 'another' });
      await writer.evict(NAMESPACE, 'lent-0', { uid: lent.uid, dryRun: true });
    } finally {
      client.close();
    }
    expect(await podOf('lent-0')).toEqual(lent);
    const pod = await given().cluster.kubectl(['get', 'pod', 'lent-0', '-n', NAMESPACE, '-o', 'json']);
    expect(JSON.parse(pod)).not.toHaveProperty('metadata.deletionTimestamp');
  });
}
