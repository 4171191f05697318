import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { breakerProblem } from './circuit-breaker.ts';
import { type ZoneNode, lostZone, lostZones } from './zone-loss.ts';
import { runs } from '../../../test/support/law-runs.ts';

/** `a+ a- b!`: zone and state; + heard, - dead, ! off. A node without a zone is its sign alone. */
const nodes = (text: string): readonly ZoneNode[] =>
  text.split(' ').map((word) => {
    const sign = word.at(-1) ?? '';
    return { zone: word.slice(0, -1), state: sign === '+' ? 'heard' : sign === '-' ? 'dead' : 'off' };
  });

test.each([
  ['a+ b+ c+', undefined],
  ['a- a- b+ c+', 'a'],
  ['a- a! b+ c+', 'a'],
  ['a- a+ b+ c+', undefined],
  ['a- a- b- b+ c+', undefined],
  ['a- a- b- c+', undefined],
  ['a- a- b! c+', 'a'],
  ['a- a-', undefined],
  ['a- a- b!', undefined],
  ['- - a+', undefined],
  ['a- a- - b+', undefined],
  ['a! a! b+', undefined],
])('of %s the lost zone is %s', (text, zone) => {
  expect(lostZone(nodes(text))).toBe(zone);
});

test('zones whose nodes are all said to be off are lost too, for their volumes', () => {
  expect([...lostZones(nodes('a! a! b+ c- c-'))]).toEqual(['a', 'c']);
  expect([...lostZones(nodes('a! a! b!'))]).toEqual([]);
});

describe('the breaker', () => {
  const seen = { dead: 3, nodes: 9, lostZone: 'b' };

  test('stays open when a zone is lost, and names it and the value that would allow moves', () => {
    expect(breakerProblem({ ...seen, zoneLoss: 'Manual' })).toMatch(/zone b.*recovery\.zoneLoss.*Automatic/);
    expect(breakerProblem(seen)).toMatch(/zone b/);
  });

  test('lets members move out of a lost zone where the chart says so, and only then', () => {
    expect(breakerProblem({ ...seen, zoneLoss: 'Automatic' })).toBeUndefined();
    expect(breakerProblem({ dead: 3, nodes: 9, zoneLoss: 'Automatic' })).toMatch(/3 of 9/);
  });

  test('never lets anything move when a dead node has a living neighbour in its zone, or another zone has a dead one', () => {
    const node = fc.record({ zone: fc.constantFrom('a', 'b', 'c'), state: fc.constantFrom('heard', 'dead', 'off') });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 12 }), (all) => {
        const zone = lostZone(all);
        if (zone === undefined) return;
        const outside = all.filter((item) => item.zone !== zone);
        expect(all.some((item) => item.zone === zone && item.state === 'heard')).toBe(false);
        expect(outside.some(({ state }) => state === 'dead')).toBe(false);
        expect(outside.some(({ state }) => state === 'heard')).toBe(true);
      }),
      runs(100),
    );
  });
});
