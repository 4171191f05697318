import { describe, expect, test } from '@jest/globals';
import {
  NOW,
  demand,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  tenant,
  viewOf,
} from '../../../test/support/core-builders.ts';
import { allocate } from '../allocator/allocate.ts';
import type { ClusterView } from '../view/cluster-view.ts';

const TENANTS = [tenant('big'), tenant('small')];

/** Two nodes of 4 CPU: on n1 an app holds 1, on n2 one holds 3. */
function halfFull(): ClusterView {
  const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
  view.setReservation(reservation('one', [slot('one-0', 'n1')], { framework: 'small' }));
  view.setReservation(
    reservation('three', [slot('three-0', 'n2', { resources: { cpu: '3', memory: '1Gi' } })], { framework: 'small' }),
  );
  return view;
}

const starving = (cpu: string, waited = 300) =>
  demand('whale', { framework: 'big', pendingSinceSeconds: NOW - waited, member: { requests: { cpu } } });

const fry = (name: string, cpu = '1') => demand(name, { framework: 'small', member: { requests: { cpu } } });

function told(view: ClusterView, ...demands: Parameters<typeof allocate>[2]): readonly string[] {
  return allocate(view, TENANTS, demands, NOW).map((decision) =>
    decision.kind === 'accept'
      ? `${decision.app.name} on ${decision.slots.map(({ node }) => node).join()}`
      : `${decision.app.name} ${decision.reason}`,
  );
}

function slowDisk(): ClusterView {
  const view = viewOf(nodeFacts('n1', { labels: { disk: 'hdd' } }));
  view.setReservation(reservation('one', [slot('one-0', 'n1')], { framework: 'small' }));
  return view;
}

const gang = (cpu: string) =>
  demand('whale', { framework: 'big', pendingSinceSeconds: NOW - 999, count: 2, member: { requests: { cpu } } });

describe('an app that has waited too long', () => {
  test('keeps the node where least must go from those behind it, and they are told', () => {
    expect(told(halfFull(), starving('4'), fry('a'), fry('b'))).toEqual([
      'whale InsufficientCPU',
      'a on n2',
      'b Earmarked',
    ]);
    const decline = allocate(halfFull(), TENANTS, [starving('4'), fry('a', '2')], NOW)[1];
    expect(decline).toMatchObject({
      kind: 'decline',
      message:
        'n1 would have room, and is set aside for shop/whale of framework big, which has waited 300 s; else 0 of 2 nodes fit: 2 InsufficientCPU (needs 2000m, most free 1000m on n2)',
      nodesByReason: { Earmarked: 1, InsufficientCPU: 2 },
    });
  });

  test('keeps nothing before its framework’s starvationSeconds are over', () => {
    expect(told(halfFull(), starving('4', 299), fry('a'), fry('b'))).toEqual([
      'whale InsufficientCPU',
      'a on n1',
      'b on n1',
    ]);
  });

  test('keeps nothing where it could not be even if all apps went', () => {
    expect(told(halfFull(), starving('5'), fry('a'))).toEqual(['whale InsufficientCPU', 'a on n1']);
    const view = viewOf(nodeFacts('n1'));
    view.setPod(podFacts('stranger', { nodeName: 'n1' }));
    expect(told(view, starving('4'), fry('a'))).toEqual(['whale InsufficientCPU', 'a on n1']);
  });

  test('keeps nothing on a node that refuses it for anything but room', () => {
    const picky = demand('whale', {
      framework: 'big',
      pendingSinceSeconds: NOW - 999,
      member: { requests: { cpu: '4' } },
      rules: { nodeSelector: { disk: 'ssd' } },
    });
    expect(told(slowDisk(), picky, fry('a'))[1]).toBe('a on n1');
  });

  test('is served like anybody when there is room', () => {
    expect(told(halfFull(), starving('3'), fry('a'))).toEqual(['whale on n1', 'a on n2']);
  });

  test('keeps nodes for the whole gang, or none', () => {
    expect(told(halfFull(), gang('4'), fry('a'))[1]).toBe('a Earmarked');
    expect(told(halfFull(), gang('5'), fry('a'))[1]).toBe('a on n1');
  });
});
