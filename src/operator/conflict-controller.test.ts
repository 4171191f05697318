import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseReservation } from '../api/parse.ts';
import type { Reservation, Slot } from '../api/reservation.ts';
import { ClusterView } from '../core/view/cluster-view.ts';
import { ConflictController } from './conflict-controller.ts';

function reservation(name: string, epoch: number, state: Slot['state'] = 'Held'): Reservation {
  const slot = {
    member: `${name}-0`,
    node: 'n1',
    state,
    epoch,
    acceptedAt: '2026-01-02T03:04:05Z',
    resources: { cpu: '3' },
  };
  return parseReservation({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'Reservation',
    metadata: { name, namespace: 'shop', uid: `rsv-${name}`, resourceVersion: '1' },
    spec: { app: { name, uid: `app-${name}` }, slots: [slot] },
  });
}

describe('slots that two leaders accepted for the same room', () => {
  let view: ClusterView;
  let known: Map<string, Reservation>;
  let kept: string[];
  let controller: ConflictController;

  beforeEach(() => {
    view = new ClusterView();
    view.setNode({
      name: 'n1',
      uid: 'n',
      labels: {},
      taints: [],
      unschedulable: false,
      ready: true,
      allocatable: { cpu: 4_000, pods: 10 },
    });
    known = new Map();
    kept = [];
    controller = new ConflictController({
      view,
      reservations: {
        newest: ({ name }) => known.get(name),
        keep: async ({ name }, slots) => {
          kept.push(`${name} ${slots.map((slot) => slot.state).join()}`);
          return 'written';
        },
      },
      log: { warn: () => undefined },
    });
  });

  const hold = (...reservations: readonly Reservation[]) => {
    for (const item of reservations) {
      known.set(item.metadata.name, item);
      view.setReservation(item);
    }
  };

  test('that of the older leader becomes Conflicted', async () => {
    hold(reservation('old', 1), reservation('new', 2));
    await controller.reconcile('n1');
    expect(kept).toEqual(['old Conflicted']);
  });

  test('where both fit, nothing happens', async () => {
    hold(reservation('one', 1));
    await controller.reconcile('n1');
    expect(kept).toEqual([]);
  });

  test('one that meanwhile moved on is left alone', async () => {
    hold(reservation('old', 1), reservation('new', 2));
    known.set('old', reservation('old', 1, 'Claimed'));
    await controller.reconcile('n1');
    expect(kept).toEqual([]);
  });

  test('a node that is gone has no conflicts', async () => {
    hold(reservation('old', 1), reservation('new', 2));
    view.deleteNode('n1');
    await controller.reconcile('n1');
    expect(kept).toEqual([]);
  });
});
