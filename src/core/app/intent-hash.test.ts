import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { canonicalJson, intentHash } from './intent-hash.ts';
import { runs } from '../../../test/support/law-runs.ts';

describe('the intent hash', () => {
  test('is the same whatever the order of keys, and leaves out what is undefined', () => {
    expect(intentHash({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(intentHash({ b: [{ d: 3, c: 2, e: undefined }], a: 1 }));
  });

  test.each([
    [{ a: 1 }, { a: 2 }],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [{ a: '1' }, { a: 1 }],
    ['é', 'e'],
    ['日', '旧'],
    [{}, []],
  ])('tells %j from %j', (a, b) => {
    expect(intentHash(a)).not.toBe(intentHash(b));
  });

  test('stays what it was: a release that changes it writes every object once', () => {
    expect(intentHash({ a: [1, 'x', null, true], b: {} })).toBe('82b9dfe472b8b326');
    expect(canonicalJson({ b: {}, a: [1, 'x', null, true] })).toBe('{"a":[1,"x",null,true],"b":{}}');
  });

  test('canonical JSON is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      runs(100),
    );
  });
});
