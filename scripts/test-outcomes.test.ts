import { describe, expect, test } from '@jest/globals';
import type { FileEvent } from './progress-reporter.ts';
import { addedUp, outcomesOf } from './test-outcomes.ts';

const started = (path: string, at = 0): FileEvent => ({ event: 'started', path, at });

const ended = (path: string, counts: { passed?: number; failed?: number } = {}, at = 10): FileEvent => {
  const failed = counts.failed ?? 0;
  const failures = Array.from({ length: failed }, (_, index) => ({ name: `test ${index}`, message: 'was not so' }));
  return { event: 'ended', path, at, passed: counts.passed ?? 0, failed, skipped: 0, failures };
};

const GANG = 'test/integration/gang.test.ts';
const FROZEN = 'test/faults/frozen-leader.test.ts';

describe('the outcome of a run', () => {
  test('counts the tests of each tier for itself, though they shared their workers', () => {
    const events = [
      started(GANG),
      started(FROZEN, 2),
      ended(GANG, { passed: 5 }, 12),
      ended(FROZEN, { passed: 1 }, 20),
    ];
    expect(outcomesOf(['integration', 'faults'], events, 0)).toMatchObject([
      { name: 'integration', passed: 5, failed: 0, seconds: 12, failures: [] },
      { name: 'faults', passed: 1, failed: 0, seconds: 18, failures: [] },
    ]);
  });

  test('counts a file that did not end as failed, and says why', () => {
    const events = [started(GANG), ended(GANG, { passed: 5 }), started(FROZEN)];
    const [, faults] = outcomesOf(['integration', 'faults'], events, 'did not end in 1230 s and was killed');
    expect(faults).toMatchObject({ passed: 0, failed: 1 });
    expect(faults?.failures).toEqual([
      { name: FROZEN, message: 'did not end: Jest did not end in 1230 s and was killed' },
    ]);
  });

  test('is a failure when Jest failed though no test did', () => {
    const [integration] = outcomesOf(['integration', 'faults'], [started(GANG), ended(GANG, { passed: 5 })], 1);
    expect(integration).toMatchObject({ passed: 5, failed: 1 });
    expect(outcomesOf(['laws'], [], 'was ended by SIGKILL')).toMatchObject([{ failed: 1, note: 'no file ran' }]);
  });

  test('counts a failed test once, whatever Jest exited with', () => {
    expect(outcomesOf(['integration'], [started(GANG), ended(GANG, { failed: 2 })], 1)).toMatchObject([{ failed: 2 }]);
  });

  test('is none for a tier of which no file ran, and its note says so', () => {
    const [, faults] = outcomesOf(['integration', 'faults'], [started(GANG), ended(GANG, { passed: 1 })], 0);
    expect(faults).toMatchObject({ passed: 0, failed: 0, note: 'no file ran' });
  });
});

test('a tier that ran in two rounds is told once, with the sums of both', () => {
  const first = outcomesOf(['integration', 'faults'], [started(GANG), ended(GANG, { passed: 5 }), ended(FROZEN)], 0);
  const late = 'test/integration/kinds.test.ts';
  const second = outcomesOf(['e2e', 'integration'], [started(late), ended(late, { passed: 2, failed: 1 }, 7)], 1);
  const all = addedUp([...first, ...second]);
  expect(all.map(({ name }) => name)).toEqual(['integration', 'faults', 'e2e']);
  expect(all[0]).toMatchObject({ passed: 7, failed: 1, seconds: 17 });
  expect(all[0]?.failures).toHaveLength(1);
});
