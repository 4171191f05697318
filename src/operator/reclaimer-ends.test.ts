// What is kept for a guarantee ends when its claimant is placed, gone or asks no more, and when its time is up: then whoever was refused
// because of it has a turn though nothing else happens, and the answers that the allocator remembers do not stand.
import { describe, expect, test } from '@jest/globals';
import { OWNER_AND_GUEST, ReclaimWorld, asks } from '../../test/support/reclaim-world.ts';
import { reservation } from '../../test/support/core-builders.ts';

/** Two nodes. What `lent` borrowed on n1 is free and kept for `claims`, which asks; `third` was refused because of that. */
async function keptOnN1(): Promise<ReclaimWorld> {
  const world = new ReclaimWorld({
    nodes: ['n1', 'n2'],
    tenants: OWNER_AND_GUEST,
    running: { lent: { nodes: ['n1'] }, keeper: { nodes: ['n2'], framework: 'firm' } },
  });
  for (const name of ['claims', 'third']) world.makeApp(name);
  world.demands = [CLAIM];
  await world.turn();
  world.settle();
  world.demands = [THIRD];
  for (let turns = 0; turns < 2; turns += 1) expect(await world.turn()).toMatchObject([{ reason: 'Earmarked' }]);
  return world;
}

const CLAIM = asks('claims', 'owner', 4);
const THIRD = asks('third', 'firm', 1);
const IS_PLACED = 'third-0 n1 Claimed';
/** What its claimant cannot have: it is refused, and goes on asking. */
const STUCK = { ...CLAIM, rules: { ...CLAIM.rules, nodeSelector: { disk: 'none' } } };

/** Lets time pass until a turn is due; answers after how many seconds that was. */
function untilTurn(world: ReclaimWorld, most: number): number {
  const { nudges, now } = world;
  while (world.nudges === nudges && world.now < now + most) world.pass(0.5);
  return world.now - now;
}

describe('room that is kept for a guarantee is anybody’s', () => {
  test.each<[string, (world: ReclaimWorld) => void]>([
    ['is deleted', (world) => world.stores.apps.delete('shop/claims')],
    ['is being deleted', (world) => world.makeApp('claims', {}, { deletionTimestamp: '2027-01-15T08:00:00Z' })],
    ['is another one of its name', (world) => world.makeApp('claims', {}, { uid: 'uid-other' })],
    [
      'is being deleted, and still asks',
      (world) => {
        world.makeApp('claims', {}, { deletionTimestamp: '2027-01-15T08:00:00Z' });
        world.demands = [STUCK, THIRD];
      },
    ],
  ])('in the very next turn when its claimant %s', async (_what, happens) => {
    const world = await keptOnN1();
    happens(world);
    await world.turn();
    expect(world.slotStates()).toContain(IS_PLACED);
  });

  test('at the end that was told, when its claimant cannot have it: a turn is due at that moment', async () => {
    const world = await keptOnN1();
    world.demands = [STUCK, THIRD];
    const answers = await world.turn();
    expect(answers).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('until 2027-01-15T08:00:30Z at the latest') }),
    );
    const started = world.now;
    while (world.now < started + 29.5) {
      world.pass(0.5);
      await world.turn();
    }
    expect(world.slotStates()).not.toContain(IS_PLACED);
    expect(untilTurn(world, 10)).toBe(0.5);
    expect(world.now).toBe(started + 30);
    await world.turn();
    expect(world.slotStates()).toContain(IS_PLACED);
  });

  test('ten seconds after its claimant asked last: a turn is due at that moment', async () => {
    const world = await keptOnN1();
    const started = world.now;
    while (world.now < started + 9.5) world.pass(0.5);
    await world.turn();
    expect(world.slotStates()).not.toContain(IS_PLACED);
    expect(untilTurn(world, 10)).toBe(0.5);
    await world.turn();
    expect(world.slotStates()).toContain(IS_PLACED);
  });
});

describe('room that is kept for a guarantee', () => {
  test('is told to nobody any more once its claimant is placed, and whoever heard of it in that turn has another', async () => {
    const world = await keptOnN1();
    world.demands = [CLAIM, THIRD];
    const { nudges } = world;
    await world.turn();
    expect(world.slotStates()).toContain('claims-0 n1 Claimed');
    expect(world.nudges).toBe(nudges + 1);
    expect(await world.turn()).toMatchObject([
      { reason: 'InsufficientCPU', message: expect.stringMatching(/^0 of 2/) },
    ]);
    // Deleted just after: nothing is kept for it in memory, and its slot goes with it.
    world.stores.apps.delete('shop/claims');
    world.view.deletePod('uid-claims-0');
    world.view.setReservation(reservation('claims', []));
    await world.turn();
    expect(world.slotStates()).toContain(IS_PLACED);
  });

  test('stays its claimant’s when a write for it came to nothing, until it asks again', async () => {
    const world = await keptOnN1();
    world.view.forget(CLAIM.app);
    expect(await world.turn()).toMatchObject([{ kind: 'decline', reason: 'Earmarked' }]);
    world.demands = [THIRD, CLAIM];
    await world.turn();
    expect(world.slotStates()).toContain('claims-0 n1 Claimed');
  });
});
