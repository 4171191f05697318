import { describe, expect, test } from '@jest/globals';
import { slot } from '../../../test/support/core-builders.ts';
import { winner } from './slot-conflict.ts';

const contender = (uid: string, rest: Parameters<typeof slot>[2] = {}) => ({ ...slot('es-0', 'n1', rest), uid });

describe('of two slots for one place', () => {
  test.each([
    ['a claimed one beats a held one of a later leader', { state: 'Claimed', epoch: 1 }, { state: 'Held', epoch: 9 }],
    ['the later leader’s beats', { epoch: 2, acceptedAt: '2026-01-02T00:00:00Z' }, { epoch: 1 }],
    ['the one accepted earlier beats', { acceptedAt: '2026-01-01T00:00:00Z' }, { acceptedAt: '2026-01-01T00:00:01Z' }],
    ['time is compared as time', { acceptedAt: '2026-01-01T00:30:00+01:00' }, { acceptedAt: '2026-01-01T00:00:00Z' }],
    ['one with a time beats one without', {}, { acceptedAt: '' }],
    ['else the smaller UID beats', {}, {}],
  ] as const)('%s', (_rule, better, worse) => {
    const [a, b] = [contender('a', better), contender('b', worse)];
    expect(winner(a, b)).toBe(a);
    expect(winner(b, a)).toBe(a);
  });
});
