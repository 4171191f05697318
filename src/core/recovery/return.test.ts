import { expect, test } from '@jest/globals';
import { type FencedNode, UNSTAGE_SECONDS, returnAfter } from './return.ts';

const back = (parts: Partial<FencedNode>): FencedNode => ({
  ready: true,
  silentSeconds: 0,
  memberPods: 0,
  wellSeconds: undefined,
  ...parts,
});

test.each([
  ['back a moment ago', {}, UNSTAGE_SECONDS],
  ['back for a while', { wellSeconds: UNSTAGE_SECONDS - 10 }, 10],
  ['back for long enough', { wellSeconds: UNSTAGE_SECONDS }, 0],
])('a node that is %s has its taint for some more seconds', (_, parts, seconds) => {
  expect(returnAfter(back(parts))).toEqual({ isWell: true, seconds });
});

test.each([
  ['not ready', { ready: false }],
  ['silent', { silentSeconds: 16 }],
  ['left with a pod of a member', { memberPods: 1 }],
])('a node that is %s keeps its taint', (_, parts) => {
  expect(returnAfter(back({ wellSeconds: 1000, ...parts }))).toMatchObject({ isWell: false });
});
