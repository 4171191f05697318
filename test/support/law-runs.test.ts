import { describe, expect, test } from '@jest/globals';
import { runs } from './law-runs.ts';

describe('the tries of a law', () => {
  test('are the same in every usual run', () => {
    expect(runs(20, {})).toEqual({ numRuns: 20, seed: runs(7, {}).seed });
  });

  test('are as many times more as is asked for, from any seed or from one', () => {
    expect(runs(20, { PROFFER_LAWS_TIMES: '50', PROFFER_LAWS_SEED: 'random' })).toEqual({ numRuns: 1000 });
    expect(runs(20, { PROFFER_LAWS_SEED: '-438690267' })).toEqual({ numRuns: 20, seed: -438_690_267 });
  });

  test.each([
    [{ PROFFER_LAWS_TIMES: '0' }, 'PROFFER_LAWS_TIMES is 0: it must be an integer of 1 or more'],
    [{ PROFFER_LAWS_TIMES: 'many' }, 'PROFFER_LAWS_TIMES is "many": it must be an integer of 1 or more'],
    [{ PROFFER_LAWS_SEED: 'dice' }, 'PROFFER_LAWS_SEED is "dice": it must be random, or an integer'],
  ])('are not guessed from %j', (env, message) => {
    expect(() => runs(20, env)).toThrow(message);
  });
});
