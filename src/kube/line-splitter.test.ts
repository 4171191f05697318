import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LineSplitter } from './line-splitter.ts';
import { runs } from '../../test/support/law-runs.ts';

test('however the bytes are cut into chunks, the lines are the same', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => `x${text.replaceAll(/[\n\r]/g, '')}`);
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 40 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const found: string[] = [];
      const splitter = new LineSplitter((text) => found.push(text));
      let at = 0;
      for (const length of cuts) {
        splitter.write(bytes.subarray(at, at + length));
        at += length;
      }
      splitter.write(bytes.subarray(at));
      splitter.end();
      expect(found).toEqual(lines.map((text) => Buffer.from(text).toString()));
    }),
    runs(100),
  );
});
