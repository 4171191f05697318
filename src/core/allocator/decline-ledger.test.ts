import { describe, expect, test } from '@jest/globals';
import { NOW } from '../../../test/support/core-builders.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Decline } from './decision.ts';
import { DeclineLedger } from './decline-ledger.ts';

/** An answer that names these nodes, each with a reason. */
function decline(nodes: Readonly<Record<string, Reason>>, uid = 'a'): Decline {
  const refusals = Object.entries(nodes).map(([node, reason]) => {
    return { node, member: 'db-0', reason, message: `${reason} on ${node}` };
  });
  const app = { namespace: 'shop', name: 'db', uid };
  return { kind: 'decline', app, reason: 'NoNodes', message: 'none', nodesByReason: {}, refusals };
}

const many = (count: number, from: number) =>
  decline(Object.fromEntries(Array.from({ length: count }, (_none, at) => [`n${from + at}`, 'TooManyPods' as const])));

const KEY = 'shop/db';

/** Node, reason, how often, and seconds after NOW when first and last. */
const shown = (ledger: DeclineLedger) =>
  (ledger.of(KEY)?.nodes ?? []).map(({ node, reason, times, sinceSeconds, lastSeconds }) =>
    [node, reason, times, sinceSeconds - NOW, lastSeconds - NOW].join(' '),
  );

describe('the ledger of declines', () => {
  test('counts an answer that is given again, and knows since when and when last', () => {
    const ledger = new DeclineLedger();
    const same = decline({ n1: 'InsufficientCPU', n2: 'NodeCordoned' });
    for (const at of [0, 5, 9]) ledger.note(KEY, same, NOW + at);
    expect(shown(ledger)).toEqual(['n1 InsufficientCPU 3 0 9', 'n2 NodeCordoned 3 0 9']);
    ledger.note(KEY, same, NOW + 12);
    expect(shown(ledger)).toEqual(['n1 InsufficientCPU 4 0 12', 'n2 NodeCordoned 4 0 12']);
  });

  test('goes on counting what other answers say too, the nearest of the last one first', () => {
    const ledger = new DeclineLedger();
    ledger.note(KEY, decline({ n1: 'InsufficientCPU', n2: 'NodeCordoned' }), NOW);
    ledger.note(KEY, decline({ n3: 'TooManyPods', n1: 'InsufficientCPU' }), NOW + 4);
    ledger.note(KEY, decline({ n3: 'TooManyPods', n1: 'InsufficientMemory' }), NOW + 6);
    expect(shown(ledger)).toEqual([
      'n3 TooManyPods 2 4 6',
      'n1 InsufficientMemory 1 6 6',
      'n1 InsufficientCPU 2 0 4',
      'n2 NodeCordoned 1 0 0',
    ]);
    expect(ledger.of(KEY)?.nodes[0]?.message).toBe('TooManyPods on n3');
  });

  test('forgets the nodes that were refused longest ago, and says how many', () => {
    const ledger = new DeclineLedger();
    ledger.note(KEY, many(100, 0), NOW);
    ledger.note(KEY, many(100, 70), NOW + 1);
    const record = ledger.of(KEY);
    expect([record?.nodes.length, record?.forgotten]).toEqual([100, 70]);
    expect(record?.nodes.map(({ node }) => node)).toContain('n169');
    expect(record?.nodes.find(({ node }) => node === 'n75')?.times).toBe(2);
  });

  test('begins anew for another app of the name, and after the app has its places', () => {
    const ledger = new DeclineLedger();
    ledger.note(KEY, decline({ n1: 'TooManyPods' }), NOW);
    ledger.note(KEY, decline({ n1: 'TooManyPods' }, 'b'), NOW + 1);
    expect(shown(ledger)).toEqual(['n1 TooManyPods 1 1 1']);
    ledger.forget(KEY);
    expect(ledger.of(KEY)).toBeUndefined();
  });
});
