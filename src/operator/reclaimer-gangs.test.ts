import { describe, expect, test } from '@jest/globals';
import { OWNER_AND_GUEST, ReclaimWorld, asks } from '../../test/support/reclaim-world.ts';
import { tenant } from '../../test/support/core-builders.ts';
import { GIVEN_UP_SECONDS } from '../core/app/given-up-slot.ts';

const PAIR = { key: 'shop/front back', apps: ['front', 'back'], lead: 'front' };

/** Two nodes that `one` and `two` have borrowed, and two apps that start together, each with one member that needs a node. */
function lentToTwo(frameworks: readonly [string, string] = ['owner', 'owner'], guaranteed = 8000): ReclaimWorld {
  const owner = tenant('owner', { guarantee: { cpu: guaranteed, memory: 16 * 2 ** 30 } });
  const world = new ReclaimWorld({
    nodes: ['n1', 'n2'],
    tenants: [owner, ...OWNER_AND_GUEST.slice(1)],
    running: { one: { nodes: ['n1'] }, two: { nodes: ['n2'] } },
  });
  for (const name of PAIR.apps) world.makeApp(name);
  world.demands = PAIR.apps.map((name, i) => ({ ...asks(name, frameworks[i] ?? '', 4), gang: PAIR }));
  return world;
}

