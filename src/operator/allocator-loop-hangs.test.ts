import { describe, expect, test } from '@jest/globals';
import type { Hang } from '../../test/support/hanging-api.ts';
import { HangingWorld } from '../../test/support/hanging-world.ts';

const GANG = { key: 'shop/left right', apps: ['left', 'right'], lead: 'left' };

/** A gang whose first write hangs, and another one of its namespace that has waited for four seconds. */
async function nextBehindHanging() {
  const world = new HangingWorld({ nodes: ['n1', 'n2', 'n3', 'n4'] });
  const next = { key: 'shop/up down', apps: ['up', 'down'], lead: 'up' };
  world.api.hangs.set('left', 'idle');
  for (const name of GANG.apps) world.want(name, 4, 1, GANG);
  for (const name of next.apps) world.want(name, 4, 1, next);
  await world.pass(4);
  return { world, next };
}

/** Two nodes; the write of `slow`, which takes one of them whole, hangs. */
async function hanging(hang: Hang = 'idle'): Promise<HangingWorld> {
  const world = new HangingWorld();
  world.api.hangs.set('slow', hang);
  world.want('slow', 4);
  await world.pass(0.5);
  return world;
}

describe('while the write of one app’s slots hangs', () => {
  test('others get slots, those of the same turn and of the next ones, and its room is nobody’s', async () => {
    const world = new HangingWorld();
    world.api.hangs.set('slow', 'idle');
    world.want('slow', 4);
    world.want('same', 1);
    await world.pass(2);
    expect(world.slotsOf('same')).toEqual([expect.stringMatching('same-0 n. Held')]);
    for (const name of ['a', 'b', 'c']) {
      world.want(name, 1);
      await world.pass(0.5);
      expect(world.slotsOf(name)).toHaveLength(1);
    }
    world.want('much', 1);
    await world.pass(4);
    expect(world.loop.declineOf('shop/much')?.reason).toBe('InsufficientCPU');
    expect(world.slotsOf('slow')).toEqual([]);
    await world.answer('slow');
    await world.pass(1);
    expect(world.slotsOf('slow')).toHaveLength(1);
    expect([world.promisedTwice(), world.api.sideBySide]).toEqual([[], []]);
    await world.end();
  });

  test('no second one of it is begun, whatever it asks for meanwhile; then it gets the rest', async () => {
    const world = await hanging();
    world.want('slow', 4, 2);
    await world.pass(5);
    expect(world.api.sideBySide).toEqual([]);
    await world.answer('slow');
    await world.pass(5);
    expect(world.slotsOf('slow')).toHaveLength(2);
    expect(world.loop.demands()).toEqual([]);
    await world.end();
  });

  test('more than are written side by side may hang, and others are served all the same', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `slow${i}`);
    const world = new HangingWorld({ nodes: names });
    for (const name of names.slice(1)) {
      world.api.hangs.set(name, 'idle');
      world.want(name, 4);
    }
    await world.pass(3);
    world.want('quick', 4);
    await world.pass(1);
    expect(world.slotsOf('quick')).toHaveLength(1);
    await world.calmDown();
    expect(world.promisedTwice()).toEqual([]);
    expect(names.slice(1).every((name) => world.slotsOf(name).length === 1)).toBe(true);
    await world.end();
  });

  test('an answer that never comes leaves its room taken for half a minute, and it asks again at once', async () => {
    const world = await hanging();
    world.want('quick', 4);
    await world.pass(2);
    world.want('third', 4);
    await world.pass(8);
    world.api.hangs.delete('slow');
    await world.pass(3);
    expect(world.slotsOf('slow')).toHaveLength(1);
    expect(world.loop.declineOf('shop/third')?.reason).toBe('InsufficientCPU');
    await world.calmDown();
    expect([world.promisedTwice(), world.slotsOf('third')]).toEqual([[], []]);
    await world.end();
  });

  test('again and again, its room is nobody’s from the first try to the last', async () => {
    const world = await hanging();
    for (const name of ['quick', 'third']) world.want(name, 4);
    await world.pass(100);
    expect(world.slotsOf('third')).toEqual([]);
    await world.answer('slow');
    await world.pass(5);
    expect([world.slotsOf('slow').length, world.promisedTwice()]).toEqual([1, []]);
    await world.end();
  });

  test('and it is deleted, its room is somebody’s once the answer has come', async () => {
    const world = await hanging();
    for (const name of ['quick', 'third']) world.want(name, 4);
    await world.pass(2);
    world.remove('slow');
    await world.pass(2);
    expect(world.slotsOf('third')).toEqual([]);
    await world.answer('slow');
    world.remove('slow');
    await world.pass(2);
    expect([world.slotsOf('third').length, world.promisedTwice()]).toEqual([1, []]);
    await world.end();
  });

  test('the answer to it tells nothing that is older than what the watch has shown', async () => {
    const world = await hanging('done');
    await world.pass(1);
    world.api.claim('slow');
    world.show();
    await world.answer('slow');
    expect(world.view.slotOf('uid-slow', 'slow-0')?.slot.state).toBe('Claimed');
    await world.end();
  });

  test('the answer to it brings nothing back that the watch has shown to be gone', async () => {
    const world = await hanging('done');
    await world.pass(1);
    world.remove('slow');
    await world.answer('slow');
    for (const name of ['quick', 'third']) world.want(name, 4);
    await world.pass(2);
    expect([world.slotsOf('quick'), world.slotsOf('third')].flat()).toHaveLength(2);
    await world.end();
  });

  test('its room is nobody’s even when all that else was kept for it is forgotten before each turn', async () => {
    const slow = { namespace: 'shop', name: 'slow', uid: 'uid-slow' };
    const world = new HangingWorld({
      reclaimer: {
        beforeTurn: () => world.view.forget(slow),
        afterTurn: async () => undefined,
        explain: (answer) => answer,
        forget: () => undefined,
      },
    });
    world.api.hangs.set('slow', 'idle');
    world.want('slow', 4);
    await world.pass(2);
    for (const name of ['quick', 'third']) world.want(name, 4);
    await world.pass(25);
    expect([world.slotsOf('quick'), world.slotsOf('third')].flat()).toHaveLength(1);
    await world.calmDown();
    expect([world.slotsOf('slow').length, world.promisedTwice()]).toEqual([1, []]);
    await world.end();
  });

  test('the allocator ends when it is told to, after a moment', async () => {
    const world = await hanging();
    let isOver = false;
    void world.running.then(() => {
      isOver = true;
    });
    world.stop();
    await world.pass(3);
    expect(isOver).toBe(true);
    await world.end();
  });
});

