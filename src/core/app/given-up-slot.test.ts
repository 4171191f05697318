import { describe, expect, test } from '@jest/globals';
import { NOW, facts, pendingPod, pod, reservation, slot } from '../../../test/support/app-builders.ts';
import type { Slot } from '../../api/reservation.ts';
import { GIVEN_UP_SECONDS, giveUp, isGivenUp } from './given-up-slot.ts';
import { keptSlots } from './kept-slots.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { formatTime } from './rfc3339.ts';
import { understand } from './understand.ts';

const CLAIMED = slot({ state: 'Claimed', podUID: pod().uid });
const GIVEN_UP = giveUp(CLAIMED, NOW);
const LATE = NOW + GIVEN_UP_SECONDS;

const STATEFUL_SET = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'db',
    uid: 'sts-1',
    ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
  },
};

function kept(pods: readonly PodFacts[], now = NOW): readonly Slot[] {
  const given = facts({ statefulSet: STATEFUL_SET, reservation: reservation([GIVEN_UP]), pods });
  return keptSlots(understand(given, now));
}

describe('a slot that was given up', () => {
  test('says so, and until when its pod must be on its way out', () => {
    expect(isGivenUp(CLAIMED)).toBe(false);
    expect(isGivenUp(slot({ state: 'Moving' }))).toBe(false);
    expect(GIVEN_UP).toEqual({ ...CLAIMED, state: 'Moving', holdUntil: formatTime(LATE) });
  });

  test.each<[string, readonly PodFacts[], number, readonly Slot[]]>([
    ['stays while its pod may still be evicted', [pod()], NOW, [GIVEN_UP]],
    ['stays while its pod stops, however long that takes', [pod({ deleting: true })], LATE + 600, [GIVEN_UP]],
    ['is its member’s again when nobody evicted the pod', [pod()], LATE, [CLAIMED]],
    ['ends with its pod', [], NOW, []],
    ['ends when its pod has finished', [pod({ phase: 'Failed' })], NOW, []],
    ['is not there for the next pod', [pendingPod()], NOW, []],
    [
      'is the next pod’s only when that runs there after all',
      [pod({ uid: 'another' })],
      NOW,
      [{ ...CLAIMED, podUID: 'another' }],
    ],
  ])('%s', (_what, pods, now, expected) => {
    expect(kept(pods, now)).toEqual(expected);
  });
});
