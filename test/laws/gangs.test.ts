import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Decision } from '../../src/core/allocator/decision.ts';
import type { Constraint, Demand } from '../../src/core/allocator/demand.ts';
import { NOT_ALL_TRIED } from '../../src/core/allocator/level-two-built-in.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { NOW, amounts, demand, memberDemand, nodeFacts, tenant, viewOf } from '../support/core-builders.ts';
import { demandOf, oneMoreNode, someDemands, world } from './arbitrary-demands.ts';
import { runs } from '../support/law-runs.ts';

const TENANTS = [
  tenant('org', { limit: amounts({ cpu: '7' }) }),
  tenant('tenant-a', { parent: 'org', limit: amounts({ cpu: '5' }) }),
  tenant('tenant-b', { parent: 'org' }),
];

/** The first `count` apps are one gang, the others start for themselves. */
function together(demands: readonly Demand[], count: number): readonly Demand[] {
  const apps = demands.slice(0, count).map(({ app }) => app.name);
  const gang = { key: apps.join(' '), apps, lead: apps[0] ?? '' };
  return demands.map((demand, i) => (i < count ? { ...demand, gang } : demand));
}

const ofGang = (decisions: readonly Decision[], demands: readonly Demand[]) =>
  decisions.filter(({ app }) => demands.some((demand) => demand.app.uid === app.uid && demand.gang !== undefined));

function freeOf(view: ClusterView, nodes: readonly { readonly name: string }[]): readonly number[] {
  return nodes.flatMap(({ name }) => Object.values(view.free(name)));
}

