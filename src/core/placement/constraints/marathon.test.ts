// The documented examples of the grammar's origins, one row each.
// Marathon: https://mesosphere.github.io/marathon/docs/constraints.html (mesosphere/marathon, docs/docs/constraints.md, Constraints.scala).
// DC/OS: https://docs.d2iq.com/mesosphere/dcos/2.1/deploying-services/marathon-constraints (Is), and the SDK's rules for services with
// state: mesosphere/dcos-commons, MarathonConstraintParser.java, AbstractRoundRobinRule.java, MaxPerRule.java, AttributeRule.java.
import { describe, expect, test } from '@jest/globals';
import { NOW, demand, nodeFacts, tenant, viewOf } from '../../../../test/support/core-builders.ts';
import { allocate } from '../../allocator/allocate.ts';
import type { Constraint } from '../../allocator/demand.ts';
import { REGION_LABEL } from '../../view/node-table.ts';

interface Example {
  readonly constraints: readonly Constraint[];
  /** Racks of the nodes, two nodes each; '' is a node without the attribute. */
  readonly racks: readonly string[];
  readonly instances?: number;
  /** How many instances each rack gets; undefined: no place for all. */
  readonly perRack?: Readonly<Record<string, number>>;
  /** On how many hosts they are. */
  readonly hosts?: number;
}

const on = (key: string, operator: Constraint['operator'], value?: string): Constraint => ({
  key,
  operator,
  ...(value === undefined ? {} : { value }),
});

/** Two nodes a rack: `rack-1-a`, `rack-1-b`; region of the rack's last character, zone by it. Room for three instances each. */
function clusterOf(racks: readonly string[]) {
  return viewOf(
    ...racks.flatMap((rack, i) =>
      ['a', 'b'].map((end) =>
        nodeFacts(`${rack || `plain${i}`}-${end}`, {
          zone: `zone-${i}`,
          labels: { [REGION_LABEL]: i < 2 ? 'near' : 'far', ...(rack === '' ? {} : { rack_id: rack }) },
          allocatable: { cpu: '3' },
        }),
      ),
    ),
  );
}

function placesOf({ constraints, racks, instances = 3 }: Example): readonly string[] | undefined {
  const view = clusterOf(racks);
  const [answer] = allocate(view, [tenant()], [demand('sleep', { count: instances, rules: { constraints } })], NOW);
  return answer?.kind === 'accept' ? answer.slots.map(({ node }) => node) : undefined;
}

function countPerRack(nodes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const node of nodes) counts[node.slice(0, -2)] = (counts[node.slice(0, -2)] ?? 0) + 1;
  return counts;
}

const THREE = ['rack-1', 'rack-2', 'rack-3'];

