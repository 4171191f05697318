import { describe, expect, test } from '@jest/globals';
import {
  NOW,
  demand,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  tenant,
  viewOf,
} from '../../../test/support/core-builders.ts';
import { AllocatorMemory } from './allocator-memory.ts';

const TENANTS = [tenant()];
const TOO_LARGE = [demand('es', { member: { requests: { cpu: '4' } } })];

/** Three nodes on which a pod leaves too little. */
function fullView() {
  const view = viewOf(nodeFacts('n1'), nodeFacts('n2'), nodeFacts('n3'));
  for (const name of ['n1', 'n2', 'n3']) view.setPod(podFacts(`on-${name}`, { nodeName: name }));
  return view;
}

describe('what the allocator remembers', () => {
  test('the very answers of the last time stand while nothing changed', () => {
    const memory = new AllocatorMemory(fullView());
    const first = memory.allocate(TENANTS, TOO_LARGE, NOW);
    expect(first).toMatchObject([{ kind: 'decline', reason: 'InsufficientCPU' }]);
    expect(memory.allocate(TENANTS, TOO_LARGE, NOW + 1)).toBe(first);
  });

  test('they are worked out again after a while, since some of it changes with time alone', () => {
    const memory = new AllocatorMemory(fullView());
    const first = memory.allocate(TENANTS, TOO_LARGE, NOW);
    const later = memory.allocate(TENANTS, TOO_LARGE, NOW + 60);
    expect(later).not.toBe(first);
    expect(later).toEqual(first);
  });

  test('in a small cluster every number is of now', () => {
    const view = fullView();
    const memory = new AllocatorMemory(view);
    memory.allocate(TENANTS, TOO_LARGE, NOW);
    view.setPod(podFacts('on-n1', { nodeName: 'n1', requests: { cpu: '500m' } }));
    const [decision] = memory.allocate(TENANTS, TOO_LARGE, NOW);
    expect(decision).toMatchObject({ message: expect.stringContaining('most free 3500m on n1') });
  });

  test('in a large cluster a node that still has too little lets the answers stand, one that has enough does not', () => {
    const view = fullView();
    const memory = new AllocatorMemory(view, { largeNodes: 1 });
    const first = memory.allocate(TENANTS, TOO_LARGE, NOW);
    view.setPod(podFacts('on-n1', { nodeName: 'n1', requests: { cpu: '500m' } }));
    expect(memory.allocate(TENANTS, TOO_LARGE, NOW)).toBe(first);
    view.deletePod('uid-on-n1');
    expect(memory.allocate(TENANTS, TOO_LARGE, NOW)).toMatchObject([{ kind: 'accept', slots: [{ node: 'n1' }] }]);
  });

  test('in a large cluster a node that comes free goes to whose turn it is, and the answers of the others stand', () => {
    const view = fullView();
    const memory = new AllocatorMemory(view, { largeNodes: 1 });
    const tenants = [tenant('a'), tenant('b'), tenant('c', { weight: 9 })];
    const whole = { requests: { cpu: '4' } };
    const demands = [
      demand('a-large', { framework: 'a', member: { requests: { cpu: '5' } }, priority: 1 }),
      demand('a-next', { framework: 'a', member: whole }),
      demand('b-next', { framework: 'b', member: whole }),
      demand('c-first', { framework: 'c', member: whole }),
    ];
    const before = memory.allocate(tenants, demands, NOW);
    view.deletePod('uid-on-n1');
    const after = memory.allocate(tenants, demands, NOW);
    expect(after[0]).toMatchObject({ kind: 'accept', app: { name: 'c-first' }, slots: [{ node: 'n1' }] });
    expect(after.slice(1)).toEqual(before.filter(({ app }) => app.name !== 'c-first'));
    expect(after.slice(1).every((decision) => before.includes(decision))).toBe(true);
  });

  test.each([undefined, 1])(
    'what is set aside ends with who starved, in the next turn (large from %s nodes)',
    (largeNodes) => {
      const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
      view.setPod(podFacts('on-n1', { nodeName: 'n1', requests: { cpu: '1' } }));
      view.setPod(podFacts('on-n2', { nodeName: 'n2', requests: { cpu: '4' } }));
      view.setReservation(reservation('one', [slot('one-0', 'n1')], { framework: 'small' }));
      const tenants = [tenant('big'), tenant('small')];
      const whale = demand('whale', {
        framework: 'big',
        pendingSinceSeconds: NOW - 300,
        member: { requests: { cpu: '3' } },
      });
      const fry = demand('fry', { framework: 'small', member: { requests: { cpu: '1' } } });
      const memory = new AllocatorMemory(view, largeNodes === undefined ? {} : { largeNodes });
      for (const now of [NOW, NOW + 1]) {
        expect(memory.allocate(tenants, [whale, fry], now)[1]).toMatchObject({ kind: 'decline', reason: 'Earmarked' });
      }
      expect(memory.allocate(tenants, [fry], NOW + 1)).toMatchObject([{ kind: 'accept', slots: [{ node: 'n1' }] }]);
    },
  );

  test('another demand is answered at once', () => {
    const memory = new AllocatorMemory(fullView());
    memory.allocate(TENANTS, TOO_LARGE, NOW);
    const both = memory.allocate(TENANTS, [...TOO_LARGE, demand('web')], NOW);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['accept', 'decline']);
  });
});
