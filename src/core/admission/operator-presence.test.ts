import { expect, test } from '@jest/globals';
import { AWAY_SECONDS, OperatorPresence } from './operator-presence.ts';

/** The Lease as it is read every five seconds: one letter a read, `-` where there is none, a blank where nobody answers. */
function isAwayAfter(reads: string): boolean {
  const presence = new OperatorPresence();
  for (const [index, renewal] of reads.split('').entries()) {
    if (renewal !== ' ') presence.read(renewal === '-' ? undefined : renewal, index * 5);
  }
  return presence.isAway((reads.length - 1) * 5);
}

test.each([
  ['it renews', 'abcdefgh', false],
  ['it was seen for less than half a minute', 'aaaaaa', false],
  ['nothing changed for half a minute', 'aaaaaaa', true],
  ['it came back', 'aaaaaaaab', false],
  ['it left again', 'aaaaaaaabbbbbbb', true],
  ['there is no Lease', '-------', false],
  ['the Lease was deleted', 'aaaaaaaa-', false],
  ['the API server does not answer', 'aaaaaaaa   ', false],
  ['it is not known what happened in between', 'aaaaa    aaa', false],
  ['one read failed', 'aaaa aaa', true],
])('when %s (%s), the operator is away: %s', (_what, reads, expected) => {
  expect(isAwayAfter(reads)).toBe(expected);
});

test('before anything was read, the operator is not away', () => {
  expect(new OperatorPresence().isAway(AWAY_SECONDS)).toBe(false);
});
