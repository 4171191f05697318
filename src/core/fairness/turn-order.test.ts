import { describe, expect, test } from '@jest/globals';
import { TurnOrder } from './turn-order.ts';

const turn = (name: string, share: number, priority = 0, pendingSinceSeconds = 0) => ({
  name,
  share,
  priority,
  pendingSinceSeconds,
  item: name,
});

function drained(turns: readonly ReturnType<typeof turn>[]): readonly (string | undefined)[] {
  const order = new TurnOrder<string>();
  for (const one of turns) order.add(one);
  return turns.map(() => order.next());
}

describe('the order of turns', () => {
  test('is by share, then priority, then waiting time, then name', () => {
    const turns = [turn('z', 1), turn('a', 1), turn('old', 1, 0, -5), turn('urgent', 1, 9), turn('small', 0.5)];
    expect(drained(turns)).toEqual(['small', 'urgent', 'old', 'a', 'z']);
    expect(drained(turns.toReversed())).toEqual(['small', 'urgent', 'old', 'a', 'z']);
  });

  test('is kept over many', () => {
    const turns = Array.from({ length: 100 }, (_, i) => turn(`t${i}`, (i * 37) % 100));
    const sorted = turns.toSorted((a, b) => a.share - b.share).map(({ name }) => name);
    expect(drained(turns)).toEqual(sorted);
  });

  test('is empty in the end', () => {
    expect(new TurnOrder<string>().next()).toBeUndefined();
  });
});
