import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Store } from './store.ts';
import { runs } from '../../test/support/law-runs.ts';

interface Item {
  readonly node: string;
  readonly size: number;
}

function recorded(): { readonly store: Store<Item>; readonly calls: unknown[] } {
  const store = new Store<Item>();
  const calls: unknown[] = [];
  store.onChange((key, next, previous) => calls.push([key, next?.size, previous?.size]));
  return { store, calls };
}

const item = (size: number, node = 'n'): Item => ({ node, size });

describe('a store', () => {
  test('tells additions, changes and deletions, and nothing when nothing changed', () => {
    const { store, calls } = recorded();
    store.set('a', item(1));
    store.set('a', item(1));
    store.set('a', item(2));
    store.delete('a');
    store.delete('a');
    expect(calls).toEqual([
      ['a', 1, undefined],
      ['a', 2, 1],
      ['a', undefined, 2],
    ]);
  });

  test('replaced, tells only what differs', () => {
    const { store, calls } = recorded();
    for (const [key, size] of [
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ] as const)
      store.set(key, item(size));
    calls.length = 0;
    store.replace(
      new Map([
        ['b', item(1)],
        ['c', item(2)],
        ['d', item(1)],
      ]),
    );
    expect(calls).toEqual([
      ['a', undefined, 1],
      ['c', 2, 1],
      ['d', 1, undefined],
    ]);
  });

  test('survives a handler that throws, counts it, and calls the others', () => {
    const store = new Store<Item>();
    const called: string[] = [];
    store.onChange(() => {
      throw new Error('a mistake');
    });
    store.onChange((key) => called.push(key));
    store.set('a', item(1));
    expect([called, store.handlerErrors, store.size]).toEqual([['a'], 1, 1]);
  });

  test('calls a removed handler no more', () => {
    const { store, calls } = recorded();
    const remove = store.onChange(() => calls.push('second'));
    remove();
    store.set('a', item(1));
    expect(calls).toEqual([['a', 1, undefined]]);
  });

  test('indexes what is already there, and refuses an index it does not have', () => {
    const { store } = recorded();
    store.set('a', item(1, 'n1'));
    store.index('node', ({ node }) => node);
    expect(store.byIndex('node', 'n1')).toEqual([item(1, 'n1')]);
    expect(() => store.byIndex('zone', 'z')).toThrow('there is no index zone');
  });

  test('has its indexes right before handlers run', () => {
    const store = new Store<Item>();
    store.index('node', ({ node }) => node);
    const seen: number[] = [];
    store.onChange(() => seen.push(store.byIndex('node', 'n1').length));
    store.set('a', item(1, 'n1'));
    store.set('a', item(1, 'n2'));
    expect(seen).toEqual([1, 0]);
  });
});

test('an index always agrees with looking at every item', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const node = fc.constantFrom('n1', 'n2', '');
  const change = fc.record({ key, node, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const store = new Store<Item>();
      store.index('node', (value) => (value.node === '' ? undefined : [value.node, 'any']));
      for (const { key, node, remove } of changes) {
        if (remove) store.delete(key);
        else store.set(key, item(1, node));
      }
      for (const node of ['n1', 'n2']) {
        expect(store.keysByIndex('node', node).toSorted()).toEqual(
          [...store.entries()].flatMap(([key, value]) => (value.node === node ? [key] : [])).toSorted(),
        );
      }
      expect(store.byIndex('node', 'any').length).toBe(store.list().filter((value) => value.node !== '').length);
    }),
    runs(100),
  );
});
