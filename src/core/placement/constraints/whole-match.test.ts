import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { runs } from '../../../../test/support/law-runs.ts';
import { expressionProblem, wholeMatch } from './whole-match.ts';

/** RE2's syntax, by its page: https://github.com/google/re2/wiki/Syntax. */
const SYNTAX: readonly (readonly [expression: string, matches: readonly string[], others: readonly string[]])[] = [
  ['rack-[1-3]', ['rack-1', 'rack-3'], ['rack-4', 'rack-', 'rack-11', 'a-rack-1']],
  ['a|bc|', ['a', 'bc', ''], ['b', 'abc']],
  ['(ab)*c+d?', ['c', 'ababccd'], ['ab', 'abd', 'cdd']],
  ['a{2}', ['aa'], ['a', 'aaa']],
  ['a{2,}', ['aa', 'aaaa'], ['a']],
  ['a{1,3}?', ['a', 'aaa'], ['', 'aaaa']],
  ['a{,2}', ['a{,2}'], ['a', 'aa']],
  ['(?:(a*)*)+b', ['b', 'aab'], ['a', 'ba']],
  ['a.c', ['abc', 'a.c'], ['ac', 'a\nc']],
  ['(?s)a.c', ['a\nc'], ['ac']],
  ['(?i)Rack[A-C]', ['rackb', 'RACKB'], ['rackd']],
  ['a(?i)b|c', ['aB', 'C'], ['AB']],
  ['(?i:a)b', ['Ab'], ['AB']],
  ['(?i)(?-i:a)b', ['aB'], ['AB']],
  ['(?P<zone>a)(?<n>b)', ['ab'], ['a']],
  ['[^a-c]', ['d', '-'], ['a', 'c', '']],
  ['[]a-]+', [']a-'], ['b', '[']],
  ['[[:alpha:]_][[:^alpha:]]', ['a1', '_1'], ['1a', 'ab']],
  [String.raw`\d\D\w\W\s`, ['1ax- ', '0_0. '], ['aaaa ']],
  [String.raw`[\d.]+`, ['1.36.3'], ['1.x']],
  [String.raw`\pL\p{Lu}\PN\p{^Nd}\p{Greek}?`, ['aBcd'], ['abcd', 'aB1d']],
  [String.raw`\x41\x{42}\103\.`, ['ABC.'], ['ABCD']],
  [String.raw`\Qa.b*\E+`, ['a.b*', 'a.b**'], ['aab', 'a.b']],
  [String.raw`\Aa$|^b\z`, ['a', 'b'], ['ab']],
  [String.raw`a\b-\Bx?\B`, ['a-'], ['a', 'a-x']],
  [String.raw`node\b.*`, ['node', 'node-1'], ['node1', 'nodes']],
];

describe('an expression in the syntax of RE2', () => {
  test.each(SYNTAX)('%s', (expression, matches, others) => {
    const match = wholeMatch(expression);
    expect(matches.filter((value) => match?.(value) !== true)).toEqual([]);
    expect(others.filter((value) => match?.(value) !== false)).toEqual([]);
  });

  test.each([
    ['(', 'missing closing ): `(`'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['[b-a]', 'invalid character class range: `b-a`'],
    ['(?=a)a', 'invalid or unsupported Perl syntax: `(?=`'],
    [String.raw`(a)\1`, String.raw`invalid escape sequence: ${'`'}\1${'`'}`],
    ['((a{50}){50})', 'invalid repeat count: `{50}`'],
  ])('%s cannot be read, and it is said why', (expression, why) => {
    expect(wholeMatch(expression)).toBeUndefined();
    expect(expressionProblem(expression)).toBe(why);
  });

  // Each takes JavaScript's own engine years.
  test.each(['([a-z0-9.-]+)+!', '(?i)([a-z0-9.-]+)+!', '([a-z]{1,30})+!', '(?:a?){60}b', '(?i:[a-z]+)+!', '(a*)*!'])(
    '%s is answered at once for a long value',
    (expression) => {
      expect(wholeMatch(expression)?.('a'.repeat(253))).toBe(false);
    },
  );

  test('law: it answers as JavaScript does for what both write alike', () => {
    const { expression } = fc.letrec<{ expression: string; part: string; atom: string }>((tie) => ({
      atom: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('a', 'b', '-', '.', '[ab]', '[^a]', String.raw`\w`),
        tie('expression').map((inner) => `(${inner})`),
      ),
      part: fc.oneof(
        fc.constantFrom('|', '^', '$', String.raw`\b`, String.raw`\B`),
        fc
          .tuple(tie('atom'), fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}'))
          .map(([atom, times]) => `${atom}${times}`),
        tie('atom'),
      ),
      expression: fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
    }));
    const value = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 6 });
    fc.assert(
      fc.property(expression, fc.array(value, { minLength: 1, maxLength: 6 }), (text, values) => {
        const match = wholeMatch(text);
        const peer = new RegExp(`^(?:${text})$`);
        expect(values.map((one) => match?.(one))).toEqual(values.map((one) => peer.test(one)));
      }),
      runs(100),
    );
  });
});
