import { describe, expect, test } from '@jest/globals';
import { claimName, ordinalOfClaim } from './claim-name.ts';
import { memberName, ordinalOf } from './member-name.ts';

describe('names of members', () => {
  test.each([
    ['db', 'db-0', 0],
    ['db', 'db-17', 17],
    ['log-db', 'log-db-3', 3],
    ['db', 'db', undefined],
    ['db', 'db-', undefined],
    ['db', 'db-01', undefined],
    ['db', 'db-x', undefined],
    ['db', 'db-1-2', undefined],
    ['db', 'log-db-1', undefined],
  ])('app %s: %s has ordinal %s', (app, name, ordinal) => {
    expect(ordinalOf(app, name)).toBe(ordinal);
    if (ordinal !== undefined) expect(memberName(app, ordinal)).toBe(name);
  });

  test('a claim belongs to the app and volume of which its name is made, and to no other', () => {
    const name = claimName('data', 'log-db', 2);
    expect(name).toBe('data-log-db-2');
    expect(ordinalOfClaim('data', 'log-db', name)).toBe(2);
    expect(ordinalOfClaim('data', 'db', name)).toBeUndefined();
    expect(ordinalOfClaim('wal', 'log-db', name)).toBeUndefined();
  });
});