describe('while a write of a gang hangs', () => {
  test.each<[string, Hang]>([
    ['left', 'idle'],
    ['left', 'done'],
    ['right', 'idle'],
    ['right', 'done'],
  ])('at %s (%s) others get slots, and no other turn settles or decides what it is about', async (where, hang) => {
    const world = new HangingWorld({ nodes: ['n1', 'n2', 'n3'] });
    world.api.hangs.set(where, hang);
    for (const name of GANG.apps) world.want(name, 4, 1, GANG);
    await world.pass(2);
    world.want('quick', 4);
    world.want('third', 4);
    await world.pass(3);
    expect([world.slotsOf('quick'), world.slotsOf('third')].flat()).toHaveLength(1);
    await world.answer(where);
    await world.pass(1);
    expect(GANG.apps.map((name) => world.slotsOf(name))).toEqual([
      [expect.stringMatching('left-0 n. Held')],
      [expect.stringMatching('right-0 n. Held')],
    ]);
    expect([world.promisedTwice(), world.api.sideBySide]).toEqual([[], []]);
    await world.end();
  });

  test('the next gang of its namespace waits, and is decided anew', async () => {
    const { world, next } = await nextBehindHanging();
    expect(next.apps.flatMap((name) => world.slotsOf(name))).toEqual([]);
    await world.answer('left');
    await world.pass(4);
    expect([...GANG.apps, ...next.apps].flatMap((name) => world.slotsOf(name))).toHaveLength(4);
    expect([world.promisedTwice(), world.api.sideBySide]).toEqual([[], []]);
    await world.end();
  });

  test('what its next gang asks for by then is what it gets', async () => {
    const { world, next } = await nextBehindHanging();
    for (const name of next.apps) world.want(name, 1, 1, next);
    await world.answer('left');
    await world.pass(4);
    expect(['n1', 'n2', 'n3', 'n4'].reduce((sum, node) => sum + world.promisedOn(node), 0)).toBe(
      4000 + 4000 + 1000 + 1000,
    );
    await world.end();
  });

  test('what is left half done is settled without holding anybody up', async () => {
    const world = new HangingWorld({ nodes: ['n1', 'n2', 'n3'] });
    // The lead is proposed; the other one never is.
    world.api.hangs.set('right', 'idle');
    for (const name of GANG.apps) world.want(name, 4, 1, GANG);
    await world.pass(9);
    // Withdrawing it hangs as well.
    world.api.hangs.set('left', 'idle');
    await world.pass(4);
    world.want('quick', 4);
    await world.pass(1);
    expect(world.slotsOf('quick')).toHaveLength(1);
    expect(world.slotsOf('left')).toEqual([expect.stringMatching('Proposed')]);
    await world.calmDown();
    expect(GANG.apps.flatMap((name) => world.slotsOf(name))).toHaveLength(2);
    expect([world.promisedTwice(), world.api.sideBySide]).toEqual([[], []]);
    await world.end();
  });
});
