import { describe, expect, test } from '@jest/globals';
import { addVerdicts, judgeRecords, type NumberedRecord } from './record-oracle.ts';

const records = (text: string): readonly NumberedRecord[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({ number: Number(word.slice(1)), node: word.slice(0, 1) }));

describe('what became of acknowledged records', () => {
  test.each([
    ['all are there, and one that was not told yet', 'a1 a2 b3', 'a1 a2 b3 b4', {}],
    ['one that was told is missing', 'a1 a2 a3', 'a1 a2', { recordsLost: 1 }],
    ['the other node wrote over one that was told', 'a1 a2 b2', 'a1 b2', { recordsLost: 1 }],
    ['two nodes wrote the same number', 'a1 a2 b2', 'a1 a2 b2', { recordsDoubled: 1 }],
    ['a late write of the old node lands after the new one’s', 'a1 b3', 'a1 b3 a2', { recordsOutOfOrder: 1 }],
    ['nothing was told, and nothing is there', '', '', {}],
  ])('%s', (_, acknowledged, written, wrong) => {
    const told = records(acknowledged);
    expect(judgeRecords(told, records(written))).toEqual({
      recordsAcknowledged: told.length,
      recordsLost: 0,
      recordsDoubled: 0,
      recordsOutOfOrder: 0,
      ...wrong,
    });
  });

  test('members are added up', () => {
    const one = judgeRecords(records('a1 a2'), records('a1'));
    expect(addVerdicts([one, one])).toMatchObject({ recordsAcknowledged: 4, recordsLost: 2 });
  });
});
