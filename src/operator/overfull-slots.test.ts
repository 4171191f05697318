import { describe, expect, test } from '@jest/globals';
import type { Slot } from '../api/reservation.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import { overfullSlots } from './overfull-slots.ts';

function held(member: string, cpu: number, over: Partial<Slot> = {}): HeldSlot {
  const slot: Slot = {
    member,
    node: 'n1',
    zone: '',
    resources: {},
    volumes: [],
    state: 'Held',
    decision: '',
    podUID: '',
    epoch: 1,
    acceptedAt: '2026-01-02T03:04:05Z',
    ...over,
  };
  return {
    uid: `rsv-${member}`,
    namespace: 'shop',
    appName: 'db',
    appUid: 'u',
    framework: '',
    slot,
    resources: { cpu, pods: 1 },
  };
}

const losers = (slots: readonly HeldSlot[], cpu = 1000) =>
  overfullSlots(slots, { cpu, pods: 10 }).map((slot) => slot.slot.member);

describe('slots that were promised twice', () => {
  test('none gives way where all fit', () => {
    expect(losers([held('a', 500), held('b', 500)])).toEqual([]);
  });

  test('the older leader gives way', () => {
    expect(losers([held('old', 600, { epoch: 1 }), held('new', 600, { epoch: 2 })])).toEqual(['old']);
  });

  test('of one leader the later slot gives way', () => {
    expect(losers([held('late', 600, { acceptedAt: '2026-01-02T03:04:06Z' }), held('early', 600)])).toEqual(['late']);
  });

  test('a claimed slot stays, whatever its epoch, and even when it does not fit', () => {
    expect(losers([held('claimed', 600, { state: 'Claimed', epoch: 1 }), held('held', 600, { epoch: 2 })])).toEqual([
      'held',
    ]);
    expect(losers([held('claimed', 600, { state: 'Claimed' })], 100)).toEqual([]);
  });

  test('a small one behind a loser keeps its place', () => {
    expect(
      losers([held('first', 600, { epoch: 3 }), held('big', 600, { epoch: 2 }), held('small', 300, { epoch: 1 })]),
    ).toEqual(['big']);
  });
});
