import { describe, expect, test } from '@jest/globals';
import {
  GI,
  amounts,
  capacityFacts,
  csiNodeFacts,
  demand,
  nodeFacts,
  reservation,
  slot,
  storageClassFacts,
  storagePool,
  tenant,
  viewOf,
} from '../../../test/support/core-builders.ts';
import { frameworkAccounts } from './framework-account.ts';
import { makeOffers } from './make-offers.ts';

describe('offers', () => {
  test('are what a node has free after slots, with its storage and attach slots', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }));
    view.setStorageClass(storageClassFacts('fast'));
    view.setPool(storagePool('disks'));
    view.setCapacity(capacityFacts('c1', { capacityBytes: 50 * GI }));
    view.setCsiNode(csiNodeFacts('n1', 7));
    view.setReservation(reservation('db', [slot('db-0', 'n1')]));
    expect(makeOffers(view, undefined)).toMatchObject([
      {
        node: 'n1',
        zone: 'a',
        free: { cpu: 3000, pods: 109 },
        storageBytes: { disks: 50 * GI },
        attach: { 'disks.example': 7 },
        keptOutBy: [],
      },
    ]);
  });

  test('are no more than the limits of the framework leave', () => {
    const [offer] = makeOffers(viewOf(nodeFacts('n1')), {
      name: 'small',
      headroom: amounts({ cpu: '500m', memory: 0 }),
    });
    expect(offer?.free).toMatchObject({ cpu: 500, memory: 0 });
    expect(offer?.keptOutBy.map(({ reason }) => reason)).toEqual(['FrameworkLimit']);
  });

  test('say what keeps members out', () => {
    const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' } as const;
    const view = viewOf(
      nodeFacts('n1', { ready: false }),
      nodeFacts('n2', { unschedulable: true }),
      nodeFacts('n3', { taints: [taint] }),
    );
    const reasons = makeOffers(view, undefined).map(({ keptOutBy }) => keptOutBy.map(({ reason }) => reason));
    expect(reasons).toEqual([['NodeNotReady'], ['NodeCordoned'], ['NodeTainted']]);
  });
});

const slots = (count: number) => Array.from({ length: count }, (_, i) => slot(`m-${i}`, 'n1'));

test('a framework is charged what those below it are, and may have what the limits of its line leave', () => {
  const view = viewOf(nodeFacts('n1', { allocatable: { cpu: '20' } }));
  view.setReservation(reservation('one', slots(3), { framework: 'a' }));
  view.setReservation(reservation('two', slots(4), { framework: 'b' }));
  const tenants = [
    tenant('org', { limit: amounts({ cpu: '10' }) }),
    tenant('a', { parent: 'org', limit: amounts({ cpu: '8' }), weight: 2 }),
    tenant('b', { parent: 'org' }),
  ];
  expect(frameworkAccounts(view, tenants, [demand('db', { framework: 'a' })])).toMatchObject([
    { name: 'a', charged: { cpu: 3000 }, headroom: { cpu: 3000 }, waitingApps: 1 },
    { name: 'b', charged: { cpu: 4000 }, headroom: { cpu: 3000 }, waitingApps: 0 },
    { name: 'org', charged: { cpu: 7000 }, headroom: { cpu: 3000 }, waitingApps: 1 },
  ]);
});
