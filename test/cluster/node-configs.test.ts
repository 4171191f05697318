import { expect, test } from '@jest/globals';
import { systemReservedBytes } from './node-configs.ts';

const GIB = 2 ** 30;

test.each([
  [4, 1],
  [16, 4],
  [24, 6],
  [256, 6],
])('of a machine with %p GiB each real node offers %p', (machine, offered) => {
  expect((machine * GIB - systemReservedBytes(machine * GIB)) / GIB).toBe(offered);
});
