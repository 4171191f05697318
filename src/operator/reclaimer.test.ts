import { describe, expect, test } from '@jest/globals';
import { OWNER_AND_GUEST, ReclaimWorld, asks } from '../../test/support/reclaim-world.ts';
import { tenant } from '../../test/support/core-builders.ts';
import { GIVEN_UP_SECONDS } from '../core/app/given-up-slot.ts';

/** Two nodes: `lent` has one, which it borrowed, `keeper` the other. */
function lentOut(): ReclaimWorld {
  const world = new ReclaimWorld({
    nodes: ['n1', 'n2'],
    tenants: OWNER_AND_GUEST,
    running: { lent: { nodes: ['n1'] }, keeper: { nodes: ['n2'], framework: 'firm' } },
  });
  world.makeApp('claims');
  return world;
}

const CLAIM = asks('claims', 'owner', 4);
const GONE = ['ask lent-0', 'keep lent-0 Moving', 'evict lent-0'];

describe('a guarantee that was lent out', () => {
  test('comes back: asked, given up, evicted; then its owner has the room', async () => {
    const world = lentOut();
    world.demands = [CLAIM];
    await world.turn();
    expect(world.writes).toEqual(GONE);
    expect(world.evicted).toEqual(['guest for owner']);
    expect(world.events).toEqual([
      'claims Reclaiming: shop/lent-0 on n1: they go for shop/claims of framework owner, which is guaranteed 4000m of cpu and uses 0m',
      'lent Reclaimed: lent-0 on n1 is evicted for shop/claims of framework owner, which is guaranteed 4000m of cpu and uses 0m; framework guest had borrowed that, and lent-0 waits until there is room',
    ]);
    world.settle();
    await world.turn();
    expect(world.slotStates().toSorted()).toEqual(['claims-0 n1 Claimed', 'keeper-0 n2 Claimed']);
  });

  test('makes nobody else go while somebody stops', async () => {
    const world = lentOut();
    world.demands = [CLAIM];
    const waits = /^room that it is guaranteed comes back when these are gone: shop\/lent-0 on n1; 0 of 2/;
    for (let turns = 0; turns < 3; turns += 1) {
      const [decision] = await world.turn();
      world.pass(10);
      expect(decision).toMatchObject({ kind: 'decline', message: expect.stringMatching(waits) });
    }
    expect(world.writes).toEqual(GONE);
  });

  test('is not grabbed by a third between, nor by who went', async () => {
    const world = lentOut();
    world.makeApp('third');
    world.demands = [CLAIM];
    await world.turn();
    world.settle();
    world.demands = [asks('third', 'firm', 1), asks('lent', 'guest', 4)];
    const others = await world.turn();
    const kept =
      'n1 would have room, and is set aside for shop/claims of framework owner, whose guarantee comes back: since 2027-01-15T08:00:00Z, until 2027-01-15T08:00:30Z at the latest; 0 of 2';
    expect(others.map((one) => ('message' in one ? one.message : '')).toSorted()).toEqual([
      expect.stringMatching(new RegExp(`^lent-0 was evicted for shop/claims of framework owner.*; ${kept}`)),
      expect.stringMatching(new RegExp(`^${kept}`)),
    ]);
    expect(others).toContainEqual(
      expect.objectContaining({ reason: 'Earmarked', nodesByReason: { Earmarked: 1, InsufficientCPU: 2 } }),
    );
    world.demands = [...world.demands, CLAIM];
    await world.turn();
    expect(world.slotStates()).toContain('claims-0 n1 Claimed');
  });

  test('is told to nobody who would not fit there, nor while who goes is still there', async () => {
    const world = lentOut();
    for (const name of ['third', 'large']) world.makeApp(name);
    world.demands = [CLAIM, asks('third', 'firm', 1)];
    await world.turn();
    const [, third] = await world.turn();
    expect(third).toMatchObject({ reason: 'InsufficientCPU', message: expect.stringMatching(/^0 of 2/) });
    world.settle();
    world.demands = [asks('large', 'firm', 5)];
    const [large] = await world.turn();
    expect(large).toMatchObject({ reason: 'InsufficientCPU', message: expect.stringMatching(/^0 of 2/) });
  });

  test('is anybody’s again when its owner asks no more', async () => {
    const world = lentOut();
    world.makeApp('third');
    world.demands = [CLAIM];
    await world.turn();
    world.settle();
    world.demands = [asks('third', 'firm', 1)];
    world.pass(11);
    await world.turn();
    expect(world.slotStates()).toContain('third-0 n1 Claimed');
  });

  test('is kept for its owner alone when two of them ask: each member goes for one of them', async () => {
    const tenants = [tenant('owner', { guarantee: { cpu: 8000, memory: 16 * 2 ** 30 } }), ...OWNER_AND_GUEST.slice(1)];
    const running = { one: { nodes: ['n1'] }, two: { nodes: ['n2'] } };
    const world = new ReclaimWorld({ nodes: ['n1', 'n2'], tenants, running });
    for (const name of ['first', 'second']) world.makeApp(name);
    world.demands = [asks('first', 'owner', 4), asks('second', 'owner', 4)];
    await world.turn();
    expect(world.evicted).toHaveLength(1);
    await world.turn();
    expect(world.evicted).toHaveLength(2);
    world.settle();
    await world.turn();
    expect(world.slotStates().toSorted()).toEqual([
      expect.stringMatching(/first-0 n. Claimed/),
      expect.stringMatching(/second-0 n. Claimed/),
    ]);
  });

  test('is no more than the guarantee, whoever asks for it', async () => {
    const running = { one: { nodes: ['n1'] }, two: { nodes: ['n2'] } };
    const world = new ReclaimWorld({ nodes: ['n1', 'n2'], tenants: OWNER_AND_GUEST, running });
    for (const name of ['first', 'second']) world.makeApp(name);
    world.demands = [asks('first', 'owner', 4), asks('second', 'owner', 4)];
    for (let turns = 0; turns < 4; turns += 1) {
      await world.turn();
      world.pass(3);
      world.settle();
    }
    expect(world.evicted).toEqual(['guest for owner']);
  });
});

