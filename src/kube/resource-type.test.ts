import { describe, expect, test } from '@jest/globals';
import { LEASE, NODE, POD, STATEFUL_SET, pathOf, registerTypes, typeOf } from './resource-type.ts';

describe('the path', () => {
  test.each([
    ['of a core object', pathOf(POD, 'a', 'x'), '/api/v1/namespaces/a/pods/x'],
    ['of a collection in a namespace', pathOf(STATEFUL_SET, 'a'), '/apis/apps/v1/namespaces/a/statefulsets'],
    ['of a collection everywhere', pathOf(LEASE), '/apis/coordination.k8s.io/v1/leases'],
    ['of a cluster-scoped object, whatever namespace is given', pathOf(NODE, 'a', 'n'), '/api/v1/nodes/n'],
    ['of a subresource', pathOf(STATEFUL_SET, 'a', 'x', 'status'), '/apis/apps/v1/namespaces/a/statefulsets/x/status'],
    ['of a name that would lead elsewhere', pathOf(POD, 'a', '../secrets'), '/api/v1/namespaces/a/pods/..%2Fsecrets'],
  ])('%s', (_what, path, expected) => {
    expect(path).toBe(expected);
  });

  test('of a namespaced object without its namespace is refused', () => {
    expect(() => pathOf(POD, undefined, 'x')).toThrow('Pod x is addressed without a namespace');
  });
});

test('kinds of a program are known once registered', () => {
  expect(() => typeOf('example.com/v1', 'Gadget')).toThrow('not registered');
  registerTypes([{ apiVersion: 'example.com/v1', kind: 'Gadget', plural: 'gadgets', namespaced: false }]);
  expect(pathOf(typeOf('example.com/v1', 'Gadget'), undefined, 'g')).toBe('/apis/example.com/v1/gadgets/g');
});
