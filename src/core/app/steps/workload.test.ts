import { describe, expect, test } from '@jest/globals';
import { LAUNCHED_ALONE, NOW, app, facts, pod, reservation, slot } from '../../../../test/support/app-builders.ts';
import { giveUp } from '../given-up-slot.ts';
import { plan } from '../make-plan.ts';
import { readNumber } from '../read-field.ts';

const bound = (ordinal: number) => slot({ member: `db-${ordinal}`, state: 'Claimed', podUID: `uid-db-${ordinal}` });

/** Of three members: db-0 runs, db-1 has given up its slot and is there yet, db-2 has no place. */
function mayBeUnavailable(launched: number, isRevocable: boolean, available: object = {}): number | undefined {
  const metadata = { ...LAUNCHED_ALONE.metadata, annotations: { 'proffer.dev/launched': String(launched) } };
  const { actions } = plan(
    facts({
      app: app({ spec: { replicas: 3, availability: available } }),
      isRevocable,
      statefulSet: { ...LAUNCHED_ALONE, metadata, spec: { replicas: 3 } },
      reservation: reservation(launched === 0 ? [] : [bound(0), giveUp(bound(1), NOW)]),
      pods: launched === 0 ? [] : [pod(), pod({ name: 'db-1' })],
    }),
    NOW,
  );
  const made = actions.find((action) => action.kind === 'apply' && action.object.kind === 'PodDisruptionBudget');
  return made?.kind === 'apply' ? readNumber(made.object, 'spec', 'maxUnavailable') : undefined;
}

describe('the disruption budget', () => {
  test.each<[string, number, boolean, object, number | undefined]>([
    ['lets one go', 3, false, {}, 1],
    ['of a revocable framework also those that gave back what was lent, and are about to', 3, true, {}, 3],
    ['but not those that wait for their launch', 0, true, {}, 1],
    ['is what the user says', 3, true, { minAvailable: 2 }, undefined],
  ])('%s', (_what, launched, isRevocable, available, unavailable) => {
    expect(mayBeUnavailable(launched, isRevocable, available)).toBe(unavailable);
  });
});
