import { describe, expect, test } from '@jest/globals';
import { countsOf, failureText, fileLine } from './progress-reporter.ts';

const RESULT = { numPassingTests: 2, numFailingTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

const failedTest = (message: string) => ({
  ...RESULT,
  numFailingTests: 1,
  testResults: [{ fullName: 'a gang waits', status: 'failed', failureMessages: [message] }],
});

describe('what is told of a file', () => {
  test('is its counts and its time', () => {
    expect(fileLine('test/laws/a.test.ts', 1.25, countsOf('a', RESULT))).toBe(
      'ok   test/laws/a.test.ts  2 passed  1.3 s',
    );
    expect(fileLine('b', 9, countsOf('b', failedTest('no')))).toBe('FAIL b  2 passed, 1 failed  9.0 s');
  });

  test('has the name and the message of each failed test', () => {
    const { failures } = countsOf('a', failedTest('expected 3\nreceived 4'));
    expect(failures.map(failureText)).toEqual(['  ● a gang waits\n    expected 3\n    received 4']);
  });

  test('has the beginning and the end of a long message', () => {
    const [failure] = countsOf('a', failedTest(`begins ${'x'.repeat(10_000)} ends`)).failures;
    expect(failure?.message).toMatch(/^begins x+\n… \d+ characters …\nx+ ends$/);
    expect(failure?.message.length).toBeLessThan(3100);
  });

  test('counts a file that does not load as one failure', () => {
    const counts = countsOf('test/laws/a.test.ts', {
      ...RESULT,
      numPassingTests: 0,
      testExecError: { message: 'Cannot find module' },
      failureMessage: 'Test suite failed to run: Cannot find module',
    });
    expect(counts).toMatchObject({ passed: 0, failed: 1 });
    expect(counts.failures).toEqual([
      { name: 'test/laws/a.test.ts', message: 'Test suite failed to run: Cannot find module' },
    ]);
  });
});