describe('a disruption budget', () => {
  test('that says no is told, and nothing is done; it is asked again later', async () => {
    const world = lentOut();
    world.stubborn.add('lent-0');
    world.demands = [CLAIM];
    await world.turn();
    expect(world.writes).toEqual([]);
    expect(world.events).toEqual([
      expect.stringMatching(/^claims ReclaimHeldUp: .*shop\/lent-0 of framework guest.*disruption budget.*in 15 s/),
    ]);
    expect(world.slotStates()).toContain('lent-0 n1 Claimed');
    world.pass(5);
    await world.turn();
    expect(world.events).toHaveLength(1);
    world.stubborn.clear();
    world.pass(10);
    await world.turn();
    expect(world.writes).toEqual(GONE);
  });

  test('that says no for one leaves others to be asked', async () => {
    const running = {
      old: { nodes: ['n1'], acceptedAt: '2026-01-01T00:00:00Z' },
      young: { nodes: ['n2'], acceptedAt: '2026-01-02T00:00:00Z' },
    };
    const world = new ReclaimWorld({ nodes: ['n1', 'n2'], tenants: OWNER_AND_GUEST, running });
    world.makeApp('claims');
    world.stubborn.add('young-0');
    world.demands = [CLAIM];
    await world.turn();
    world.pass(2);
    await world.turn();
    expect(world.writes).toEqual(['ask old-0', 'keep old-0 Moving', 'evict old-0']);
  });

  test.each([
    [1, 'of its own', false, [], /its disruption budget lets 1 go now, not 2/],
    [2, 'of its own', false, ['guest for owner', 'guest for owner'], /^claims Reclaiming/],
    [1, 'and those whose slots are given up', true, ['guest for owner', 'guest for owner'], /^claims Reclaiming/],
    [0, 'and those whose slots are given up', true, [], /its disruption budget lets 0 go now, not 2/],
  ])('that lets %i go %s, of two, lets both go, or nobody', async (allowed, _what, follows, evicted, says) => {
    const tenants = [tenant('owner', { guarantee: { cpu: 8000, memory: 16 * 2 ** 30 } }), ...OWNER_AND_GUEST.slice(1)];
    const running = { lent: { nodes: ['n1', 'n2'] } };
    const world = new ReclaimWorld({ nodes: ['n1', 'n2'], tenants, running });
    world.makeApp('claims');
    world.disruptionsAllowed = allowed;
    world.budgetFollows = follows;
    world.demands = [asks('claims', 'owner', 4, 2)];
    for (let turns = 0; turns < 3; turns += 1) {
      await world.turn();
      world.pass(2);
    }
    expect(world.evicted).toEqual(evicted);
    expect(world.events[0]).toMatch(says);
  });

  test('that changes its mind is tried again; then the slot is the member’s again', async () => {
    const world = lentOut();
    world.stubbornLater.add('lent-0');
    world.demands = [CLAIM];
    await world.turn();
    expect(world.slotStates()).toContain('lent-0 n1 Moving');
    for (let waited = 0; waited < GIVEN_UP_SECONDS; waited += 5) {
      world.pass(5);
      world.settle();
      await world.turn();
    }
    expect(world.evicted).toEqual([]);
    expect(world.slotStates()).toContain('lent-0 n1 Claimed');
    expect(world.events.filter((event) => event.includes('could not be evicted in time'))).toHaveLength(1);
  });
});

describe('nobody goes', () => {
  test.each<[string, (world: ReclaimWorld) => void]>([
    ['of a paused app', (world) => world.makeApp('lent', { paused: true })],
    ['of an app that is gone', (world) => world.stores.apps.delete('shop/lent')],
    ['whose StatefulSet nobody knows', (world) => world.stores.statefulSets.delete('shop/lent')],
  ])('%s', async (_what, given) => {
    const world = lentOut();
    world.demands = [CLAIM];
    given(world);
    for (let turns = 0; turns < 3; turns += 1) {
      await world.turn();
      world.pass(60);
    }
    expect(world.writes.filter((write) => !write.startsWith('ask'))).toEqual([]);
  });

  test('and nothing happens at rest', async () => {
    const world = lentOut();
    world.demands = [asks('claims', 'owner', 3, 2)];
    await world.turn();
    const { nudges } = world;
    world.pass(600);
    expect(world.nudges).toBe(nudges);
  });
});

describe('a leader that dies', () => {
  test.each([0, 1, 2])('after %i writes leaves nothing doubled, and the next one ends it', async (writes) => {
    const world = lentOut();
    world.demands = [CLAIM];
    world.diesAt = writes;
    await world.turn();
    world.leadAnew();
    for (let turns = 0; turns < 30; turns += 1) {
      await world.turn();
      const claimed = world.slotStates().filter((state) => state.includes(' n1 '));
      expect(claimed).toHaveLength(1);
      world.pass(5);
      if (turns > 1) world.settle();
    }
    expect(world.writes.filter((write) => write.startsWith('evict'))).toEqual(['evict lent-0']);
    expect(world.slotStates().toSorted()).toEqual(['claims-0 n1 Claimed', 'keeper-0 n2 Claimed']);
  });
});
