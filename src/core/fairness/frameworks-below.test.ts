import { expect, test } from '@jest/globals';
import { parseFramework } from '../../api/parse.ts';
import { frameworksBelow } from './frameworks-below.ts';

const tree = (parents: Readonly<Record<string, string | undefined>>) =>
  Object.entries(parents).map(([name, parent]) =>
    parseFramework({ apiVersion: 'proffer.dev/v1alpha1', kind: 'Framework', metadata: { name }, spec: { parent } }),
  );

test.each<[string, Readonly<Record<string, string | undefined>>, readonly string[]]>([
  ['by name', { team: undefined, b: 'team', a: 'team' }, ['a', 'b']],
  ['not those further below', { team: undefined, a: 'team', deep: 'a' }, ['a']],
  ['none of a leaf', { team: 'firm', firm: undefined }, []],
  ['not one that is above it too', { team: 'other', other: 'team' }, []],
  ['nor itself', { team: 'team' }, []],
  ['but others below one of a circle', { team: 'other', other: 'team', a: 'team' }, ['a']],
  ['where others form the circle', { team: 'x', x: 'y', y: 'x', a: 'team' }, ['a']],
])('frameworks below one: %s', (_what, parents, below) => {
  expect(frameworksBelow('team', tree(parents))).toEqual(below);
});
