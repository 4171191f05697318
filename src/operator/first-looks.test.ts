import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../test/support/hostile-clock.ts';
import { FIRST_LOOKS_SECONDS, FirstLooks } from './first-looks.ts';

function looksOf(...appKeys: string[]) {
  const clock = new ManualClock();
  const said: string[] = [];
  const log = { info: (fields: unknown, text?: string) => void said.push(`${JSON.stringify(fields)} ${text}`) };
  const looks = new FirstLooks({ appKeys: () => appKeys, clock, log });
  const stop = new AbortController();
  const state = { isOver: false };
  const over = looks.all(stop.signal).then(() => (state.isOver = true));
  return { looks, clock, stop, said, state, over };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a new leader', () => {
  test('offers nothing before it looked at each app, whatever it looks at twice or does not know', async () => {
    const { looks, state, over, clock, said } = looksOf('shop/a', 'shop/b');
    for (const key of ['shop/a', 'shop/a', 'shop/new']) looks.looked(key);
    await settled();
    expect(state.isOver).toBe(false);
    looks.looked('shop/b');
    await over;
    expect([clock.nextInSeconds(), said]).toEqual([undefined, []]);
  });

  test('offers at once where there is no app', async () => {
    const { over, clock } = looksOf();
    await over;
    expect(clock.nextInSeconds()).toBeUndefined();
  });

  test('offers without an app whose look hangs, and says how many it does not know', async () => {
    const { looks, clock, state, over, said } = looksOf('shop/a', 'shop/hangs');
    looks.looked('shop/a');
    await clock.advance(FIRST_LOOKS_SECONDS - 1);
    expect(state.isOver).toBe(false);
    await clock.advance(1);
    await over;
    expect(said).toEqual(['{"apps":1,"seconds":5} offers begin though not every app was looked at']);
  });

  test('waits no longer when it is told to stop, and complains of nobody', async () => {
    const { stop, over, said } = looksOf('shop/a');
    stop.abort();
    await over;
    expect(said).toEqual([]);
  });
});
