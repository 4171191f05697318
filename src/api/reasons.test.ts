import { expect, test } from '@jest/globals';
import { PLACEMENT_REASONS } from './placement-reasons.ts';
import { REASONS, isReason } from './reasons.ts';
import { SPEC_REASONS } from './spec-reasons.ts';

test.each(Object.entries(REASONS))(
  '%s is a condition reason, with what is wrong and what to do',
  (reason, { title, advice }) => {
    expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(title).toMatch(/^[a-z].*[^.]$/);
    expect(advice).toMatch(/^[A-Z].*\.$/);
  },
);

test('words from elsewhere are no reasons', () => {
  expect(isReason('NoNodes')).toBe(true);
  expect(isReason('toString')).toBe(false);
});

test('no reason has two meanings', () => {
  expect(Object.keys(PLACEMENT_REASONS).filter((reason) => Object.hasOwn(SPEC_REASONS, reason))).toEqual([]);
});
