import { describe, expect, test } from '@jest/globals';
import type { Slot } from '../../api/reservation.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import { overfullSlots } from './overfull-slots.ts';

function held(member: string, cpu: number, slot: Partial<Slot> = {}): HeldSlot {
  const acceptedAt = '2026-01-02T03:04:05Z';
  return {
    uid: `uid-${member}`,
    namespace: 'default',
    appName: 'es',
    appUid: 'app-es',
    framework: '',
    resources: { cpu, pods: 1 },
    slot: {
      member,
      node: 'n1',
      zone: '',
      resources: {},
      volumes: [],
      state: 'Held',
      decision: '',
      podUID: '',
      epoch: 1,
      acceptedAt,
      ...slot,
    },
  };
}

const NODE = { cpu: 4000, pods: 10 };
const losers = (slots: readonly HeldSlot[]) => overfullSlots(slots, NODE).map(({ slot }) => slot.member);

describe('where slots together exceed the node', () => {
  test('none gives way while all fit', () => {
    expect(losers([held('a', 2000), held('b', 2000)])).toEqual([]);
  });

  test('the older leader’s gives way', () => {
    expect(losers([held('a', 3000, { epoch: 1 }), held('b', 3000, { epoch: 2 })])).toEqual(['a']);
  });

  test('of one leader, the later one gives way', () => {
    expect(losers([held('a', 3000, { acceptedAt: '2026-01-02T03:04:06Z' }), held('b', 3000)])).toEqual(['a']);
  });

  test('a claimed one never gives way', () => {
    expect(losers([held('a', 3000, { state: 'Claimed', epoch: 1 }), held('b', 3000, { epoch: 9 })])).toEqual(['b']);
  });

  test('a smaller one may still fit beside the winners', () => {
    expect(
      losers([held('a', 3000, { epoch: 3 }), held('b', 3000, { epoch: 2 }), held('c', 1000, { epoch: 1 })]),
    ).toEqual(['b']);
  });

  test('the order in which they came does not matter', () => {
    const slots = [held('a', 3000), held('b', 3000), held('c', 3000)];
    expect(losers(slots.toReversed())).toEqual(losers(slots));
  });
});