/** Members of differing size, on nodes of differing size: an app may want a rack. */
const packing = fc.record({
  nodes: fc.array(fc.record({ cpu: fc.integer({ min: 2, max: 7 }), rack: fc.constantFrom('r1', 'r2') }), {
    minLength: 1,
    maxLength: 5,
  }),
  apps: fc.array(
    fc.record({
      cpus: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      rack: fc.constantFrom('', '', 'r1'),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

interface Packed {
  readonly cpus: readonly number[];
  readonly rack: string;
}

function packed({ cpus, rack }: Packed, i: number): Demand {
  const members = cpus.map((cpu, ordinal) => memberDemand(`app${i}`, ordinal, { requests: { cpu: `${cpu}` } }));
  const nodeSelector: Record<string, string> = rack === '' ? {} : { rack };
  return demand(`app${i}`, { members, rules: { nodeSelector } });
}

function canPack(
  [first, ...others]: readonly { readonly cpu: number; readonly rack: string }[],
  mayUse: (rack: string, node: number) => boolean,
  room: readonly number[],
): boolean {
  if (first === undefined) return true;
  return room.some((free, node) => {
    if (free < first.cpu || !mayUse(first.rack, node)) return false;
    return canPack(others, mayUse, room.with(node, free - first.cpu));
  });
}

const NO_GROUPS = fc.uniqueArray(
  fc.constantFrom<Constraint>(
    { key: '@hostname', operator: 'Unique' },
    { key: '@zone', operator: 'MaxPer', value: '2' },
    { key: '@zone', operator: 'Cluster' },
    { key: 'rack', operator: 'Unlike', value: 'r2' },
    { key: 'rack', operator: 'MaxPer', value: '1' },
  ),
  { maxLength: 2 },
);

const uneven = fc.tuple(...[0, 1, 2].map((i) => demandOf(`app${i}`, { constraints: NO_GROUPS, count: 3 })));

describe('a gang of several apps', () => {
  test('is whole or absent: each app has its minimum, or none has anything', () => {
    const seen = { accept: 0, decline: 0 };
    fc.assert(
      fc.property(world, someDemands, fc.integer({ min: 2, max: 4 }), ({ nodes, build }, some, count) => {
        const demands = together(some, count);
        const decisions = allocate(build(nodes), TENANTS, demands, NOW);
        expect(decisions).toHaveLength(demands.length);
        const gang = ofGang(decisions, demands);
        expect(new Set(gang.map(({ kind }) => kind)).size).toBe(1);
        seen[gang[0]?.kind ?? 'decline'] += 1;
        for (const decision of gang) {
          const asked = demands.find(({ app }) => app.uid === decision.app.uid);
          if (decision.kind === 'decline') expect(decision.message).not.toBe('');
          else expect(decision.slots.length).toBeGreaterThanOrEqual(Math.max(1, asked?.minMembers ?? 0));
        }
      }),
      runs(400),
    );
    // The law says something of both.
    expect(Math.min(seen.accept, seen.decline)).toBeGreaterThan(5);
  });

  test('never takes more than there is, nor more than its tenants and those above them may have', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, some) => {
        const demands = together(some, 3);
        const view = build(nodes);
        const before = freeOf(view, nodes);
        for (const decision of allocate(view, TENANTS, demands, NOW)) {
          const framework = demands.find(({ app }) => app.uid === decision.app.uid)?.framework;
          if (decision.kind === 'accept') view.assume(decision.app, decision.slots, framework);
        }
        for (const [i, free] of freeOf(view, nodes).entries())
          expect(free).toBeGreaterThanOrEqual(Math.min(0, before[i] ?? 0));
        const cpu = (name: string) => view.charges().get(name)?.['cpu'] ?? 0;
        expect(cpu('tenant-a')).toBeLessThanOrEqual(5000);
        expect(cpu('tenant-a') + cpu('tenant-b')).toBeLessThanOrEqual(7000);
      }),
      runs(300),
    );
  });

  test('that is declined leaves everything to another app', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, some) => {
        // One other: of several, the gang's place in the queue changes who of them comes first.
        const demands = together(some.slice(0, 3), 2);
        const decisions = allocate(build(nodes), TENANTS, demands, NOW);
        const other = demands[2];
        if (other === undefined || ofGang(decisions, demands)[0]?.kind !== 'decline') return;
        const beside = decisions.find(({ app }) => app.uid === other.app.uid);
        expect(beside).toEqual(allocate(build(nodes), TENANTS, [other], NOW)[0]);
      }),
      runs(200),
    );
  });

  test('is refused only if there is no arrangement of its members at all', () => {
    const seen = { accept: 0, decline: 0, cut: 0 };
    fc.assert(
      fc.property(packing, ({ nodes, apps }) => {
        const view = viewOf(
          ...nodes.map(({ cpu, rack }, i) => nodeFacts(`n${i}`, { allocatable: { cpu: `${cpu}` }, labels: { rack } })),
        );
        const demands = together(apps.map(packed), apps.length);
        const [decision] = allocate(view, [tenant()], demands, NOW);
        const room = nodes.map(({ cpu }) => cpu);
        const fits = canPack(
          apps.flatMap(({ cpus, rack }) => cpus.map((cpu) => ({ cpu, rack }))),
          (rack, i) => rack === '' || nodes[i]?.rack === rack,
          room,
        );
        if (decision?.kind === 'decline' && decision.message.includes(NOT_ALL_TRIED)) {
          seen.cut += 1;
          return;
        }
        seen[decision?.kind ?? 'decline'] += 1;
        expect(decision?.kind).toBe(fits ? 'accept' : 'decline');
      }),
      runs(400),
    );
    expect(Math.min(seen.accept, seen.decline)).toBeGreaterThan(20);
    // So small a cluster is searched to the end.
    expect(seen.cut).toBe(0);
  });

  test('keeps its places when a node is added, unless it must be even over groups, or not all was tried', () => {
    const seen = { kept: 0, cut: 0 };
    fc.assert(
      fc.property(
        world,
        uneven,
        oneMoreNode,
        fc.integer({ min: 1, max: 3 }),
        ({ nodes, build }, some, added, count) => {
          const demands = together(some.slice(0, count), count > 1 ? count : 0);
          const before = allocate(build(nodes), [tenant('tenant-a'), tenant('tenant-b')], demands, NOW);
          if (before.some(({ kind }) => kind === 'decline')) return;
          const [after] = allocate(build([...nodes, added]), [tenant('tenant-a'), tenant('tenant-b')], demands, NOW);
          const isCut = after?.kind === 'decline' && after.message.includes(NOT_ALL_TRIED);
          seen[isCut ? 'cut' : 'kept'] += 1;
          if (!isCut) expect(after?.kind).toBe('accept');
        },
      ),
      runs(800),
    );
    expect(seen.kept).toBeGreaterThan(50);
    expect(seen.cut).toBeLessThan(seen.kept / 50);
  });
});
