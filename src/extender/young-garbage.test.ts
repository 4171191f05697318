import { expect, test } from '@jest/globals';
import { YoungGarbage } from './young-garbage.ts';

const MIB = 1024 * 1024;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('garbage is collected once for every eight mebibytes of requests, and not before the answer is out', async () => {
  let collections = 0;
  const garbage = new YoungGarbage(() => (collections += 1));
  const seen: number[] = [];
  for (let request = 0; request < 20; request += 1) {
    garbage.add(MIB);
    seen.push(collections);
    await turn();
  }
  expect([seen[7], collections]).toEqual([0, 2]);
});

test('V8’s own collection can be asked for', async () => {
  const garbage = new YoungGarbage();
  garbage.add(100 * MIB);
  await turn();
});
