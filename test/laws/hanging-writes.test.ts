import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Demand } from '../../src/core/allocator/demand.ts';
import type { Hang } from '../support/hanging-api.ts';
import { HangingWorld } from '../support/hanging-world.ts';
import { runs, times } from '../support/law-runs.ts';

type Step = (world: HangingWorld) => void | Promise<void>;

const ALONE = ['a', 'b', 'c', 'd'];
const GANG = { key: 'shop/left right', apps: ['left', 'right'], lead: 'left' };
const NODES = ['n1', 'n2', 'n3'];

const anyone = fc.constantFrom(...ALONE, ...GANG.apps);
const want: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(...ALONE), fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2))
  .map(
    ([name, cpu, count]) =>
      (world) =>
        world.want(name, cpu, count),
  );
const wantTogether: fc.Arbitrary<Step> = fc.constantFrom(1, 3).map((cpu) => (world) => {
  for (const name of GANG.apps) world.want(name, cpu, 1, GANG);
});
const hang: fc.Arbitrary<Step> = fc.tuple(anyone, fc.constantFrom<Hang>('idle', 'done')).map(
  ([name, how]) =>
    (world) =>
      void world.api.hangs.set(name, how),
);
const answer: fc.Arbitrary<Step> = anyone.map((name) => (world) => world.answer(name));
const remove: fc.Arbitrary<Step> = fc.constantFrom(...ALONE).map((name) => (world) => world.remove(name));
const claim: fc.Arbitrary<Step> = anyone.map((name) => (world) => world.api.claim(name));
const pass: fc.Arbitrary<Step> = fc.constantFrom(0.1, 0.3, 2, 7, 25).map((seconds) => (world) => world.pass(seconds));

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: want },
    { weight: 2, arbitrary: wantTogether },
    { weight: 6, arbitrary: hang },
    { weight: 4, arbitrary: answer },
    { weight: 2, arbitrary: remove },
    { weight: 2, arbitrary: claim },
    { weight: 12, arbitrary: pass },
  ),
  { minLength: 1, maxLength: 30, size: 'max' },
);

/** Members are alike; of a gang, all of both apps go or none does. */
function membersOf({ gang, members }: Demand): number {
  return gang === undefined ? members.length : gang.apps.length;
}

function placesFor(world: HangingWorld, { members }: Demand): number {
  const each = members[0]?.requests['cpu'] ?? 0;
  return NODES.reduce((sum, node) => sum + Math.floor((4000 - world.promisedOn(node)) / each), 0);
}

describe('whichever writes of slots hang, for how long, and whether they take effect', () => {
  test(
    'no room is promised twice, nothing is written twice at once, and in the end everybody has what fits',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const world = new HangingWorld({ nodes: NODES });
          for (const step of all) {
            await step(world);
            expect([world.promisedTwice(), world.api.sideBySide]).toEqual([[], []]);
          }
          await world.calmDown();
          expect([world.promisedTwice(), world.api.sideBySide]).toEqual([[], []]);
          // Nothing is kept for anybody who does not have it.
          for (const node of NODES) expect(world.view.free(node)['cpu']).toBe(4000 - world.promisedOn(node));
          expect(new Set(GANG.apps.map((name) => world.slotsOf(name).length)).size).toBe(1);
          for (const waiting of world.loop.demands())
            expect(placesFor(world, waiting)).toBeLessThan(membersOf(waiting));
          await world.end();
        }),
        runs(60),
      );
    },
    120_000 * times(),
  );
});
