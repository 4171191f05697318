import { describe, expect, test } from '@jest/globals';
import { reservation, slot } from '../../../test/support/core-builders.ts';
import type { Reservation, Slot } from '../../api/reservation.ts';
import { commitProposals, decisionId, isProposedWhole, isUnsettled, settleProposals } from './gang-proposals.ts';

const DECISION = decisionId('master', 'd1');

function holding(
  app: string,
  slots: readonly Partial<Slot>[],
  committedDecisions: readonly string[] = [],
): Reservation {
  const made = reservation(
    app,
    slots.map((parts, i) => slot(`${app}-${i}`, 'n1', parts)),
  );
  return { ...made, spec: { ...made.spec, committedDecisions } };
}

const proposed = (decision = DECISION): Partial<Slot> => ({ state: 'Proposed', decision });
const held = (decision = DECISION): Partial<Slot> => ({ state: 'Held', decision });

const writes = (...reservations: readonly Reservation[]) =>
  settleProposals(reservations).map(
    ({ reservation: { spec }, slots, committedDecisions }) =>
      `${spec.app.name}: ${slots.map(({ state }) => state).join() || 'none'} [${committedDecisions.join()}]`,
  );

describe('proposals that were found', () => {
  test.each<[string, readonly Reservation[], readonly string[]]>([
    ['nothing is proposed: nothing to do', [holding('master', [held()]), holding('data', [{ state: 'Claimed' }])], []],
    [
      'of a committed decision become Held',
      [holding('master', [held()], [DECISION]), holding('data', [proposed()])],
      ['data: Held []'],
    ],
    [
      'of one that is not committed are withdrawn, the lead’s first',
      [holding('data', [proposed()]), holding('master', [proposed(), held('other')])],
      ['master: Held []', 'data: none []'],
    ],
    ['of a lead that is gone are withdrawn', [holding('data', [proposed()])], ['data: none []']],
    [
      'are told apart by their decision',
      [holding('master', [held()], [DECISION]), holding('data', [proposed(), proposed('master/d2')])],
      ['data: Held []'],
    ],
    ['none is left of a commit: it is forgotten', [holding('master', [held()], [DECISION])], ['master: Held []']],
  ])('%s', (_what, found, wanted) => {
    expect(writes(...found)).toEqual(wanted);
  });

  test('are a reason to look, and so is a commit', () => {
    expect(isUnsettled(holding('master', [held()]))).toBe(false);
    expect(isUnsettled(holding('master', [proposed()]))).toBe(true);
    expect(isUnsettled(holding('master', [held()], [DECISION]))).toBe(true);
  });
});

describe('a commit', () => {
  test('is one write: the lead’s own slots are Held with it, and old commits are forgotten but those that are needed', () => {
    const lead = holding('master', [proposed(), proposed('master/d0')], ['master/d8', 'master/d9']);
    const { slots, committedDecisions } = commitProposals(lead, DECISION, [
      lead,
      holding('data', [proposed('master/d9')]),
    ]);
    expect(slots.map(({ state }) => state)).toEqual(['Held', 'Proposed']);
    expect(committedDecisions).toEqual(['master/d9', DECISION]);
  });

  test('needs each of the members to be proposed still', () => {
    const both = holding('data', [proposed(), proposed(), { state: 'Claimed' }]);
    expect(isProposedWhole(both, DECISION, ['data-0', 'data-1'])).toBe(true);
    expect(isProposedWhole(both, DECISION, ['data-0', 'data-1', 'data-2'])).toBe(false);
    expect(isProposedWhole(both, DECISION, ['data-0'])).toBe(false);
    expect(isProposedWhole(holding('data', [proposed('master/d2')]), DECISION, ['data-0'])).toBe(false);
  });
});
