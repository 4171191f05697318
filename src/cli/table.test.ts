import { describe, expect, test } from '@jest/globals';
import { table } from './table.ts';
import { wrapped } from './terminal.ts';

const WIDE = { width: undefined, colour: false };

describe('a table', () => {
  test('has columns as wide as their widest cell, and none that is empty', () => {
    const rows = [
      ['n1', '', 'one'],
      ['node-22', '', 'two'],
    ];
    expect(table(['NODE', 'ZONE', 'WHY'], rows, WIDE)).toEqual(['  NODE     WHY', '  n1       one', '  node-22  two']);
  });

  test('is cut where the terminal ends', () => {
    expect(table(['A'], [['a long sentence']], { width: 10, colour: false })).toEqual(['  A', '  a long …']);
  });

  test('without rows is nothing', () => {
    expect(table(['A'], [], WIDE)).toEqual([]);
  });
});

test('words go over as many lines as they need', () => {
  expect(wrapped('one two three', { width: 10, colour: false })).toEqual(['  one two', '  three']);
});
