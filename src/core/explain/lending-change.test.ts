import { describe, expect, test } from '@jest/globals';
import { NOW, amounts, demand, memberDemand, nodeFacts, tenant } from '../../../test/support/core-builders.ts';
import { LoadedCluster } from '../view/load-objects.ts';
import { showChanges } from './change.ts';
import { completeChange } from './complete-change.ts';

/** On two nodes of 4 CPU: what would let an app of `web` in that asks for so many CPUs, while others are guaranteed something. */
function changeFor(cpu: string, others: Parameters<typeof tenant>[]) {
  const cluster = new LoadedCluster();
  for (const name of ['n1', 'n2']) cluster.view.setNode(nodeFacts(name, { allocatable: { cpu: 4 } }));
  const asked = demand('app', { framework: 'web', members: [memberDemand('app', 0, { requests: { cpu } })] });
  const tenants = [tenant('web'), ...others.map((other) => tenant(...other))];
  const change = completeChange(cluster, { tenants, demands: [asked], now: NOW }, asked);
  return change && `${showChanges(change.changes)} (${change.proven ? 'proven' : 'not tried'})`;
}

const keeps = (cpu: number, lent = 0) => ({ guarantee: amounts({ cpu }), lendingLimit: amounts({ cpu: lent }) });

describe('who is kept from what others are guaranteed', () => {
  test.each<[string, string, Parameters<typeof tenant>[], string]>([
    [
      'is told who must lend how much',
      '2',
      [['bank', keeps(8, 1)]],
      '1000m more cpu in the lendingLimit of framework bank (proven)',
    ],
    [
      'is told the one who keeps most, where that is enough',
      '4',
      [
        ['bank', keeps(6)],
        ['firm', keeps(2)],
      ],
      '4000m more cpu in the lendingLimit of framework bank (proven)',
    ],
    [
      'is told the last of several, too',
      '4',
      [
        ['bank', keeps(3)],
        ['firm', keeps(5, 1)],
      ],
      '3000m more cpu in the lendingLimit of framework firm (proven)',
    ],
  ])('%s', (_what, cpu, others, change) => {
    expect(changeFor(cpu, others)).toBe(change);
  });
});

const asking = (name: string, cpu: string, pendingSinceSeconds: number) => {
  const members = [memberDemand(name, 0, { requests: { cpu } })];
  return demand(name, { framework: 'web', pendingSinceSeconds, members });
};

describe('who is kept by what others took at their turn', () => {
  test.each<[string, Parameters<typeof tenant>[], string]>([
    [
      'is told how much higher the limit must be beside them',
      [['web', { limit: amounts({ cpu: 4 }) }]],
      '1000m more cpu in the limit of framework web (proven)',
    ],
    [
      'is told who must lend how much beside them',
      [['web'], ['bank', keeps(4)]],
      '1000m more cpu in the lendingLimit of framework bank (proven)',
    ],
  ])('%s', (_what, tenants, said) => {
    const cluster = new LoadedCluster();
    for (const name of ['n1', 'n2']) cluster.view.setNode(nodeFacts(name, { allocatable: { cpu: 4 } }));
    const demands = [asking('first', '3', NOW - 9), asking('app', '2', NOW)];
    const market = { tenants: tenants.map((one) => tenant(...one)), demands, now: NOW };
    const change = completeChange(cluster, market, demands[1] ?? asking('app', '2', NOW));
    expect(change && `${showChanges(change.changes)} (${change.proven ? 'proven' : 'not tried'})`).toBe(said);
    expect(cluster.view.charges().size).toBe(0);
  });
});
