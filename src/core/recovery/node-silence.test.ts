import { beforeEach, describe, expect, test } from '@jest/globals';
import { NodeSilence } from './node-silence.ts';

describe('silence of nodes', () => {
  let silence: NodeSilence;
  let renewals = 0;

  /** Renewals of these nodes every 10 s from one moment to another. */
  const renewing = (names: readonly string[], from: number, to: number): void => {
    for (let at = from; at <= to; at += 10) for (const name of names) silence.heard(name, String((renewals += 1)), at);
  };

  beforeEach(() => {
    silence = new NodeSilence();
    renewing(['n1', 'n2', 'n3'], 0, 100);
  });

  test('is counted from the last renewal on', () => {
    renewing(['n2', 'n3'], 110, 130);
    expect(silence.secondsOf('n1', 135)).toBe(35);
    expect(silence.secondsOf('n2', 135)).toBe(5);
    expect(silence.silentFor(20, 135)).toEqual(['n1']);
  });

  test('ends with a renewal', () => {
    renewing(['n2', 'n3'], 110, 130);
    silence.heard('n1', 'new', 131);
    expect(silence.secondsOf('n1', 135)).toBe(4);
  });

  test('the same renewal, listed once more, is none', () => {
    silence.heard('n1', 'last', 105);
    renewing(['n2'], 110, 130);
    expect(silence.heard('n1', 'last', 131)).toBe(false);
    expect(silence.secondsOf('n1', 135)).toBe(30);
  });

  test('a node that never had a Lease is not silent', () => {
    expect(silence.secondsOf('n9', 1000)).toBe(0);
    expect(silence.renewedAt('n9')).toBe('');
  });

  test('when nobody is heard, nobody becomes silent: the API server is away, or we slept', () => {
    expect(silence.silentFor(20, 220)).toEqual([]);
    // The first to be heard again makes no corpse of the others.
    silence.heard('n2', 'new', 220);
    expect(silence.silentFor(20, 220)).toEqual([]);
    renewing(['n2', 'n3'], 221, 240);
    expect(silence.secondsOf('n1', 240)).toBeLessThan(25);
  });

  test('one that was late before nobody was heard has its turn to speak afterwards', () => {
    renewing(['n2', 'n3'], 110, 120);
    expect(silence.secondsOf('n1', 123)).toBe(23);
    for (const [name, at] of [
      ['n2', 240],
      ['n3', 243],
    ] as const)
      silence.heard(name, 'new', at);
    expect(silence.secondsOf('n1', 250)).toBe(20);
    renewing(['n2', 'n3'], 250, 260);
    expect(silence.secondsOf('n1', 260)).toBe(28);
  });

  test('the clock of heard time stands while nobody is heard, and until all have had their turn', () => {
    expect([105, 199].map((at) => silence.heardSeconds(at))).toEqual([105, 100]);
    renewing(['n1', 'n2'], 200, 230);
    expect(silence.heardSeconds(232)).toBe(120);
  });

  test('a clock that goes back counts for nothing', () => {
    expect(silence.secondsOf('n1', 50)).toBe(0);
  });

  test('a new node of that name is silent from then on, and what the old one left in the Lease is no renewal', () => {
    const left = silence.renewedAt('n1');
    renewing(['n2', 'n3'], 110, 130);
    silence.restart('n1', 130);
    expect(silence.renewedAt('n1')).toBe(left);
    expect(silence.heard('n1', left, 131)).toBe(false);
    expect(silence.secondsOf('n1', 137)).toBe(7);
  });

  test('what is forgotten is as if it had never been', () => {
    silence.forget('n1');
    expect(silence.silentFor(0, 500)).toEqual(['n2', 'n3']);
  });
});
