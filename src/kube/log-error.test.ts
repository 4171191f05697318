import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { NotLeaderError, errorFromStatus } from './errors.ts';
import { asKubeError } from './http-exchange.ts';
import { errorForLog } from './log-error.ts';

/** The line that a logger writes about it, without the time. */
function lineOf(thrown: unknown): Record<string, unknown> {
  const lines: string[] = [];
  const options = { base: null, timestamp: false, serializers: { err: (err: unknown) => errorForLog(err) } };
  pino(options, { write: (line) => void lines.push(line) }).warn({ err: thrown }, 'said');
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

const REFUSED = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' });

describe('a log line', () => {
  test('about the network says what failed and why once, and has no stack', () => {
    const { err } = lineOf(asKubeError(REFUSED, 'GET /api at http://127.0.0.1:9'));
    expect(err).toEqual({
      type: 'KubeError',
      message: 'GET /api at http://127.0.0.1:9: connect ECONNREFUSED 127.0.0.1:9',
      status: 0,
      reason: 'Network',
    });
  });

  test.each([
    [
      'a refusal of the API server',
      errorFromStatus({ code: 403, reason: 'Forbidden', message: 'pods is forbidden' }, 403),
      { type: 'KubeError', message: 'pods is forbidden', status: 403, reason: 'Forbidden' },
    ],
    [
      'a lease that was lost',
      new NotLeaderError('PUT /x'),
      {
        type: 'NotLeaderError',
        message: 'PUT /x was not sent: this process does not hold the leader lease (any more)',
      },
    ],
    ['what is no error at all', 'enough', 'enough'],
  ])('about %s is short', (_what, thrown, said) => {
    expect(lineOf(thrown)['err']).toEqual(said);
  });

  test('about a mistake of ours has the stack, the code and the causes, each message once', () => {
    const cause = errorFromStatus({ code: 500, message: 'no' }, 500);
    const mistake = Object.assign(new TypeError('x is undefined', { cause }), { code: 'ERR_X' });
    expect(lineOf(mistake)['err']).toEqual({
      type: 'TypeError',
      message: 'x is undefined',
      code: 'ERR_X',
      stack: expect.stringContaining('log-error.test.ts') as unknown,
      cause: { type: 'KubeError', message: 'no', status: 500, reason: '' },
    });
  });

  test('about several at once has all of them', () => {
    expect(lineOf(new AggregateError([REFUSED, new Error('two')], 'both'))['err']).toMatchObject({
      message: 'both',
      errors: [{ message: REFUSED.message, code: 'ECONNREFUSED' }, { message: 'two' }],
    });
  });

  test('ends where causes go round in a circle', () => {
    const mistake = new Error('round');
    mistake.cause = mistake;
    expect(JSON.stringify(errorForLog(mistake)).split('"message":"round"')).toHaveLength(6);
  });
});
