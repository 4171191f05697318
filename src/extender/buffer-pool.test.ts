import { expect, test } from '@jest/globals';
import { BufferPool } from './buffer-pool.ts';

test('a buffer that was given back is used again', () => {
  const pool = new BufferPool();
  const first = pool.take(1000);
  expect(first.length).toBeGreaterThanOrEqual(1000);
  pool.giveBack(first.subarray(3, 9));
  expect(pool.take(2000).buffer).toBe(first.buffer);
});

test('nobody gets a buffer that another still has', () => {
  const pool = new BufferPool();
  const taken = Array.from({ length: 20 }, () => pool.take(1000).buffer);
  expect(new Set(taken).size).toBe(20);
});

test('a buffer that is too small is left for others', () => {
  const pool = new BufferPool();
  const small = pool.take(1);
  pool.giveBack(small);
  expect(pool.take(1_000_000).length).toBeGreaterThanOrEqual(1_000_000);
  expect(pool.take(1).buffer).toBe(small.buffer);
});

test('what is given back twice, or is somebody else’s, is not given out twice', () => {
  const pool = new BufferPool();
  const buffer = pool.take(1);
  pool.giveBack(buffer);
  pool.giveBack(buffer);
  pool.giveBack(Buffer.alloc(10));
  expect(pool.take(1).buffer).not.toBe(pool.take(1).buffer);
});

test('a huge buffer is not kept', () => {
  const pool = new BufferPool();
  const huge = pool.take(8 * 1024 * 1024);
  pool.giveBack(huge);
  expect(pool.take(1).buffer).not.toBe(huge.buffer);
});
