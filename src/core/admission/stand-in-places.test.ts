import { expect, test } from '@jest/globals';
import { CONTAINER, NOW, app, framework, node, reservation, slot } from '../../../test/support/app-builders.ts';
import type { Framework } from '../../api/framework.ts';
import { tenantsOf } from '../offers/tenants-of.ts';
import { ClusterView } from '../view/cluster-view.ts';
import { MOST } from './prioritize.ts';
import { standInPlaces } from './stand-in-places.ts';

const KEPT = { member: 'db-1', node: 'n1' };
const RESOURCES = { cpu: '1', memory: '1Gi' };

interface Given {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly framework?: Framework;
  readonly nodes?: readonly string[];
}

/** Member db-0 was on `gone`, db-1 is on n1. */
function places(given: Given) {
  const view = new ClusterView();
  for (const name of given.nodes ?? ['n1', 'n2', 'n3']) {
    view.setNode(node(name, { labels: { 'kubernetes.io/hostname': name, disk: name === 'n3' ? 'ssd' : 'hdd' } }));
  }
  view.setReservation(
    reservation([
      slot({ member: 'db-0', node: 'gone', resources: RESOURCES, state: 'Held' }),
      slot({ ...KEPT, resources: RESOURCES, state: 'Held' }),
    ]),
  );
  const held = view.slotOf('app-1', 'db-0');
  if (held === undefined) throw new Error('no slot of db-0');
  const frameworks = given.framework === undefined ? [] : [given.framework];
  return standInPlaces(view, tenantsOf(frameworks), {
    app: app({ spec: given.spec ?? {} }),
    framework: given.framework,
    held,
    placed: [KEPT],
    now: NOW,
  });
}

test('the allocator’s first choice comes first', () => {
  expect(places({}).nodes).toEqual(['n2', 'n3', 'n1']);
});

test('the policies of the app decide', () => {
  const placement = { policies: [{ name: 'pack', weight: 1 }] };
  expect(places({ spec: { placement } }).nodes[0]).toBe('n1');
});

test('its constraints hold', () => {
  const placement = { constraints: [{ key: '@hostname', operator: 'Unique' }] };
  expect(places({ spec: { placement } }).nodes).toEqual(['n2', 'n3']);
});

test('so do its node selector and the taints of nodes', () => {
  const template = { spec: { containers: [CONTAINER], nodeSelector: { disk: 'ssd' } } };
  expect(places({ spec: { template } }).nodes).toEqual(['n3']);
});

test('a framework at its limit gets its member back: a move adds nothing', () => {
  expect(places({ framework: framework({ limit: { cpu: '1' } }) }).nodes).toHaveLength(3);
});

test('a framework that is gone gets nothing', () => {
  expect(places({ spec: { framework: 'gone' } })).toEqual({ nodes: [], message: expect.stringMatching(/gone/) });
});

test('where nothing fits, it says so', () => {
  expect(places({ nodes: [] })).toEqual({ nodes: [], message: 'no other node would do for it' });
});

test('no more nodes are named than there are scores', () => {
  const nodes = Array.from({ length: 30 }, (_none, index) => `n${index}`);
  expect(places({ nodes }).nodes).toHaveLength(MOST);
});
