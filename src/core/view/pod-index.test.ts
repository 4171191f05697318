import { describe, expect, test } from '@jest/globals';
import { podFacts, reservation, slot, viewOf } from '../../../test/support/core-builders.ts';
import type { LabelSelector, Labels } from '../facts/label-selector.ts';
import type { MemberPods } from '../facts/member-pods.ts';
import type { PodTerm } from '../facts/pod-term.ts';
import type { ClusterView } from './cluster-view.ts';
import { SelectorIndex } from './selector-index.ts';

const isIn = (key: string, ...values: readonly string[]) => ({ key, operator: 'In' as const, values });
const exists = (key: string) => ({ key, operator: 'Exists' as const, values: [] });
const isNot = (key: string, value: string) => ({ key, operator: 'NotIn' as const, values: [value] });

describe('pods found by a selector', () => {
  const items = [
    { labels: { app: 'web', tier: 'hot' } },
    { labels: { app: 'web' } },
    { labels: { app: 'db', tier: 'hot' } },
    { labels: {} },
  ];

  test.each<[string, LabelSelector | undefined, readonly number[]]>([
    ['nothing by no selector', undefined, []],
    ['everything by an empty one', [], [0, 1, 2, 3]],
    ['by a value', [isIn('app', 'web')], [0, 1]],
    ['by one of several values, each once', [isIn('app', 'web', 'db', 'web')], [0, 1, 2]],
    ['by all requirements', [isIn('app', 'web'), isIn('tier', 'hot')], [0]],
    ['by having a label', [exists('tier')], [0, 2]],
    ['by not having a value, or the label', [isNot('app', 'web')], [2, 3]],
    ['none by a value that nobody has', [isIn('app', 'log')], []],
  ])('%s', (_what, selector, found) => {
    const index = new SelectorIndex<{ labels: Labels }>();
    for (const item of items.slice(0, 2)) index.add(item);
    // The first question may make an index, which is to be kept up from then on.
    expect([...index.matching(selector)].length).toBeGreaterThanOrEqual(0);
    for (const item of items.slice(2)) index.add(item);
    expect(new Set(index.matching(selector))).toEqual(new Set(found.map((i) => items[i])));
    for (const item of items) index.delete(item);
    expect([...index.matching(selector)]).toEqual([]);
  });
});

const TERM: PodTerm = {
  topologyKey: 'rack',
  selector: [isIn('app', 'es')],
  namespaces: ['shop'],
  namespaceSelector: undefined,
};
const TEMPLATE: MemberPods = {
  namespace: 'shop',
  labels: { app: 'db' },
  affinity: [],
  antiAffinity: [TERM],
  spread: [],
  hostPorts: [],
};

const guards = (view: ClusterView) =>
  [...view.pods.pods.exclusions({ namespace: 'shop', labels: { app: 'es' } }, view.pods.namespaceLabels)].map(
    ({ pod }) => `${pod.name} ${pod.nodeName}`,
  );

describe('pods that will come for slots', () => {
  test('are there while slot and template are, in whatever order they come', () => {
    const view = viewOf();
    view.setReservation(reservation('db', [slot('db-0', 'n1')]));
    expect(guards(view)).toEqual([]);
    view.pods.setTemplate('uid-db', TEMPLATE);
    expect(guards(view)).toEqual(['db-0 n1']);
    view.setReservation(reservation('db', [slot('db-0', 'n2')]));
    expect(guards(view)).toEqual(['db-0 n2']);
    view.pods.setTemplate('uid-db', { ...TEMPLATE, antiAffinity: [] });
    expect(guards(view)).toEqual([]);
    view.pods.setTemplate('uid-db', TEMPLATE);
    view.deleteReservation('shop/db');
    expect(guards(view)).toEqual([]);
  });

  test('are the pod itself once it claimed the slot', () => {
    const view = viewOf();
    view.pods.setTemplate('uid-db', TEMPLATE);
    view.setPod(podFacts('db-0', { nodeName: 'n1', excludes: { antiAffinity: [TERM], hostPorts: [] } }));
    view.setReservation(reservation('db', [slot('db-0', 'n1', { state: 'Claimed', podUID: 'uid-db-0' })]));
    expect(guards(view)).toEqual(['db-0 n1']);
  });
});

describe('a bound pod', () => {
  test('is another to rules only when its labels, node or end change', () => {
    const view = viewOf();
    const versions: number[] = [];
    const tell = (rest: Parameters<typeof podFacts>[1]) => {
      view.setPod(podFacts('web', { nodeName: 'n1', labels: { app: 'web' }, ...rest }));
      versions.push(view.pods.version);
    };
    tell({});
    tell({ ready: false, annotations: { a: 'b' } });
    expect(versions[1]).toBe(versions[0]);
    tell({ labels: { app: 'db' } });
    tell({ labels: { app: 'db' }, deleting: true });
    view.deletePod('uid-web');
    expect(new Set([...versions, view.pods.version]).size).toBe(4);
  });
});
