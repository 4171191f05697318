// Nodes that are to be emptied, on a real control plane: the eviction API, the disruption controller and kubectl drain as they are.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Live, RunningProduct } from './running-product.ts';

const NS = 'default';
const KIND = { apiVersion: 'proffer.dev/v1alpha1' };
const MEMBERS = ['db-0', 'db-1', 'db-2'];
const MACHINE_GOES = 'aws-node-termination-handler/spot-itn=x:NoSchedule';

interface DrainStatus {
  readonly operations?: readonly { readonly type: string; readonly blockedBy: string; readonly message: string }[];
  readonly lastDrain?: {
    readonly member: string;
    readonly from: string;
    readonly to: string;
    readonly readyAt?: string;
  };
}

/** Looks again and again while something goes on: often enough to see what is so for a tenth of a second. */
async function meanwhile(doing: Promise<unknown>, look: () => Promise<void>): Promise<void> {
  const state = { isOver: false };
  const looking = (async () => {
    while (!state.isOver) {
      await look();
      await sleep(50);
    }
  })();
  await doing.finally(() => (state.isOver = true));
  await looking;
}

/** Tests of an app `db` of three members, one a node, with volumes that every node can reach, in a cluster of five nodes. */
export function describeDrain(product: () => RunningProduct): void {
  const pods = async () =>
    Object.fromEntries((await product().list(NS, 'pods')).map((item) => [item.metadata.name, item]));
  const kubectl = (...args: readonly string[]) => product().cluster.kubectl(args, { timeoutSeconds: 150 });
  const statusOf = async () => (await product().get(NS, 'papp', 'db')).status as DrainStatus | undefined;
  const nodeOf = async (member: string) => (await pods())[member]?.spec.nodeName ?? '';
  const volumes = async () =>
    (await product().list(NS, 'pvc')).map(({ metadata, spec }) => [metadata.name, spec.volumeName]);
  const untilMoved = (member: string, from: string) =>
    product().until(
      `${member} is ready away from ${from}`,
      async () => {
        const drained = (await statusOf())?.lastDrain;
        return drained?.member === member && drained.from === from && drained.readyAt !== undefined;
      },
      60,
    );

  describe('a node that is to be emptied', () => {
    test('loses its member to a place that was kept before, and nobody else moves', async () => {
      const [before, kept] = [await pods(), await volumes()];
      const from = before['db-1']?.spec.nodeName ?? '';
      const slots: Live[] = [];
      const move = async (): Promise<void> => {
        await kubectl('cordon', from);
        await untilMoved('db-1', from);
      };
      await meanwhile(move(), async () => void slots.push(await product().get(NS, 'rsv', 'db')));
      await product().untilReady(NS, 'db', 3);
      const after = await pods();
      expect(after['db-1']?.spec.nodeName).not.toBe(from);
      for (const member of ['db-0', 'db-2']) expect(after[member]?.metadata.uid).toBe(before[member]?.metadata.uid);
      expect(await volumes()).toEqual(kept);
      const nodes = slots.map((one) => one.spec.slots?.find(({ member }) => member === 'db-1')?.node);
      expect(nodes.filter((node) => node === undefined)).toEqual([]);
      await kubectl('uncordon', from);
    }, 240_000);

    test('is empty when kubectl drain ends, with one member gone at a time', async () => {
      const kept = await volumes();
      const [first, second] = [await nodeOf('db-0'), await nodeOf('db-2')];
      // Where the disruption controller missed that a pod was away before the next of its name was there, it counts it as gone for two minutes.
      const args = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=140s'];
      let fewest = 3;
      const drains = Promise.all([kubectl('drain', first, ...args), kubectl('drain', second, ...args)]);
      await meanwhile(drains, async () => {
        const ready = (await product().get(NS, 'papp', 'db')).status?.readyReplicas ?? 0;
        fewest = Math.min(fewest, ready);
      });
      await product().untilReady(NS, 'db', 3);
      const nodes = await Promise.all(MEMBERS.map(nodeOf));
      expect(nodes).not.toContain(first);
      expect(nodes).not.toContain(second);
      expect(fewest).toBeGreaterThanOrEqual(2);
      expect(await volumes()).toEqual(kept);
      await kubectl('uncordon', first, second);
    }, 240_000);

    test('keeps its member when there is no room elsewhere, and says so with numbers; uncordoned, it keeps it for good', async () => {
      const before = await pods();
      const home = before['db-0']?.spec.nodeName ?? '';
      const used = new Set(MEMBERS.map((member) => before[member]?.spec.nodeName));
      const free = (await product().list('', 'nodes'))
        .map(({ metadata }) => metadata.name)
        .filter((name) => !used.has(name));
      await kubectl('cordon', ...free);
      await kubectl('taint', 'nodes', home, MACHINE_GOES);
      await product().until('the status tells what every node lacks', async () => {
        const drain = (await statusOf())?.operations?.find(
          ({ type, blockedBy }) => type === 'Drain' && blockedBy !== '',
        );
        return drain !== undefined && /spot machine.*db-0 run on where they are: .*\d/s.test(drain.message);
      });
      await product().untilEvent(NS, 'db', 'DrainBlocked', /db-0/);
      await kubectl('taint', 'nodes', home, `${MACHINE_GOES}-`);
      await kubectl('uncordon', ...free);
      await product().until(
        'nothing is to be emptied',
        async () => (await statusOf())?.operations === undefined || (await statusOf())?.operations?.length === 0,
      );
      expect((await pods())['db-0']?.metadata.uid).toBe(before['db-0']?.metadata.uid);
    }, 240_000);

    test('evicts a member whose volume is there alone, which keeps its slot and comes back after the uncordon', async () => {
      const [db, pool] = [await product().get(NS, 'papp', 'db'), await product().get('', 'storagepool', 'data')];
      const spec = {
        ...db.spec,
        replicas: 1,
        volumeClaims: [{ name: 'data', mountPath: '/data', size: '1Gi', pool: 'near' }],
      };
      await product().apply(
        { ...KIND, kind: 'StoragePool', metadata: { name: 'near' }, spec: { ...pool.spec, locality: 'Node' } },
        { ...KIND, kind: 'PersistentApp', metadata: { name: 'near', namespace: NS }, spec },
      );
      await product().untilReady(NS, 'near', 1);
      const [home, uid] = [await nodeOf('near-0'), (await pods())['near-0']?.metadata.uid];
      await kubectl('drain', home, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=140s');
      await product().until('its next pod waits', async () => ((await pods())['near-0']?.metadata.uid ?? uid) !== uid);
      const [slot] = (await product().get(NS, 'rsv', 'near')).spec.slots ?? [];
      expect(slot).toMatchObject({ member: 'near-0', node: home });
      expect(await nodeOf('near-0')).toBe('');
      await kubectl('uncordon', home);
      // Its status may still tell of the pod before.
      await product().until('it is back', async () => (await nodeOf('near-0')) !== '');
      expect(await nodeOf('near-0')).toBe(home);
      await product().untilReady(NS, 'near', 1);
      await product().untilReady(NS, 'db', 3);
    }, 240_000);
  });
}
