import { afterEach, expect, test } from '@jest/globals';
import type { Fault } from '../support/killing-proxy.ts';
import { type DecisionBench, largeApp } from './decision-bench.ts';

const GANG = ['master', 'data'];

const app = (namespace: string, name: string, replicas: number, spec: object = {}): object =>
  largeApp(namespace, name, { replicas, gang: { apps: GANG }, capacityRequest: { afterSeconds: 1 }, ...spec });

/** Two apps that start together: nothing of either before all of both fits, and whole again after a death in the middle of the decision. */
export function gangStory(given: () => DecisionBench): void {
  afterEach(async () => {
    given().spare();
    await given().world.cluster.kubectl(['delete', 'papp', '--all', '-A', '--wait=true', '--timeout=30s']);
  });

  const untilSaid = (namespace: string, name: string, wanted: RegExp) =>
    given().until(`${name} says ${String(wanted)}`, async () => wanted.test(await given().says(namespace, name)));

  /** Members run, each on the node of its slot; no proposal and no commit is left. */
  async function expectWhole(namespace: string, members: number): Promise<void> {
    const reservations = await given().list(namespace, 'rsv');
    const states = reservations.flatMap(({ spec }) => (spec.slots ?? []).map(({ state }) => state));
    expect(states).toEqual(Array.from({ length: members }, () => 'Claimed'));
    expect(reservations.flatMap(({ spec }) => spec.committedDecisions ?? [])).toEqual([]);
    expect(await given().bound(namespace)).toHaveLength(members);
  }

  test('wait for each other, then for room; nothing of either binds before all fits', async () => {
    const namespace = 'together';
    const bench = given();
    bench.startOperator();
    await bench.world.cluster.kubectl(['create', 'namespace', namespace]);
    await bench.apply(app(namespace, 'master', 3));
    await untilSaid(namespace, 'master', /^GangIncomplete: .*1 of the 2 apps .*data does not exist: create it/);
    await bench.apply(app(namespace, 'data', 3, { suspend: true }));
    await untilSaid(namespace, 'master', /data is suspended: set spec.suspend to false/);
    await bench.apply(app(namespace, 'data', 3, { gang: { apps: ['data', 'master'] } }));
    await untilSaid(namespace, 'master', /data names another list \(data, master\)/);
    // No node would change any of that: no pods are made for an autoscaler to see.
    expect(await bench.list(namespace, 'pods')).toEqual([]);

    // Six members, and room for five.
    await bench.apply(app(namespace, 'data', 3));
    await untilSaid(
      namespace,
      'data',
      /5 of the 6 members that must start together fit; then \w+-\d: 0 of 5 nodes fit/,
    );
    await untilSaid(namespace, 'master', /5 of the 6 members that must start together fit/);
    await bench.until('six pods wait', async () => (await bench.list(namespace, 'pods')).length === 6);
    expect(await bench.bound(namespace)).toEqual([]);
    expect(await bench.slots(namespace)).toEqual([]);

    const added = await bench.world.cluster.addFakeNodes({ count: 1, cpu: '4', memory: '8Gi', prefix: 'added' });
    await bench.untilReady(namespace, { master: 3, data: 3 });
    await expectWhole(namespace, 6);

    // Recovery is for each alone: the others run on. That a node is gone proves nothing, so somebody says that its machine is off.
    const isOff = 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute';
    await bench.world.cluster.kubectl(['taint', 'nodes', ...added, isOff]);
    await bench.world.cluster.removeFakeNodes(added);
    await bench.until('one of them says that it lacks a slot', async () => {
      const said = await Promise.all(GANG.map((name) => given().says(namespace, name)));
      return said.some((words) => !words.startsWith('AllMembersPlaced'));
    });
    expect((await bench.bound(namespace)).length).toBeGreaterThanOrEqual(5);
  }, 300_000);

  // The writes of Reservations: 1 and 2 propose, 3 commits, 4 makes the other's Held, 5 forgets the commit.
  test.each<[number, Fault, string]>([
    [2, 'killAfter', 'master-0 Proposed, master-1 Proposed, data-0 Proposed, data-1 Proposed'],
    [3, 'killBefore', 'master-0 Proposed, master-1 Proposed, data-0 Proposed, data-1 Proposed'],
    [3, 'killAfter', 'master-0 Held, master-1 Held, data-0 Proposed, data-1 Proposed'],
    [4, 'killAfter', 'master-0 Held, master-1 Held, data-0 Held, data-1 Held'],
  ])(
    'end whole when the operator dies at write %i of the decision (%s)',
    async (at, fault, left) => {
      const namespace = `killed-${at}-${fault.toLowerCase()}`;
      const bench = given();
      bench.startOperator();
      await bench.world.cluster.kubectl(['create', 'namespace', namespace]);
      bench.killAt(`/namespaces/${namespace}/reservations`, at, fault);
      await bench.apply(app(namespace, 'master', 2), app(namespace, 'data', 2));
      await bench.untilDead();
      expect((await bench.slots(namespace)).toSorted()).toEqual(left.split(', ').toSorted());
      // Nothing binds on what is only proposed.
      if (!left.includes('Held')) expect(await bench.bound(namespace)).toEqual([]);

      await bench.untilReady(namespace, { master: 2, data: 2 });
      await bench.until('nothing is left to settle', async () =>
        (await bench.list(namespace, 'rsv')).every(({ spec }) => (spec.committedDecisions ?? []).length === 0),
      );
      await expectWhole(namespace, 4);
      expect(bench.world.monitor.violations).toEqual([]);
    },
    240_000,
  );
}
