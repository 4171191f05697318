import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { PUBLISHED_AFTER_SECONDS } from '../../src/core/view/late-volumes.ts';
import { DiskWorld } from './disk-world.ts';
import type { DiskOptions } from './empty-disks.ts';
import { runs } from '../support/law-runs.ts';

type Step = (world: DiskWorld) => void;

const pick = fc.nat(20);
const promise: fc.Arbitrary<Step> = fc.tuple(pick, fc.constantFrom(5, 10, 20)).map(
  ([which, gigabytes]) =>
    (world) =>
      world.promise(which, gigabytes),
);
const proceed: fc.Arbitrary<Step> = pick.map((which) => (world) => world.proceed(which));
const publish: fc.Arbitrary<Step> = pick.map((which) => (world) => world.publish(which));
const deliver: fc.Arbitrary<Step> = fc
  .constantFrom('claims' as const, 'volumes' as const, 'capacities' as const)
  .map((kind) => (world) => world.deliver(kind));
const remove: fc.Arbitrary<Step> = pick.map((which) => (world) => world.remove(which));
const restart: fc.Arbitrary<Step> = fc.constant((world: DiskWorld) => world.restart());
const republish: fc.Arbitrary<Step> = fc.constant((world: DiskWorld) => world.republish());
const wait: fc.Arbitrary<Step> = fc.constantFrom(1, 30, 90).map((seconds) => (world) => world.wait(seconds));

const everything = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: promise },
    { weight: 14, arbitrary: proceed },
    { weight: 5, arbitrary: publish },
    { weight: 14, arbitrary: deliver },
    { weight: 2, arbitrary: remove },
    { weight: 1, arbitrary: restart },
    { weight: 1, arbitrary: republish },
    { weight: 1, arbitrary: wait },
  ),
  { minLength: 1, maxLength: 100, size: 'max' },
);
const onlyMaking = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: promise },
    { weight: 6, arbitrary: proceed },
    { weight: 2, arbitrary: publish },
    { weight: 6, arbitrary: deliver },
  ),
  { minLength: 1, maxLength: 80, size: 'max' },
);

const WORLDS: readonly (readonly [string, DiskOptions])[] = [
  ['what one driver publishes', { classes: ['fast'] }],
  ['two classes on the same disks', { classes: ['fast', 'slow'] }],
  ['a declared budget', { classes: ['fast'], isDeclared: true }],
];

describe.each(WORLDS)('of %s', (_name, options) => {
  test('no more is ever promised than there is, however late one hears of it', () => {
    fc.assert(
      fc.property(everything, (steps) => {
        const world = new DiskWorld(options);
        for (const step of steps) {
          step(world);
          for (const { where, said, there } of world.offers()) {
            if (there < 0) throw new Error(`${where}: ${-there} bytes more are promised than there are`);
            if (said > there) throw new Error(`${where}: ${said} bytes offered, ${there} there`);
          }
        }
      }),
      runs(200),
    );
  });

  test('all that is there is offered again when nothing happens any more', () => {
    fc.assert(
      fc.property(everything, (steps) => {
        const world = new DiskWorld(options);
        for (const step of steps) step(world);
        world.settle();
        world.wait(PUBLISHED_AFTER_SECONDS + 1);
        for (const { said, there } of world.offers()) expect(said).toBe(there);
      }),
      runs(100),
    );
  });

  test('nothing waits for time while volumes are only made, and each is told of before or after its claim is bound', () => {
    fc.assert(
      fc.property(onlyMaking, (steps) => {
        const world = new DiskWorld(options);
        for (const step of steps) {
          step(world);
          // No claim lags behind what is published: what nobody could know of is not put down to anybody.
          for (let news = 0; news < 4; news += 1) world.deliver('claims');
        }
        world.settle();
        for (const { said, there } of world.offers()) expect(said).toBe(there);
      }),
      runs(100),
    );
  });
});
