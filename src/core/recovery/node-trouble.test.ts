import { expect, test } from '@jest/globals';
import { node } from '../../../test/support/app-builders.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { OUR_TAINT, nodeTrouble } from './node-trouble.ts';

const MARKED = { fencedByUs: '2026-01-02T03:04:05Z' };
const THEIRS = { ...OUR_TAINT, value: 'confirmed' };

const saidOf = (parts: Partial<NodeFacts>, isGone = false) => {
  const found = node('n1', parts);
  const seen = { silentSeconds: 31, renewedAt: 'then', instance: 'unknown', wholeNodeProblem: () => '' } as const;
  return nodeTrouble('n1', isGone ? undefined : found, isGone ? { ...seen, last: found } : seen)?.outOfService;
};

test.each<[string, Partial<NodeFacts>, string, string]>([
  ['no taint', {}, 'no', 'no'],
  ['our mark, whose taint somebody took away', MARKED, 'no', 'no'],
  ['our taint and our mark', { ...MARKED, taints: [OUR_TAINT] }, 'byUs', 'no'],
  ['a taint without our mark', { taints: [OUR_TAINT] }, 'byOthers', 'byOthers'],
  ['our mark, and a taint that somebody put in place of ours', { ...MARKED, taints: [THEIRS] }, 'byOthers', 'byOthers'],
  ['our mark, our taint and one of somebody else', { ...MARKED, taints: [OUR_TAINT, THEIRS] }, 'byOthers', 'byOthers'],
])(
  'a node with %s is declared out of service: %s; and %s as the last word of one that is gone',
  (_what, parts, there, gone) => {
    expect(saidOf(parts)).toBe(there);
    expect(saidOf(parts, true)).toBe(gone);
  },
);
