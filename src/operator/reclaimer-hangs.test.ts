import { describe, expect, test } from '@jest/globals';
import { settled } from '../../test/support/hostile-clock.ts';
import { OWNER_AND_GUEST, ReclaimWorld, asks } from '../../test/support/reclaim-world.ts';

const CLAIM = asks('claims', 'owner', 4);
const THIRD = asks('third', 'firm', 2);
const GONE = ['ask lent-0', 'keep lent-0 Moving', 'evict lent-0'];

/** `lent` has half of n1, which it borrowed; the other half is free. `keeper` has n2. */
function lentOut(): ReclaimWorld {
  const world = new ReclaimWorld({
    nodes: ['n1', 'n2'],
    tenants: OWNER_AND_GUEST,
    running: { lent: { nodes: ['n1'], cpu: 2 }, keeper: { nodes: ['n2'], framework: 'firm' } },
  });
  for (const name of ['claims', 'third']) world.makeApp(name);
  world.demands = [CLAIM];
  return world;
}

/** A turn in which a request hangs: it ends all the same, after a moment. */
async function turnWithout(world: ReclaimWorld): Promise<void> {
  const turn = world.turn();
  await settled();
  world.pass(1);
  await turn;
}

describe('while a request hangs by which a guarantee is brought back', () => {
  test.each(['look', 'ask'])('turns go on, and nobody gets what was found for the claimant (%s)', async (what) => {
    const world = lentOut();
    world.hangs = new RegExp(`^${what} lent-0`);
    await turnWithout(world);
    world.demands = [CLAIM, THIRD];
    for (let turns = 0; turns < 3; turns += 1) await world.turn();
    expect(world.slotStates()).toEqual(['lent-0 n1 Claimed', 'keeper-0 n2 Claimed']);
    expect(world.events).toEqual([]);
    world.answer();
    await settled();
    expect(world.nudges).toBeGreaterThan(0);
    await world.turn();
    expect(world.writes).toEqual(GONE);
    world.settle();
    await world.turn();
    expect(world.slotStates()).toContain('claims-0 n1 Claimed');
  });

  test('what was found is anybody’s again when who was asked does not go', async () => {
    const world = lentOut();
    world.hangs = /^ask lent-0/;
    world.stubborn.add('lent-0');
    await turnWithout(world);
    world.answer();
    await settled();
    world.demands = [CLAIM, THIRD];
    await world.turn();
    expect(world.slotStates()).toContain('third-0 n1 Claimed');
    expect(world.writes).toEqual([]);
  });

  test('what was found is anybody’s again, and nobody goes, when its claimant asks no more', async () => {
    const world = lentOut();
    world.hangs = /^ask lent-0/;
    await turnWithout(world);
    world.demands = [THIRD];
    world.pass(11);
    await world.turn();
    expect(world.slotStates()).toContain('third-0 n1 Claimed');
    world.answer();
    await settled();
    await world.turn();
    expect(world.writes).toEqual(['ask lent-0']);
  });

  test('a slot that is given up late makes nobody go whose claimant asks no more by then', async () => {
    const world = lentOut();
    world.hangs = /^keep lent-0/;
    await turnWithout(world);
    world.demands = [];
    world.answer();
    await settled();
    await world.turn();
    expect(world.writes).toEqual(['ask lent-0', 'keep lent-0 Moving']);
  });

  test.each(['keep', 'evict'])(
    'nothing of it is done twice, and the rest of it in the turn after it (%s)',
    async (what) => {
      const world = lentOut();
      world.hangs = new RegExp(`^${what} lent-0`);
      await turnWithout(world);
      for (let turns = 0; turns < 3; turns += 1) await world.turn();
      world.answer();
      await settled();
      await world.turn();
      expect(world.writes).toEqual(GONE);
      expect(world.evicted).toEqual(['guest for owner']);
      world.settle();
      await world.turn();
      expect(world.slotStates()).toContain('claims-0 n1 Claimed');
    },
  );
});
