import { expect, test } from '@jest/globals';
import { reservationSummary, type Slot } from './reservation.ts';

const slot = (member: string, node: string, state: Slot['state']): Slot => ({
  member,
  node,
  zone: '',
  resources: {},
  volumes: [],
  state,
  decision: '',
  podUID: '',
  epoch: 0,
  acceptedAt: '2026-01-02T03:04:05Z',
});

test('the summary counts slots and those that are claimed, and names each node once', () => {
  const slots = [slot('es-0', 'n2', 'Claimed'), slot('es-1', 'n1', 'Held'), slot('es-2', 'n2', 'Claimed')];
  expect(reservationSummary(slots)).toEqual({ slots: 3, claimed: 2, nodes: 'n1,n2' });
});

test('the summary stays within its bound on many nodes', () => {
  const slots = Array.from({ length: 300 }, (_, i) => slot(`es-${i}`, `node-${i}`, 'Held'));
  expect(reservationSummary(slots).nodes).toHaveLength(512);
});
