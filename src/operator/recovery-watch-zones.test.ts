import { beforeEach, describe, expect, test } from '@jest/globals';
import { claim, node, pod, reservation, slot } from '../../test/support/app-builders.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import type { VolumeFacts } from '../core/facts/storage-facts.ts';
import { systemClock } from '../kube/clock.ts';
import type { Stores } from './caches.ts';
import { observeRecovery } from './observe-recovery.ts';
import { RecoveryWatch, type RecoveryWatchOptions } from './recovery-watch.ts';

const ZONE = 'topology.kubernetes.io/zone';
const NAMES = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'];

describe('a zone that falls silent', () => {
  let stores: Stores;
  let now: number;

  function silence(
    zoneLoss: RecoveryWatchOptions['zoneLoss'],
    silent: readonly string[],
    parts: Pick<RecoveryWatchOptions, 'breakerPercent'> = {},
  ): RecoveryWatch {
    const clock = { ...systemClock, monotonicSeconds: () => now };
    const watch = new RecoveryWatch({
      stores,
      mayTaint: () => true,
      clock,
      onNews: () => undefined,
      ...(zoneLoss === undefined ? {} : { zoneLoss }),
      ...parts,
    });
    for (const name of NAMES) stores.nodes.set(name, node(name, { labels: { [ZONE]: name.charAt(0) } }));
    for (let second = 0; second <= 30; second += 1) {
      now += 1;
      if (second % 10 === 0)
        for (const name of NAMES.filter((one) => second === 0 || !silent.includes(one)))
          stores.nodeLeases.set(`kube-node-lease/${name}`, { name, renewTime: `${now}` });
      watch.look();
    }
    return watch;
  }

  beforeEach(() => {
    stores = emptyStores();
    now = 1000;
  });

  test('opens the breaker, which names the zone and what would allow moves, and nothing is placed there', () => {
    const watch = silence(undefined, ['b1', 'b2']);
    expect(watch.breakerProblem()).toMatch(/2 of 6 nodes.*zone b.*recovery\.zoneLoss/s);
    expect(watch.seen(node('b1')).ready).toBe(false);
  });

  test('with most of all nodes is no reason not to place anything there: it is not they', () => {
    const watch = silence(undefined, ['a2', 'b1', 'b2', 'c1']);
    expect(watch.breakerProblem()).toContain('4 of 6 nodes');
    expect(watch.seen(node('b1')).ready).toBe(true);
  });

  test('lets members move where the chart says so, and nothing is placed there', () => {
    const watch = silence('Automatic', ['b1', 'b2']);
    expect(watch.breakerProblem()).toBeUndefined();
    expect(watch.seen(node('b1')).ready).toBe(false);
  });

  test.each([
    ['one of its nodes is heard', ['b1', 'c1']],
    ['a node of another zone is silent too', ['b1', 'b2', 'c1']],
  ])('keeps the breaker open when %s, whatever the chart says', (_, silent) => {
    expect(silence('Automatic', silent).breakerProblem()).toMatch(/nodes look dead at once/);
  });

  test('is none when nobody is heard at all: it is our ear, and no node is in any trouble', () => {
    const watch = silence('Automatic', NAMES);
    expect(NAMES.map((name) => watch.troubleOf(name))).toEqual(NAMES.map(() => undefined));
    expect([...watch.lostZones()]).toEqual([]);
  });

  test('opens the breaker with more dead nodes than the chart says', () => {
    expect(silence('Manual', ['b1', 'c1'], { breakerPercent: 33 }).breakerProblem()).toMatch(/more than 33 %/);
  });

  test('leaves the breaker closed with no more dead nodes than the chart says', () => {
    expect(silence('Manual', ['b1', 'c1'], { breakerPercent: 34 }).breakerProblem()).toBeUndefined();
  });

  test('holds the volumes that only its nodes reach, and no others', () => {
    const watch = silence('Automatic', ['b1', 'b2']);
    const volume = (name: string, zones?: readonly string[]): void => {
      const facts: VolumeFacts = {
        uid: name,
        name,
        storageClassName: 'fast',
        driver: 'd',
        volumeHandle: name,
        bytes: 1,
        claim: undefined,
        reclaimPolicy: 'Retain',
        nodeTerms: zones?.map((zone) => ({ [ZONE]: [zone] })),
        phase: 'Bound',
      };
      stores.volumes.set(name, facts);
    };
    volume('zonal', ['b']);
    volume('regional', ['b', 'c']);
    volume('everywhere');
    const facts = observeRecovery(
      {
        reservation: reservation([slot({ node: 'b1' })]),
        pods: [pod({ nodeName: 'b1' })],
        claims: ['zonal', 'regional', 'everywhere'].map((name) => claim({ name, volumeName: name })),
      },
      stores,
      watch,
    );
    expect([...(facts?.lockedVolumes ?? [])]).toEqual([['zonal', 'b']]);
  });
});
