import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  GI,
  capacityFacts,
  claimFacts,
  csiNodeFacts,
  nodeFacts,
  reservation,
  slot,
  storageClassFacts,
  storagePool,
  viewOf,
} from '../../../test/support/core-builders.ts';
import type { Slot } from '../../api/reservation.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { conflictingSlots } from './conflicting-slots.ts';

let view: ClusterView;

beforeEach(() => {
  view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
  view.setStorageClass(storageClassFacts());
});

/** The slot of app `name` with one volume of 10Gi. */
function hold(name: string, node: string, rest: Partial<Slot> = {}): void {
  const volumes = [{ claim: `data-${name}-0`, pool: '', storageClassName: 'fast', bytes: 10 * GI, pinned: false }];
  view.setReservation(reservation(name, [slot(`${name}-0`, node, { volumes, ...rest })]));
}

const losers = (node: string) => conflictingSlots(view, node).map(({ slot: { member } }) => member);

describe('slots of two leaders', () => {
  test('for the same CPU: the older leader’s gives way', () => {
    hold('old', 'n1', { epoch: 1, resources: { cpu: '3' } });
    hold('new', 'n1', { epoch: 2, resources: { cpu: '3' } });
    expect(losers('n1')).toEqual(['old-0']);
  });

  test('for the last attach slot of the node: the older leader’s gives way', () => {
    view.setCsiNode(csiNodeFacts('n1', 1));
    hold('old', 'n1', { epoch: 1 });
    expect(losers('n1')).toEqual([]);
    hold('new', 'n1', { epoch: 2 });
    expect(losers('n1')).toEqual(['old-0']);
  });

  test('where a driver names no limit any number is attached', () => {
    view.setCsiNode(csiNodeFacts('n1', undefined));
    hold('old', 'n1', { epoch: 1 });
    hold('new', 'n1', { epoch: 2 });
    expect(losers('n1')).toEqual([]);
  });

  test('for the same bytes of a pool, on whichever nodes: the older leader’s gives way', () => {
    view.setCapacity(capacityFacts('all', { capacityBytes: 15 * GI }));
    hold('old', 'n1', { epoch: 1 });
    hold('new', 'n2', { epoch: 2 });
    expect(losers('n1')).toEqual(['old-0']);
    expect(losers('n2')).toEqual(['old-0']);
  });

  test('for the same disks under two pools: the older leader’s gives way', () => {
    const capacity = { source: 'CSI', perZone: [], group: 'disks' } as const;
    for (const name of ['fast', 'slow']) {
      view.setCapacity(capacityFacts(name, { storageClassName: name, capacityBytes: 15 * GI }));
      view.setPool(storagePool(name, { storageClassName: name, capacity }));
    }
    const volume = { claim: 'data-old-0', pool: '', storageClassName: 'slow', bytes: 10 * GI, pinned: false };
    hold('old', 'n1', { epoch: 1, volumes: [volume] });
    hold('new', 'n2', { epoch: 2 });
    expect(losers('n1')).toEqual(['old-0']);
  });

  test('a claimed slot keeps its bytes', () => {
    view.setCapacity(capacityFacts('all', { capacityBytes: 15 * GI }));
    hold('old', 'n1', { epoch: 1, state: 'Claimed' });
    hold('new', 'n2', { epoch: 2 });
    expect(losers('n1')).toEqual([]);
  });

  test.each([
    ['is being made', { selectedNode: 'n1' }],
    ['is there', { volumeName: 'pv-1', phase: 'Bound' as const }],
  ])('a volume that %s is left to the driver', (_what, claim) => {
    view.setCapacity(capacityFacts('all', { capacityBytes: 15 * GI }));
    hold('old', 'n1', { epoch: 1 });
    hold('new', 'n2', { epoch: 2 });
    view.setClaim(claimFacts('data-old-0', claim));
    expect(losers('n1')).toEqual([]);
  });

  test('slots of one leader never give way to a pool that shrank', () => {
    view.setCapacity(capacityFacts('all', { capacityBytes: 15 * GI }));
    hold('one', 'n1', { epoch: 2 });
    hold('two', 'n2', { epoch: 2 });
    expect(losers('n1')).toEqual([]);
  });

  test('a node that is gone has none', () => {
    hold('old', 'n9');
    expect(losers('n9')).toEqual([]);
  });
});
