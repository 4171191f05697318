import { describe, expect, test } from '@jest/globals';
import { array, assert, property, string, uniqueArray } from 'fast-check';
import { nodeRoom } from '../../test/support/admission-builders.ts';
import { RoomIndex } from './room-index.ts';

/** What the index finds in a JSON list: known rooms by name, unknown ones with a question mark. */
function found(index: RoomIndex, list: string): readonly string[] | undefined {
  const known = index.resolve(Buffer.from(list));
  return known?.map(({ name, allocatable }) => (Object.keys(allocatable).length === 0 ? `${name}?` : name));
}

function indexOf(...names: readonly string[]): RoomIndex {
  const index = new RoomIndex();
  for (const name of names) index.set(name, nodeRoom(name));
  return index;
}

describe('the index of rooms', () => {
  test('finds nodes in a list of names, in its order', () => {
    expect(found(indexOf('a', 'b', 'abc'), '["abc","b","nobody","a"]')).toEqual(['abc', 'b', 'nobody?', 'a']);
    expect(found(indexOf('a'), '[]')).toEqual([]);
  });

  test.each(['["a', '["a"', '["a" ]', '[1]', '["a\\n"]', '["a\n"]', '["a",1]', '["a"]]'])(
    'leaves to others what is no plain list: %s',
    (list) => {
      expect(found(indexOf('a'), list)).toBeUndefined();
    },
  );

  test('knows the newest room of a node', () => {
    const index = indexOf('a');
    index.set('a', nodeRoom('a', { ready: false }));
    expect([index.get('a')?.ready, index.size]).toEqual([false, 1]);
  });

  test('forgets a node that is gone, and knows it again when it is back', () => {
    const index = indexOf('a', 'b');
    index.delete('a');
    index.delete('nobody');
    expect([found(index, '["a","b"]'), index.get('a'), index.size]).toEqual([['a?', 'b'], undefined, 1]);
    index.set('a', nodeRoom('a'));
    expect(found(index, '["a","b"]')).toEqual(['a', 'b']);
  });

  test('holds more nodes than it was made for, and those that come and go', () => {
    const names = Array.from({ length: 6000 }, (_none, number) => `node-${number}`);
    const index = indexOf(...names);
    for (const name of names.slice(0, 3000)) index.delete(name);
    for (const name of names.slice(0, 1000)) index.set(name, nodeRoom(name));
    const expected = names.map((name, number) => (number >= 1000 && number < 3000 ? `${name}?` : name));
    expect(found(index, JSON.stringify(names))).toEqual(expected);
  });

  test('agrees with JSON on whatever names there are', () => {
    assert(
      property(uniqueArray(string()), array(string()), (known, others) => {
        const index = indexOf(...known);
        const names = [...known, ...others];
        const resolved = index.resolve(Buffer.from(JSON.stringify(names)));
        if (resolved !== undefined) expect(resolved.map(({ name }) => name)).toEqual(names);
        else expect(JSON.stringify(names)).toContain('\\');
      }),
    );
  });
});
