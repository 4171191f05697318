import { expect, test } from '@jest/globals';
import { array, assert, integer, property } from 'fast-check';
import { bestNodes } from './best-nodes.ts';
import { RANKS } from './room-columns.ts';

function best(ranks: readonly number[], limit: number): readonly number[] {
  return bestNodes(Uint16Array.from(ranks), limit);
}

test.each<[string, readonly number[], number, readonly number[]]>([
  ['all stay when they are no more than the limit', [1, RANKS], 2, [0, 1]],
  ['of more, those of the highest rank stay, in order', [1, 500, 9, RANKS], 2, [1, 3]],
  ['of equals, the first stay', [7, 7, 7], 2, [0, 1]],
  ['what has no rank never stays', [0, 3, 0, 1], 3, [1, 3]],
  ['nothing stays of nothing', [], 2, []],
])('%s', (_what, ranks, limit, expected) => {
  expect(best(ranks, limit)).toEqual(expected);
});

test('it is what sorting by rank would leave', () => {
  const ranks = array(integer({ min: 0, max: RANKS }), { maxLength: 60 });
  assert(
    property(ranks, integer({ min: 1, max: 60 }), (given, limit) => {
      const sorted = [...given.entries()].filter(([, rank]) => rank > 0).toSorted(([a, x], [b, y]) => y - x || a - b);
      const expected = sorted.slice(0, limit).map(([position]) => position);
      expect(best(given, limit)).toEqual(expected.toSorted((a, b) => a - b));
    }),
  );
});
