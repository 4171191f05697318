import { expect, test } from '@jest/globals';
import { attachLimit } from './attach-limit.ts';

const node = (attachLimit: number | undefined, driver = 'd') => ({
  name: 'n',
  drivers: [{ name: driver, attachLimit, topologyKeys: [] }],
});

test.each([
  ['no node has the driver', [node(5, 'other')], ''],
  ['all say the same', [node(25), node(25)], '25'],
  ['they differ', [node(15), node(39)], '15 to 39'],
  ['none has a limit', [node(undefined)], 'unlimited'],
  ['some have none', [node(15), node(undefined)], '15, unlimited on 1 of 2 nodes'],
])('the attach limit when %s', (_, nodes, words) => {
  expect(attachLimit('d', nodes)).toBe(words);
});