describe('the examples of Marathon and the DC/OS SDK', () => {
  test.each<[string, Example]>([
    [
      'UNIQUE: only one task of the app on each host',
      { constraints: [on('@hostname', 'Unique')], racks: THREE, hosts: 3 },
    ],
    ['UNIQUE: no more tasks than hosts', { constraints: [on('@hostname', 'Unique')], racks: ['rack-1'] }],
    [
      'CLUSTER rack-1: exactly that rack',
      { constraints: [on('rack_id', 'Cluster', 'rack-1')], racks: THREE, perRack: { 'rack-1': 3 } },
    ],
    [
      'CLUSTER without a value: all on one rack, whichever, so on one with room for all',
      { constraints: [on('rack_id', 'Cluster')], racks: ['', 'rack-2'], instances: 6, perRack: { 'rack-2': 6 } },
    ],
    [
      'CLUSTER a.specific.node.com: on that node',
      { constraints: [on('@hostname', 'Cluster', 'rack-2-b')], racks: THREE, perRack: { 'rack-2': 3 }, hosts: 1 },
    ],
    [
      'CLUSTER of hostname without a value: all on the same node',
      { constraints: [on('@hostname', 'Cluster')], racks: THREE, hosts: 1 },
    ],
    [
      'GROUP_BY: evenly across racks',
      {
        constraints: [on('rack_id', 'GroupBy')],
        racks: THREE,
        perRack: { 'rack-1': 1, 'rack-2': 1, 'rack-3': 1 },
      },
    ],
    [
      'GROUP_BY 3: the number of racks is told',
      {
        constraints: [on('rack_id', 'GroupBy', '3')],
        racks: THREE,
        instances: 6,
        perRack: { 'rack-1': 2, 'rack-2': 2, 'rack-3': 2 },
      },
    ],
    [
      'GROUP_BY 3 where there are two racks: the third task waits for another rack',
      { constraints: [on('rack_id', 'GroupBy', '3')], racks: ['rack-1', 'rack-2'] },
    ],
    [
      'LIKE rack-[1-3]: racks that match',
      { constraints: [on('rack_id', 'Like', 'rack-[1-3]')], racks: ['rack-7', 'rack-3', ''], perRack: { 'rack-3': 3 } },
    ],
    [
      'UNLIKE rack-[7-9]: racks that do not',
      {
        constraints: [on('rack_id', 'Unlike', 'rack-[7-9]')],
        racks: ['rack-7', 'rack-8', 'rack-3'],
        perRack: { 'rack-3': 3 },
      },
    ],
    [
      'UNLIKE accepts, alone of all, a node without the attribute',
      { constraints: [on('rack_id', 'Unlike', 'rack-[7-9]')], racks: ['rack-7', ''], perRack: { plain1: 3 } },
    ],
    [
      'MAX_PER 2: no group is larger',
      {
        constraints: [on('rack_id', 'MaxPer', '2')],
        racks: ['rack-1', 'rack-2'],
        instances: 4,
        perRack: { 'rack-1': 2, 'rack-2': 2 },
      },
    ],
    [
      'MAX_PER 2 with one rack has no place for three',
      { constraints: [on('rack_id', 'MaxPer', '2')], racks: ['rack-1'] },
    ],
    [
      'IS rack-1: only nodes with that value',
      { constraints: [on('rack_id', 'Is', 'rack-1')], racks: ['rack-1', 'rack-11', ''], perRack: { 'rack-1': 3 } },
    ],
    [
      'SDK: one pod instance an agent, in one region',
      {
        constraints: [on('@region', 'Is', 'far'), on('@hostname', 'Unique')],
        racks: THREE,
        instances: 2,
        perRack: { 'rack-3': 2 },
        hosts: 2,
      },
    ],
    [
      'SDK: round robin over three zones, at most one on an agent',
      {
        constraints: [on('@zone', 'GroupBy', '3'), on('@hostname', 'MaxPer', '1')],
        racks: THREE,
        instances: 6,
        perRack: { 'rack-1': 2, 'rack-2': 2, 'rack-3': 2 },
        hosts: 6,
      },
    ],
  ])('%s', (_what, example) => {
    const nodes = placesOf(example);
    if (example.perRack === undefined && example.hosts === undefined) expect(nodes).toBeUndefined();
    if (example.perRack !== undefined) expect(countPerRack(nodes ?? [])).toEqual(example.perRack);
    if (example.hosts !== undefined) expect(new Set(nodes).size).toBe(example.hosts);
  });

  test.each<Constraint>([
    on('rack_id', 'Unique'),
    on('rack_id', 'Cluster'),
    on('rack_id', 'Cluster', 'rack-1'),
    on('rack_id', 'GroupBy'),
    on('rack_id', 'GroupBy', '2'),
    on('rack_id', 'Like', '.*'),
    on('rack_id', 'MaxPer', '9'),
    on('rack_id', 'Is', 'rack-1'),
  ])('a node without the attribute is refused by %j', (constraint) => {
    expect(placesOf({ constraints: [constraint], racks: [''], instances: 1 })).toBeUndefined();
  });
});
