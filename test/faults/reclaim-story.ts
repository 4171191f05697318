import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Fault } from '../support/killing-proxy.ts';
import { type DecisionBench, largeApp } from './decision-bench.ts';

const NAMESPACE = 'reclaim';
const LENT = 5;
const CLAIMANTS = ['claims', 'front', 'back'];
/** Two that start together. */
const PAIR = ['front', 'back'];
const LONG_AGO = '2026-01-01T00:00:00Z';

const framework = (name: string, spec: object): object => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'Framework',
  metadata: { name },
  spec,
});

/**
 * One member goes for somebody's guarantee, not two, and two for that of two apps that start together; nothing is promised twice on the
 * way: whoever leads next ends what was begun.
 */
export function reclaimStory(given: () => DecisionBench): void {
  beforeAll(async () => {
    const bench = given();
    bench.startOperator();
    await bench.world.cluster.kubectl(['create', 'namespace', NAMESPACE]);
    await bench.apply(
      framework('owner', { guarantee: { cpu: '8', memory: '1Gi' } }),
      framework('guest', { revocable: true }),
      largeApp(NAMESPACE, 'lent', { framework: 'guest', replicas: LENT }),
    );
  }, 60_000);

  afterEach(async () => {
    given().spare();
    await given().world.cluster.kubectl([
      'delete',
      'papp',
      ...CLAIMANTS,
      '-n',
      NAMESPACE,
      '--ignore-not-found',
      '--cascade=foreground',
      '--timeout=60s',
    ]);
  }, 70_000);

  const untilAllClaimed = () =>
    given().until('every slot has its pod', async () => {
      const now = await given().slots(NAMESPACE);
      return now.length === LENT && now.every((state) => state.endsWith(' Claimed'));
    });

  /** The minute in which the pod of a slot that was given up may still go (given-up-slot.ts) is over. */
  async function passMinute(): Promise<void> {
    const found = (await given().list(NAMESPACE, 'rsv')).find(({ metadata }) => metadata.name === 'lent');
    const patch = (found?.spec.slots ?? []).flatMap(({ state }, at) =>
      state === 'Moving' ? [{ op: 'replace', path: `/spec/slots/${at}/holdUntil`, value: LONG_AGO }] : [],
    );
    const args = ['patch', 'rsv', 'lent', '-n', NAMESPACE, '--type=json', '-p', JSON.stringify(patch)];
    await given().world.cluster.kubectl(args);
  }

  test.each<[Fault, string, readonly string[], string]>([
    ['killBefore', '/reservations/lent', ['claims'], 'Claimed'],
    // Between the two writes that it takes: the slot is given up, and the pod is there.
    ['killBefore', '/eviction', ['claims'], 'Moving'],
    ['killAfter', '/eviction', ['claims'], ''],
    // Both slots are given up, and one of the pods is there.
    ['killAfter', '/eviction', PAIR, 'Moving'],
  ])(
    'though the operator dies: %s the write of %s, for %j',
    async (fault, write, claimants, left) => {
      const bench = given();
      await bench.untilReady(NAMESPACE, { lent: LENT });
      await untilAllClaimed();
      const before = await bench.bound(NAMESPACE);
      bench.killAt(write, 1, fault);
      const gang = claimants.length > 1 ? { gang: { apps: claimants } } : {};
      const spec = { framework: 'owner', replicas: 1, ...gang };
      await bench.apply(...claimants.map((name) => largeApp(NAMESPACE, name, spec)));
      await bench.untilDead();
      const states = (await bench.slots(NAMESPACE)).map((slot) => slot.split(' ')[1]);
      if (left !== '') expect(states).toContain(left);
      if (left === 'Moving') await passMinute();

      await bench.untilReady(NAMESPACE, Object.fromEntries(claimants.map((name) => [name, 1])));
      await untilAllClaimed();
      const after = await bench.bound(NAMESPACE);
      expect(after).toHaveLength(LENT);
      // Of two, one was evicted before the death; it may have its room again while the other still stops the pair from starting.
      const again = claimants.length - 1;
      const stayed = before.filter((uid) => after.includes(uid)).length;
      expect(stayed).toBeGreaterThanOrEqual(LENT - claimants.length - again);
      expect(bench.world.monitor.violations).toEqual([]);
    },
    420_000,
  );
}
