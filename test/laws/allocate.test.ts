import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Decision, Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { compileConstraint } from '../../src/core/placement/constraints/registry.ts';
import { topologyValue } from '../../src/core/placement/topology-key.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import { DRIVER, NOW, amounts, demand, nodeFacts, tenant } from '../support/core-builders.ts';
import { type DemandShape, demandOf, oneMoreNode, someDemands, world } from './arbitrary-demands.ts';
import { runs } from '../support/law-runs.ts';

const TENANTS = [tenant('tenant-a'), tenant('tenant-b', { weight: 3 })];

function demandBehind(decision: Decision, demands: readonly Demand[]): Demand {
  const found = demands.find(({ app }) => app.uid === decision.app.uid);
  if (found === undefined) throw new Error('a decision about nobody');
  return found;
}

/** The view once everything accepted is written. */
function accepted(view: ClusterView, decisions: readonly Decision[], demands: readonly Demand[]): ClusterView {
  for (const decision of decisions) {
    if (decision.kind === 'accept') {
      view.assume(decision.app, decision.slots, demandBehind(decision, demands).framework);
    }
  }
  return view;
}

/** Resources of which the row is charged more than it has. */
function overfull(view: ClusterView, name: string): readonly string[] {
  const { columns, stride, used, allocatable } = view.nodeTable;
  const row = view.nodeTable.rowOf(name) ?? 0;
  return columns.names.filter((_, i) => (used[row * stride + i] ?? 0) > (allocatable[row * stride + i] ?? 0));
}

const tenants = (cpu: string, storage: string): readonly Tenant[] => [
  tenant('org', { limit: amounts({ cpu, 'attach.proffer.dev/disks.example': storage }) }),
  tenant('tenant-a', { parent: 'org' }),
  tenant('tenant-b', { parent: 'org', limit: amounts({ cpu: '1', pods: '3' }) }),
];