describe('apps that start together', () => {
  test('have all their room back in one decision: asked, all slots given up, then evicted; nothing of them starts before', async () => {
    const world = lentToTwo();
    await world.turn();
    expect(world.writes).toEqual([
      'ask one-0',
      'ask two-0',
      'keep one-0 Moving',
      'keep two-0 Moving',
      'evict one-0',
      'evict two-0',
    ]);
    const goes = 'shop/one-0 on n1, shop/two-0 on n2: they go for shop/front of framework owner';
    const right =
      'for shop/front of framework owner (it starts together with back), which is guaranteed 8000m of cpu and uses 0m';
    expect(world.events.slice(0, 2)).toEqual([
      expect.stringContaining(`front Reclaiming: ${goes}`),
      expect.stringContaining(`back Reclaiming: ${goes}`),
    ]);
    expect(world.events.slice(2)).toEqual([
      expect.stringContaining(`one Reclaimed: one-0 on n1 is evicted ${right}`),
      expect.stringContaining(`two Reclaimed: two-0 on n2 is evicted ${right}`),
    ]);

    world.settle(['one-0']);
    const waiting = await world.turn();
    expect(waiting.map(({ kind }) => kind)).toEqual(['decline', 'decline']);
    for (const decision of waiting) {
      expect(decision).toMatchObject({ message: expect.stringMatching(/^room that it is guaranteed comes back when/) });
    }
    expect(world.slotStates()).toEqual(['two-0 n2 Moving']);

    world.settle();
    await world.turn();
    expect(world.slotStates().toSorted()).toEqual([
      expect.stringMatching(/^back-0 n. Claimed/),
      expect.stringMatching(/^front-0 n. Claimed/),
    ]);
  });

  test('are kept the room as a whole: nobody takes the part that is free first', async () => {
    const world = lentToTwo();
    world.makeApp('third');
    const gang = world.demands;
    await world.turn();
    world.settle(['one-0']);
    world.demands = [asks('third', 'firm', 1), ...gang];
    for (let turns = 0; turns < 2; turns += 1) await world.turn();
    expect(world.slotStates()).toEqual(['two-0 n2 Moving']);
    // One of them is not in the queue for a moment: the other alone gets nothing, and the room stays theirs.
    world.demands = [asks('third', 'firm', 1)];
    world.settle();
    await world.turn();
    expect(world.slotStates()).toEqual([]);
    world.demands = gang;
    await world.turn();
    expect(world.slotStates()).toHaveLength(2);
  });

  test('make nobody go when one of those who would have to may not', async () => {
    const world = lentToTwo();
    world.stubborn.add('two-0');
    await world.turn();
    expect(world.writes).toEqual(['ask one-0']);
    expect(world.events).toEqual([
      expect.stringMatching(/^front ReclaimHeldUp: .*shop\/two-0 of framework guest.*disruption budget/),
      expect.stringMatching(/^back ReclaimHeldUp: .*shop\/two-0 of framework guest.*disruption budget/),
    ]);
    expect(world.slotStates()).toEqual(['one-0 n1 Claimed', 'two-0 n2 Claimed']);
  });

  test.each<[string, () => ReclaimWorld]>([
    ['that ask for more than is guaranteed together', () => lentToTwo(['owner', 'owner'], 7000)],
    ['one of which is guaranteed nothing and finds no room', () => lentToTwo(['owner', 'firm'])],
    ['neither of which is guaranteed anything', () => lentToTwo(['firm', 'firm'])],
  ])('make nobody go %s', async (_what, given) => {
    const world = given();
    for (let turns = 0; turns < 3; turns += 1) {
      await world.turn();
      world.pass(60);
    }
    expect(world.writes).toEqual([]);
  });

  test('one of which is guaranteed nothing takes what is free, and one goes for the other', async () => {
    const world = new ReclaimWorld({
      nodes: ['n1', 'n2'],
      tenants: OWNER_AND_GUEST,
      running: { one: { nodes: ['n1'] } },
    });
    for (const name of PAIR.apps) world.makeApp(name);
    // `back` comes second in the list, and takes the free node all the same.
    world.demands = [
      { ...asks('front', 'firm', 4), gang: PAIR },
      { ...asks('back', 'owner', 4), gang: PAIR },
    ];
    world.run('small', { nodes: ['n2'], cpu: 1 });
    await world.turn();
    expect(world.evicted).toEqual([]);
    world.demands = [
      { ...asks('front', 'firm', 3), gang: PAIR },
      { ...asks('back', 'owner', 4), gang: PAIR },
    ];
    world.pass(60);
    await world.turn();
    expect(world.evicted).toEqual(['guest for owner']);
    world.settle();
    await world.turn();
    expect(world.slotStates().toSorted()).toEqual(['back-0 n1 Claimed', 'front-0 n2 Claimed', 'small-0 n2 Claimed']);
  });

  test('that ask no more as a whole make nobody else go, and what is free is anybody’s after a while', async () => {
    const world = lentToTwo();
    world.makeApp('third');
    const [front] = world.demands;
    world.stubbornLater.add('two-0');
    await world.turn();
    expect(world.evicted).toEqual(['guest for owner']);
    world.stubbornLater.clear();
    world.demands = front === undefined ? [] : [front];
    // Long enough for another try, and for the claim to end.
    for (let turns = 0; turns < 4; turns += 1) {
      world.pass(4);
      world.settle();
      await world.turn();
    }
    expect(world.evicted.length).toBe(1);
    world.pass(GIVEN_UP_SECONDS);
    world.settle();
    world.demands = [asks('third', 'firm', 4)];
    await world.turn();
    expect(world.slotStates().toSorted()).toEqual(['third-0 n1 Claimed', 'two-0 n2 Claimed']);
  });

  test.each([0, 1, 2, 3, 4])(
    'are placed whole by the next leader when one dies after %i writes, and nobody goes twice',
    async (writes) => {
      const world = lentToTwo();
      world.diesAt = writes;
      await world.turn();
      world.leadAnew();
      for (let turns = 0; turns < 40; turns += 1) {
        await world.turn();
        const states = world.slotStates();
        for (const node of ['n1', 'n2']) {
          expect(states.filter((state) => state.includes(` ${node} `)).length).toBeLessThanOrEqual(1);
        }
        const started = states.filter((state) => /^(?:front|back)/.test(state));
        expect([0, 2]).toContain(started.length);
        world.pass(5);
        if (turns > 1) world.settle();
      }
      expect(world.writes.filter((write) => write.startsWith('evict')).toSorted()).toEqual([
        'evict one-0',
        'evict two-0',
      ]);
      expect(world.slotStates().toSorted()).toEqual([
        expect.stringMatching(/^back-0 n. Claimed/),
        expect.stringMatching(/^front-0 n. Claimed/),
      ]);
    },
  );
});
