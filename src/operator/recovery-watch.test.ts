import { beforeEach, describe, expect, test } from '@jest/globals';
import { node, pod, reservation, slot } from '../../test/support/app-builders.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import { systemClock } from '../kube/clock.ts';
import type { Stores } from './caches.ts';
import { RecoveryWatch } from './recovery-watch.ts';

describe('the Leases of nodes', () => {
  let stores: Stores;
  let watch: RecoveryWatch;
  let news: string[];
  let now: number;
  let renewals = 0;

  const renew = (...names: readonly string[]): void => {
    for (const name of names)
      stores.nodeLeases.set(`kube-node-lease/${name}`, { name, renewTime: `renewal ${(renewals += 1)}` });
  };
  /** Lets time pass, in which these nodes renew their Leases every 10 s. */
  const pass = (seconds: number, ...names: readonly string[]): void => {
    for (let second = 1; second <= seconds; second += 1) {
      now += 1;
      if (now % 10 === 0) renew(...names);
      watch.look();
    }
  };

  beforeEach(() => {
    stores = emptyStores();
    news = [];
    now = 1000;
    const clock = { ...systemClock, monotonicSeconds: () => now };
    watch = new RecoveryWatch({ stores, mayTaint: () => true, clock, onNews: (name) => news.push(name) });
    for (const name of ['n1', 'n2', 'n3']) stores.nodes.set(name, node(name));
    renew('n1', 'n2', 'n3');
  });

  test('wake nobody while they are renewed', () => {
    pass(300, 'n1', 'n2', 'n3');
    expect(news).toEqual([]);
    expect(watch.troubleOf('n1')).toBeUndefined();
  });

  test('tell at each threshold of silence once, and when the node is heard again', () => {
    pass(40, 'n2', 'n3');
    expect(news).toEqual(['n1', 'n1']);
    renew('n1');
    expect(news).toEqual(['n1', 'n1', 'n1']);
    expect(watch.troubleOf('n1')).toBeUndefined();
  });

  test('make a silent node one on which nothing is placed, although it is still Ready', () => {
    pass(19, 'n2', 'n3');
    expect(watch.seen(node('n1')).ready).toBe(true);
    pass(5, 'n2', 'n3');
    expect(watch.seen(node('n1')).ready).toBe(false);
    expect(watch.seen(node('n2')).ready).toBe(true);
  });

  test('keep a node that looked dead from being used for another 40 s, lest it use the mounts that it still has', () => {
    pass(30, 'n2', 'n3');
    renew('n1');
    expect(watch.troubleOf('n1')).toBeUndefined();
    expect(watch.seen(node('n1')).ready).toBe(false);
    news.length = 0;
    pass(39, 'n1', 'n2', 'n3');
    expect(watch.seen(node('n1')).ready).toBe(false);
    expect(news).toEqual([]);
    pass(1, 'n1', 'n2', 'n3');
    expect(watch.seen(node('n1')).ready).toBe(true);
    expect(news).toEqual(['n1']);
  });

  test('do not count time in which nobody is heard to those 40 s, nor the seconds in which all speak again', () => {
    pass(30, 'n2', 'n3');
    renew('n1');
    pass(10, 'n1', 'n2', 'n3');
    pass(60);
    renew('n2');
    expect(watch.heardSeconds()).toBe(40);
    pass(41, 'n1', 'n2', 'n3');
    expect(watch.seen(node('n1')).ready).toBe(false);
    pass(1, 'n1', 'n2', 'n3');
    expect(watch.seen(node('n1')).ready).toBe(true);
  });

  test('use a node at once that was late by a renewal', () => {
    pass(19, 'n2', 'n3');
    renew('n1');
    expect(watch.seen(node('n1')).ready).toBe(true);
  });

  test('leave placement alone when most nodes are silent at once: it is not they', () => {
    pass(40, 'n3');
    expect(watch.seen(node('n1')).ready && watch.seen(node('n2')).ready).toBe(true);
  });

  test('open the breaker when more than one node is silent, those left out that somebody says are off', () => {
    pass(30, 'n3');
    expect(watch.breakerProblem()).toContain('2 of 3 nodes');
    const taint = { key: 'node.kubernetes.io/out-of-service', value: '', effect: 'NoExecute' } as const;
    stores.nodes.set('n1', node('n1', { taints: [taint] }));
    expect(watch.breakerProblem()).toBeUndefined();
  });

  test('that vanish with their nodes prove nothing, and their silence goes on', () => {
    stores.nodes.delete('n1');
    stores.nodeLeases.delete('kube-node-lease/n1');
    pass(12, 'n2', 'n3');
    expect(watch.troubleOf('n1')).toMatchObject({ uid: '', ready: false });
  });

  test('a node that is gone is counted as silent from then on, and all that was said of its machine is kept', () => {
    const taint = { key: 'node.cloudprovider.kubernetes.io/shutdown', value: '', effect: 'NoSchedule' } as const;
    stores.nodes.set('n1', node('n1', { taints: [taint] }));
    stores.pods.set('shop/db-0', pod({ nodeName: 'n1' }));
    stores.nodes.delete('n1');
    expect(watch.troubleOf('n1')).toMatchObject({ uid: '', instance: 'shutdown' });
    pass(30, 'n2', 'n3');
    expect(watch.troubleOf('n1')).toMatchObject({ silentSeconds: 30, instance: 'shutdown' });
    stores.nodes.set('n1', node('n1', { uid: 'another' }));
    expect(watch.troubleOf('n1')).toBeUndefined();
  });

  test('a node that nobody here ever saw is counted as silent from the first question on', () => {
    expect(watch.troubleOf('n9')).toMatchObject({ uid: '', silentSeconds: 0 });
    stores.pods.set('shop/db-0', pod({ nodeName: 'n9' }));
    pass(31, 'n1', 'n2', 'n3');
    expect(watch.troubleOf('n9')).toMatchObject({ uid: '', silentSeconds: 31 });
    expect(news).toEqual(['n9', 'n9']);
  });

  test('a node that was made anew under its name is another one, whose silence begins anew', () => {
    pass(40, 'n2', 'n3');
    expect(watch.troubleOf('n1')?.silentSeconds).toBeGreaterThan(30);
    stores.nodes.delete('n1');
    stores.nodes.set('n1', node('n1', { uid: 'another' }));
    expect(watch.troubleOf('n1')).toBeUndefined();
    pass(30, 'n2', 'n3');
    expect(watch.troubleOf('n1')).toMatchObject({ uid: 'another', silentSeconds: 30 });
  });

  test('nodes with members that vanish open the breaker as silent ones do', () => {
    for (const name of ['n1', 'n2']) {
      stores.nodes.delete(name);
    }
    expect(watch.breakerProblem()).toBeUndefined();
    const slots = ['n1', 'n2'].map((name, ordinal) => slot({ member: `db-${ordinal}`, node: name }));
    stores.reservations.set('prod/db', reservation(slots));
    expect(watch.breakerProblem()).toContain('2 of 3 nodes');
  });
});
