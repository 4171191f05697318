import { expect, test } from '@jest/globals';
import { array, assert, double, integer, property } from 'fast-check';
import { bestNodes } from './best-nodes.ts';

test('all names stay, in order, when they are no more than the limit', () => {
  expect(bestNodes(['b', 'a'], [0, 2], 2)).toEqual(['b', 'a']);
});

test('of more, those of the highest rank stay, in the order given', () => {
  expect(bestNodes(['a', 'b', 'c', 'd'], [0.1, 1.9, 0.5, 2], 2)).toEqual(['b', 'd']);
});

test('of equals, the first stay', () => {
  expect(bestNodes(['a', 'b', 'c'], [1, 1, 1], 2)).toEqual(['a', 'b']);
});

test('the limit is met exactly, and nobody left out is clearly better than one that stays', () => {
  const ranks = array(double({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 60 });
  assert(
    property(ranks, integer({ min: 1, max: 60 }), (given, limit) => {
      const names = given.map((_rank, index) => String(index));
      const kept = new Set(bestNodes(names, given, limit));
      expect(kept.size).toBe(Math.min(limit, names.length));
      const worstKept = Math.min(...given.filter((_rank, index) => kept.has(String(index))));
      const bestLeft = Math.max(-1, ...given.filter((_rank, index) => !kept.has(String(index))));
      expect(bestLeft - worstKept).toBeLessThanOrEqual(2 / 512);
    }),
  );
});
