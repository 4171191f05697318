import { describe, expect, test } from '@jest/globals';
import { array, assert, property, string, uniqueArray } from 'fast-check';
import { nodeRoom } from '../../test/support/admission-builders.ts';
import { RoomIndex } from './room-index.ts';

/** What the index finds in a JSON list: names of known rooms, others with a question mark. */
function found(index: RoomIndex, list: string): readonly string[] | undefined {
  const json = Buffer.from(list);
  const resolved = index.resolve(json);
  if (resolved === undefined) return undefined;
  const { entries, starts } = resolved;
  return Array.from(entries, (entry, position) => {
    const name = json.toString('utf8', starts[position], (starts[position + 1] ?? 0) - '","'.length);
    if (!index.columns.isKnown(entry)) return `${name}?`;
    // That the entry is really that of the name.
    const element = new Int32Array(200);
    const end = index.elements.copy(entry, element, 0);
    return (JSON.parse(Buffer.from(element.buffer).toString('utf8', 1, end * 4)) as { Host: string }).Host;
  });
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

  test('tells names of every length apart', () => {
    const names = Array.from({ length: 40 }, (_none, length) => 'n'.repeat(length));
    expect(found(indexOf(...names), JSON.stringify(names))).toEqual(names);
    expect(found(indexOf(...names), JSON.stringify(names.toReversed()))).toEqual(names.toReversed());
  });

  test.each([
    '',
    '[',
    '["a',
    '["a"',
    '["a" ]',
    '[1]',
    '["a\\n"]',
    '["a\n"]',
    '["a",1]',
    '["a",]',
    '["a"]]',
    '[,"a"]',
    '{}',
  ])('leaves to others what is no plain list: %s', (list) => {
    expect(found(indexOf('a'), list)).toBeUndefined();
  });

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

  test('remembers what was promised, however many nodes come and go meanwhile', () => {
    const index = indexOf('a');
    index.promise(['a'], { cpu: 400 }, 'promised');
    index.delete('a');
    for (let number = 0; number < 3000; number += 1) {
      index.set(`node-${number}`, nodeRoom('n'));
      index.delete(`node-${number}`);
    }
    index.set('a', nodeRoom('a', { free: { cpu: 1000 } }));
    const entry = index.resolve(Buffer.from('["a"]'))?.entries[0] ?? -1;
    expect([index.columns.left('cpu')?.[entry], index.get('a')?.free['cpu']]).toEqual([600, 1000]);
    index.promise(['a'], { cpu: 400 }, 'released');
    expect(index.columns.left('cpu')?.[entry]).toBe(1000);
  });

  test('agrees with JSON on whatever names there are', () => {
    assert(
      property(uniqueArray(string()), array(string()), (known, others) => {
        const index = indexOf(...known.filter((name) => JSON.stringify(name) === `"${name}"`));
        const names = [...known, ...others];
        const resolved = found(index, JSON.stringify(names));
        if (resolved !== undefined)
          expect(resolved.map((name, at) => (name === names[at] ? name : name.slice(0, -1)))).toEqual(names);
        else expect(JSON.stringify(names)).toContain('\\');
      }),
    );
  });
});
