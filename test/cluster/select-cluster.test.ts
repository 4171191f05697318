import { expect, test } from '@jest/globals';
import { flavourOf } from './select-cluster.ts';

test.each([
  [undefined, 'embedded'],
  ['', 'embedded'],
  ['kind', 'kind'],
  ['current', 'current'],
])('--cluster=%p means %s', (text, flavour) => {
  expect(flavourOf(text ?? '')).toBe(flavour);
});

test('an unknown flavour is answered with those there are', () => {
  expect(() => flavourOf('minikube')).toThrow('There is no cluster "minikube"; it is one of embedded, kind, current.');
});
