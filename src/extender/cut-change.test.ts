import { expect, test } from '@jest/globals';
import { MESSAGE_ENTRIES, NO_CHANGE, cutChange } from './cut-change.ts';

const uids = (count: number): readonly string[] => Array.from({ length: count }, (_none, index) => `pod-${index}`);

test('no change is no message', () => {
  expect(cutChange(NO_CHANGE)).toEqual([]);
});

test('an ordinary change is one message', () => {
  const change = { ...NO_CHANGE, settledPods: uids(3), bindingPods: [['a', 'n1'] as const] };
  expect(cutChange(change)).toEqual([change]);
});

test('a large change is cut, nothing is lost, and settled pods come last', () => {
  const bindingPods = uids(MESSAGE_ENTRIES + 1).map((uid) => [uid, 'n1'] as const);
  const messages = cutChange({ ...NO_CHANGE, bindingPods, settledPods: uids(2) });
  expect(messages.map((message) => [message.bindingPods.length, message.settledPods.length])).toEqual([
    [MESSAGE_ENTRIES, 0],
    [1, 0],
    [0, 2],
  ]);
  expect(messages.flatMap((message) => message.bindingPods)).toEqual(bindingPods);
});