describe('allocate', () => {
  test('never gives more of a node, a pool or the attach slots than there is', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, demands) => {
        const view = build(nodes);
        const before = new Map(nodes.map(({ name }) => [name, overfull(view, name)]));
        const decisions = allocate(view, TENANTS, demands, NOW);
        accepted(view, decisions, demands);
        for (const { name } of nodes)
          expect(before.get(name)).toEqual(expect.arrayContaining([...overfull(view, name)]));
        for (const slot of decisions.flatMap((decision) => (decision.kind === 'accept' ? decision.slots : []))) {
          expect(view.node(slot.node)).toMatchObject({ ready: true, unschedulable: false });
          if (slot.volumes.length === 0) continue;
          const row = view.nodeTable.rowOf(slot.node) ?? 0;
          const segments = view.storage.capacity.segmentsAt('fast', row);
          const free = segments?.map((segment) => view.storage.capacity.freeBytes('fast', segment));
          if (free !== undefined) expect(Math.max(...free)).toBeGreaterThanOrEqual(0);
          const limit = view.storage.attachments.limit(slot.node, DRIVER) ?? Number.POSITIVE_INFINITY;
          expect(view.storage.attachments.inUse(slot.node, DRIVER).size).toBeLessThanOrEqual(limit);
        }
      }),
      runs(400),
    );
  });

  test('leaves the view as it was', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, demands) => {
        const view = build(nodes);
        const before = [view.generationCount, ...nodes.map(({ name }) => view.free(name))];
        allocate(view, TENANTS, demands, NOW);
        expect([view.generationCount, ...nodes.map(({ name }) => view.free(name))]).toEqual(before);
      }),
      runs(100),
    );
  });

  test('answers each demand once, a gang whole or not at all, each member one slot', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, demands) => {
        const decisions = allocate(build(nodes), TENANTS, demands, NOW);
        expect(decisions.map(({ app }) => app.uid).toSorted()).toEqual(demands.map(({ app }) => app.uid).toSorted());
        for (const decision of decisions) {
          if (decision.kind === 'decline') continue;
          const asked = demandBehind(decision, demands);
          const members = decision.slots.map(({ member }) => member);
          expect(members.length).toBeGreaterThanOrEqual(Math.max(1, asked.minMembers));
          expect(new Set(members).size).toBe(members.length);
          expect(asked.members.map(({ member }) => member)).toEqual(expect.arrayContaining(members));
        }
      }),
      runs(400),
    );
  });

  test('keeps every constraint that counts members, however they were placed', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, demands) => {
        const view = build(nodes);
        for (const decision of allocate(view, TENANTS, demands, NOW)) {
          if (decision.kind === 'decline') continue;
          for (const { key, operator, value } of demandBehind(decision, demands).rules.constraints) {
            const values = decision.slots.map(({ node }) => topologyValue(view.node(node) ?? nodeFacts('?'), key));
            const sizes = values.map((one) => values.filter((other) => other === one).length);
            if (operator === 'Unique') expect(Math.max(...sizes)).toBe(1);
            if (operator === 'MaxPer') expect(Math.max(...sizes)).toBeLessThanOrEqual(Number(value));
            if (operator === 'Cluster') expect(new Set(values).size).toBe(1);
            const compiled = compileConstraint({ key, operator, value });
            const check = compiled.against(new Map(), () => new Set());
            if (compiled.dependsOnNodeOnly) expect(values.every((one) => check.admits(one))).toBe(true);
          }
        }
      }),
      runs(400),
    );
  });

  test('declines with a reason for every node, and with numbers', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, demands) => {
        for (const decision of allocate(build(nodes), TENANTS, demands, NOW)) {
          if (decision.kind === 'accept') continue;
          if (nodes.length === 0)
            expect(decision).toMatchObject({ reason: 'NoNodes', message: 'the cluster has no nodes' });
          if (nodes.length === 0) continue;
          expect(decision.message).toMatch(/0 of \d+ nodes fit: \d+ [A-Z]/);
          expect(new Set(decision.refusals.map(({ node }) => node)).size).toBe(nodes.length);
          for (const { message, node, reason } of decision.refusals) {
            expect(message).not.toBe('');
            expect(decision.nodesByReason[reason]).toBeGreaterThan(0);
            expect(nodes.map(({ name }) => name)).toContain(node);
          }
        }
      }),
      runs(400),
    );
  });

  test('does not depend on the order in which nodes, demands and tenants are told', () => {
    fc.assert(
      fc.property(world, someDemands, fc.boolean(), ({ nodes, build }, demands, reversed) => {
        const first = allocate(build(nodes), TENANTS, demands, NOW);
        const order = <T>(items: readonly T[]): readonly T[] =>
          reversed ? items.toReversed() : [...items.slice(1), ...items.slice(0, 1)];
        const second = allocate(build(order(nodes)), order(TENANTS), order(demands), NOW);
        expect(second.map(withoutOrderOfRefusals)).toEqual(first.map(withoutOrderOfRefusals));
      }),
      runs(300),
    );
  });

  test('never lets a tenant, or one above it, over its limit', () => {
    fc.assert(
      fc.property(
        world,
        someDemands,
        fc.constantFrom('0', '1', '2'),
        fc.constantFrom('0', '2'),
        (made, demands, cpu, disks) => {
          const view = made.build(made.nodes);
          const before = view.charges();
          const decisions = allocate(view, tenants(cpu, disks), demands, NOW);
          const after = accepted(view, decisions, demands).charges();
          for (const { name, limit } of tenants(cpu, disks)) {
            for (const [resource, most] of Object.entries(limit)) {
              expect(chargeOf(after, name, resource)).toBeLessThanOrEqual(
                Math.max(most, chargeOf(before, name, resource)),
              );
            }
          }
        },
      ),
      runs(300),
    );
  });

  test('serves tenants that want the same in proportion to their weights, within one task', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 24 }),
        (left, right, cpus) => {
          const view = new ClusterView();
          view.setNode(nodeFacts('n0', { allocatable: { cpu: cpus, memory: '640Gi' } }));
          const tenants = [tenant('left', { weight: left }), tenant('right', { weight: right })];
          const demands = ['left', 'right'].flatMap((framework) =>
            Array.from({ length: 30 }, (_, i) => demand(`${framework}${i}`, { framework })),
          );
          const won = { left: 0, right: 0 };
          for (const decision of allocate(view, tenants, demands, NOW)) {
            if (decision.kind === 'accept') won[demandBehind(decision, demands).framework as 'left'] += 1;
          }
          expect(won.left + won.right).toBe(cpus);
          expect(won.left / left).toBeLessThanOrEqual((won.right + 1) / right + 1e-9);
          expect(won.right / right).toBeLessThanOrEqual((won.left + 1) / left + 1e-9);
        },
      ),
      runs(100),
    );
  });

  test('a new node never makes a single member lose its place, whatever its constraints', () => {
    const shape: DemandShape = { count: 1 };
    fc.assert(
      fc.property(world, demandOf('app', shape), oneMoreNode, ({ nodes, build }, asked, added) => {
        const without = allocate(build(nodes), TENANTS, [asked], NOW);
        const with_ = allocate(build([...nodes, added]), TENANTS, [asked], NOW);
        if (without[0]?.kind === 'accept') expect(with_[0]?.kind).toBe('accept');
      }),
      runs(400),
    );
  });

  test('a new node never makes a gang of equals lose its places, unless it must be even over the groups', () => {
    const shape: DemandShape = {
      constraints: fc.subarray([
        { key: '@hostname', operator: 'Unique' },
        { key: '@zone', operator: 'MaxPer', value: '2' },
        { key: '@zone', operator: 'Cluster' },
      ]),
    };
    fc.assert(
      fc.property(world, demandOf('app', shape), oneMoreNode, ({ nodes, build }, asked, added) => {
        const [first] = asked.members;
        const members = asked.members.map((member) => ({ ...member, requests: first?.requests ?? {} }));
        const equals = { ...asked, members };
        const without = allocate(build(nodes), TENANTS, [equals], NOW);
        const with_ = allocate(build([...nodes, added]), TENANTS, [equals], NOW);
        if (without[0]?.kind === 'accept') expect(with_[0]?.kind).toBe('accept');
      }),
      runs(400),
    );
  });
});

function chargeOf(charges: ReadonlyMap<string, Resources>, name: string, resource: string): number {
  const names = name === 'org' ? ['tenant-a', 'tenant-b'] : [name];
  return names.reduce((sum, one) => sum + (charges.get(one)?.[resource] ?? 0), 0);
}

function withoutOrderOfRefusals(decision: Decision): unknown {
  if (decision.kind === 'accept') return decision;
  return { ...decision, refusals: decision.refusals.map((refusal) => JSON.stringify(refusal)).toSorted() };
}
