import { describe, expect, test } from '@jest/globals';
import { TAINT_RESERVED } from '../../../api/labels.ts';
import { node, slot } from '../../../../test/support/app-builders.ts';
import type { Taint } from '../../facts/node-facts.ts';
import { holdGuarantee } from './hold-guarantee.ts';

const tainted = (name: string, effect: Taint['effect'] = 'NoSchedule', key = TAINT_RESERVED) =>
  node(name, { taints: [{ key, value: '', effect }] });

const on = (...nodes: readonly string[]) => nodes.map((name, i) => slot({ member: `db-${i}`, node: name }));

const NODES = new Map(
  [
    tainted('r1'),
    tainted('r2', 'NoExecute'),
    tainted('soft', 'PreferNoSchedule'),
    tainted('other', 'NoSchedule', 'x'),
    node('n1'),
  ].map((found) => [found.name, found]),
);

describe('a hold', () => {
  test.each<[string, readonly string[], number, number, string]>([
    [
      'is guaranteed on nodes with the taint',
      ['r1', 'r2'],
      2,
      0,
      'the holds are guaranteed: their nodes have the taint proffer.dev/reserved',
    ],
    [
      'is best effort elsewhere',
      ['n1', 'other'],
      0,
      2,
      'the holds are best effort (n1, other): taint the nodes with proffer.dev/reserved to guarantee them',
    ],
    [
      'is best effort where the taint is but a wish',
      ['soft'],
      0,
      1,
      'the holds are best effort (soft): taint the nodes with proffer.dev/reserved to guarantee them',
    ],
    [
      'is best effort on a node that is gone',
      ['gone'],
      0,
      1,
      'the holds are best effort (gone): taint the nodes with proffer.dev/reserved to guarantee them',
    ],
    [
      'may be both',
      ['r1', 'n1', 'n1'],
      1,
      2,
      '1 holds are guaranteed, 2 are best effort (n1): taint the nodes with proffer.dev/reserved to guarantee them',
    ],
    ['is nothing without slots', [], 0, 0, ''],
  ])('%s', (_what, nodes, guaranteed, bestEffort, message) => {
    expect(holdGuarantee(on(...nodes), NODES)).toEqual({ guaranteed, bestEffort, message });
  });

  test('is none for a slot that lost a conflict', () => {
    expect(holdGuarantee([slot({ node: 'r1', state: 'Conflicted' })], NODES)).toMatchObject({
      guaranteed: 0,
      bestEffort: 0,
    });
  });
});
