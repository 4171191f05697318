import { describe, expect, test } from '@jest/globals';
import { parseFencingAnswer } from './fencing-answer.ts';
import { fencingId } from './fencing-state.ts';

describe('an answer of a fencing hook', () => {
  test.each<[string, unknown, object]>([
    ['yes', { fenced: true, message: 'outlet 4' }, { kind: 'fenced', message: 'outlet 4', isPoweredOff: false }],
    [
      'yes, the machine is off',
      { fenced: true, poweredOff: true },
      { kind: 'fenced', message: '', isPoweredOff: true },
    ],
    ['yes, with the id', { fenced: true, id: 'one' }, { kind: 'fenced', message: '', isPoweredOff: false }],
    ['no', { fenced: false, message: 'no such outlet' }, { kind: 'refused', message: 'no such outlet' }],
  ])('%s', (_says, raw, answer) => {
    expect(parseFencingAnswer(raw, 'one')).toEqual(answer);
  });

  test.each<[string, unknown]>([
    ['text', 'fenced'],
    ['nothing', null],
    ['a list', [{ fenced: true }]],
    ['an empty object', {}],
    ['a yes that is no boolean', { fenced: 'true' }],
    ['a message that is no text', { fenced: true, message: 1 }],
    ['the id of another question', { fenced: true, id: 'two' }],
    ['a machine that is perhaps off', { fenced: true, poweredOff: 'maybe' }],
  ])('is none when it is %s', (_says, raw) => {
    expect(parseFencingAnswer(raw, 'one').kind).toBe('garbage');
  });

  test('is to a question that only this silence of this node has', () => {
    expect(fencingId({ uid: 'a', renewedAt: 't1' })).not.toBe(fencingId({ uid: 'a', renewedAt: 't2' }));
    expect(fencingId({ uid: '', renewedAt: 't1' })).toBeUndefined();
    expect(fencingId({ uid: 'a', renewedAt: '' })).toBeUndefined();
  });
});
