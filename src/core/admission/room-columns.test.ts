import { describe, expect, test } from '@jest/globals';
import { nodeRoom } from '../../../test/support/admission-builders.ts';
import { RANKS, RoomColumns } from './room-columns.ts';

const GPU = { 'example.com/gpu': 2 };

function columns(...rooms: readonly ReturnType<typeof nodeRoom>[]): RoomColumns {
  const made = new RoomColumns();
  for (const [entry, room] of rooms.entries()) made.set(entry, room);
  return made;
}

describe('rooms as columns', () => {
  test('give back what was put there', () => {
    const room = nodeRoom('n1', { ready: false, unschedulable: true, reserves: true, free: { cpu: 7 } });
    expect(columns(room).room(0, 'n1')).toEqual(room);
  });

  test('know nothing of an entry that was never set, or cleared', () => {
    const rooms = columns(nodeRoom('n1', { reserves: true }));
    rooms.clear(0);
    for (const entry of [-1, 0, 5]) {
      expect([rooms.isKnown(entry), rooms.reserves(entry), rooms.room(entry, 'n')]).toEqual([false, false, undefined]);
    }
  });

  test('forget a resource that a node has no more', () => {
    const rooms = columns(nodeRoom('n1', { free: GPU }));
    rooms.set(0, nodeRoom('n1', { free: { cpu: 1 } }));
    expect([rooms.left('example.com/gpu')?.[0], rooms.left('cpu')?.[0], rooms.left('memory')]).toEqual([
      0,
      1,
      undefined,
    ]);
  });

  test('rank nodes where nothing is held first, then by what is free', () => {
    const rooms = columns(
      nodeRoom('full', { reserves: true, freeShare: 0 }),
      nodeRoom('held', { reserves: true, freeShare: 1 }),
      nodeRoom('busy', { freeShare: 0.1 }),
      nodeRoom('empty', { freeShare: 1 }),
    );
    const ranks = [0, 1, 2, 3].map((entry) => rooms.rank(entry));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect([ranks[0], ranks[3], rooms.rank(-1)]).toEqual([1, RANKS, 1 + RANKS / 2]);
  });
});

describe('promises', () => {
  test('are taken off what is left until they are released', () => {
    const rooms = columns(nodeRoom('n1', { free: { cpu: 1000 } }));
    rooms.promise([0], { cpu: 400 }, 'promised');
    rooms.promise([0], { cpu: 400 }, 'promised');
    expect([rooms.left('cpu')?.[0], rooms.room(0, 'n1')?.free['cpu'], rooms.promised(0, 'cpu')]).toEqual([
      200, 1000, 800,
    ]);
    rooms.promise([0], { cpu: 400 }, 'released');
    expect(rooms.left('cpu')?.[0]).toBe(600);
  });

  test('outlive a change of the room, and its end', () => {
    const rooms = columns(nodeRoom('n1', { free: { cpu: 1000 } }));
    rooms.promise([0], { cpu: 400 }, 'promised');
    rooms.clear(0);
    expect(rooms.isUsed(0)).toBe(true);
    rooms.set(0, nodeRoom('n1', { free: { cpu: 900 } }));
    expect(rooms.left('cpu')?.[0]).toBe(500);
    rooms.promise([0], { cpu: 400 }, 'released');
    rooms.clear(0);
    expect([rooms.left('cpu')?.[0], rooms.isUsed(0)]).toEqual([0, false]);
  });

  test('go with their entry when entries are numbered anew', () => {
    const rooms = columns(nodeRoom('a'), nodeRoom('b', { free: { cpu: 10 } }));
    rooms.promise([1], { cpu: 3 }, 'promised');
    rooms.keep([1]);
    expect([rooms.left('cpu')?.[0], rooms.room(0, 'b')?.free['cpu'], rooms.isKnown(1)]).toEqual([7, 10, false]);
  });
});

test('there may be more nodes than were thought of', () => {
  const rooms = new RoomColumns();
  for (let entry = 0; entry < 3000; entry += 1) rooms.set(entry, nodeRoom('n', { free: { cpu: entry } }));
  expect([rooms.left('cpu')?.[0], rooms.left('cpu')?.[2999], rooms.isKnown(3000)]).toEqual([0, 2999, false]);
});
