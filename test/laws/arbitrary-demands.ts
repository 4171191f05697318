// Small clusters with storage, and apps that want places in them: tight enough that a good part of the demands finds none.
import * as fc from 'fast-check';
import type { Constraint, Demand, WeightedPolicy } from '../../src/core/allocator/demand.ts';
import type { NodeFacts } from '../../src/core/facts/node-facts.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import {
  GI,
  capacityFacts,
  csiNodeFacts,
  demand,
  memberDemand,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  storageClassFacts,
  volumeDemand,
} from '../support/core-builders.ts';

export interface World {
  readonly nodes: readonly NodeFacts[];
  /** Makes the view; the nodes may be told in another order. */
  readonly build: (nodes: readonly NodeFacts[]) => ClusterView;
}

const nodesOf = (names: readonly string[]): fc.Arbitrary<readonly NodeFacts[]> =>
  fc.tuple(
    ...names.map((name) =>
      fc
        .record({
          zone: fc.constantFrom('a', 'b', 'c'),
          cpus: fc.constantFrom('1', '2', '4'),
          ready: fc.constantFrom(true, true, true, false),
          unschedulable: fc.constantFrom(false, false, false, true),
          rack: fc.constantFrom('r1', 'r2', ''),
          pods: fc.constantFrom(2, 110),
        })
        .map(({ cpus, rack, pods, ...rest }) =>
          nodeFacts(name, { ...rest, allocatable: { cpu: cpus, pods }, labels: rack === '' ? {} : { rack } }),
        ),
    ),
  );

export const someNodes: fc.Arbitrary<readonly NodeFacts[]> = fc
  .integer({ min: 0, max: 6 })
  .chain((count) => nodesOf(Array.from({ length: count }, (_, i) => `n${i}`)));

export const oneMoreNode: fc.Arbitrary<NodeFacts> = nodesOf(['n9']).map(([node]) => node ?? nodeFacts('n9'));

export const world: fc.Arbitrary<World> = fc
  .record({
    nodes: someNodes,
    pods: fc.array(fc.tuple(fc.nat(5), fc.constantFrom('500m', '1')), { maxLength: 4 }),
    held: fc.array(fc.nat(5), { maxLength: 2 }),
    racks: fc.array(fc.tuple(fc.constantFrom('r1', 'r2'), fc.constantFrom(10, 25, 60)), { maxLength: 2 }),
    maximum: fc.option(fc.constantFrom(5, 20), { nil: undefined, freq: 3 }),
    limit: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ nodes, pods, held, racks, maximum, limit }) => ({
    nodes,
    build: (told) => {
      const view = new ClusterView();
      for (const node of told) view.setNode(node);
      for (const [i, [place, cpu]] of pods.entries()) {
        view.setPod(podFacts(`stranger-${i}`, { nodeName: `n${place}`, requests: { cpu } }));
      }
      for (const [i, place] of held.entries()) {
        const own = { volumes: [{ ...volumeDemand(`held-${i}`), pinned: false }] };
        view.setReservation(
          reservation(`holder${i}`, [slot(`holder${i}-0`, `n${place}`, own)], { framework: 'tenant-a' }),
        );
      }
      view.setStorageClass(storageClassFacts('fast'));
      for (const [i, [rack, gigabytes]] of racks.entries()) {
        view.setCapacity(
          capacityFacts(`c${i}`, {
            nodeLabels: { rack },
            capacityBytes: gigabytes * GI,
            maximumVolumeBytes: maximum === undefined ? undefined : maximum * GI,
          }),
        );
      }
      for (const node of told) view.setCsiNode(csiNodeFacts(node.name, limit));
      return view;
    },
  }));

const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  fc.constantFrom<Constraint>(
    { key: '@hostname', operator: 'Unique' },
    { key: '@zone', operator: 'GroupBy' },
    { key: '@zone', operator: 'GroupBy', value: '2' },
    { key: '@zone', operator: 'MaxPer', value: '2' },
    { key: '@zone', operator: 'Cluster' },
    { key: 'rack', operator: 'Is', value: 'r1' },
    { key: 'rack', operator: 'IsNot', value: 'r1' },
    { key: 'rack', operator: 'Like', value: 'r[12]' },
    { key: 'rack', operator: 'Unlike', value: 'r2' },
    { key: 'rack', operator: 'MaxPer', value: '1' },
  ),
);

const policy: fc.Arbitrary<WeightedPolicy> = fc.record({
  name: fc.constantFrom('spread', 'pack', 'headroom', 'locality', 'stickiness', 'gpu-shy'),
  weight: fc.integer({ min: 1, max: 3 }),
});

export interface DemandShape {
  readonly constraints?: fc.Arbitrary<readonly Constraint[]>;
  readonly count?: number;
}

export function demandOf(name: string, shape: DemandShape = {}): fc.Arbitrary<Demand> {
  return fc
    .record({
      count: fc.integer({ min: 1, max: shape.count ?? 4 }),
      cpu: fc.constantFrom('250m', '500m', '1', '3'),
      gigabytes: fc.array(fc.constantFrom(4, 10), { maxLength: 2 }),
      least: fc.integer({ min: 0, max: 4 }),
      constraints: shape.constraints ?? fc.uniqueArray(constraint, { maxLength: 2 }),
      policies: fc.array(policy, { maxLength: 2 }),
      framework: fc.constantFrom('tenant-a', 'tenant-b'),
      priority: fc.nat(1),
      uneven: fc.boolean(),
    })
    .map(({ count, cpu, gigabytes, least, constraints, policies, framework, priority, uneven }) =>
      demand(name, {
        framework,
        priority,
        members: Array.from({ length: count }, (_, ordinal) =>
          memberDemand(name, ordinal, {
            requests: { cpu: uneven && ordinal === 0 ? '2' : cpu },
            volumes: gigabytes.map((size, i) => volumeDemand(`v${i}-${name}-${ordinal}`, { bytes: size * GI })),
          }),
        ),
        minMembers: Math.min(count, least),
        rules: { constraints, policies },
      }),
    );
}

export const someDemands: fc.Arbitrary<readonly Demand[]> = fc
  .integer({ min: 1, max: 6 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => demandOf(`app${i}`))));
