import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Decision } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { NOT_ALL_TRIED } from '../../src/core/allocator/level-two-built-in.ts';
import { applyChanges } from '../../src/core/explain/apply-changes.ts';
import type { Change } from '../../src/core/explain/change.ts';
import { completeChange } from '../../src/core/explain/complete-change.ts';
import { LoadedCluster } from '../../src/core/view/load-objects.ts';
import { GI, NOW, capacityFacts, csiNodeFacts, podFacts, storageClassFacts, tenant } from '../support/core-builders.ts';
import { demandOf, someDemands, someNodes } from './arbitrary-demands.ts';
import { runs } from '../support/law-runs.ts';

const TENANTS = [tenant('tenant-a'), tenant('tenant-b', { weight: 3 })];

/** Small clusters whose facts can be looked up again, so that changes can be tried on them. */
const cluster: fc.Arbitrary<LoadedCluster> = fc
  .record({
    nodes: someNodes,
    pods: fc.array(fc.tuple(fc.nat(5), fc.constantFrom('500m', '1', '3')), { maxLength: 5 }),
    // A driver tells segments of one class apart by one list of labels: here by rack, or by node.
    segments: fc.oneof(
      fc.array(
        fc.tuple(
          fc.constantFrom('r1', 'r2').map((rack) => ({ rack })),
          fc.constantFrom(10, 25, 60),
        ),
        {
          maxLength: 2,
        },
      ),
      fc.array(
        fc.tuple(
          fc.nat(5).map((node) => ({ 'kubernetes.io/hostname': `n${node}` })),
          fc.constantFrom(5, 25),
        ),
        { maxLength: 3 },
      ),
    ),
    maximum: fc.option(fc.constantFrom(5, 20), { nil: undefined, freq: 3 }),
    limit: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ nodes, pods, segments, maximum, limit }) => {
    const loaded = new LoadedCluster();
    const { view } = loaded;
    for (const node of nodes) view.setNode(node);
    for (const [i, [place, cpu]] of pods.entries()) {
      view.setPod(podFacts(`stranger-${i}`, { nodeName: `n${place}`, requests: { cpu } }));
    }
    view.setStorageClass(storageClassFacts('fast'));
    for (const [i, [nodeLabels, gigabytes]] of segments.entries()) {
      const facts = capacityFacts(`c${i}`, {
        nodeLabels: { ...nodeLabels },
        capacityBytes: gigabytes * GI,
        maximumVolumeBytes: maximum === undefined ? undefined : maximum * GI,
      });
      loaded.capacities.set(`kube-system/c${i}`, facts);
      view.setCapacity(facts);
    }
    for (const node of nodes) {
      const facts = csiNodeFacts(node.name, limit);
      loaded.csiNodes.set(node.name, facts);
      view.setCsiNode(facts);
    }
    return loaded;
  });

function decisionOn(loaded: LoadedCluster, ...demands: readonly Demand[]): Decision {
  const [decision] = allocate(loaded.view, TENANTS, demands, NOW);
  if (decision === undefined) throw new Error('a demand without a decision');
  return decision;
}

const canBeTried = (changes: readonly Change[]): boolean =>
  changes.length > 0 &&
  changes.every(({ kind, ...rest }) => kind !== 'lift' || ('reason' in rest && TRIED.has(rest.reason)));
const TRIED: ReadonlySet<string> = new Set(['NodeCordoned', 'NodeNotReady']);

/** The apps as one gang. */
function gangOf(demands: readonly Demand[]): readonly Demand[] {
  const apps = demands.map(({ app }) => app.name);
  const gang = { key: apps.join(' '), apps, lead: apps[0] ?? '' };
  return demands.map((demand) => ({ ...demand, gang }));
}

const someGang = fc
  .integer({ min: 2, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => demandOf(`app${i}`, { count: 3 }))))
  .map(gangOf);

const areEqual = ([only, ...others]: readonly Demand[]): boolean =>
  others.length === 0 &&
  only?.members.every(({ requests }) => requests['cpu'] === only.members[0]?.requests['cpu']) === true;

/** What is even depends on the order of members that differ, and on nodes that the change brings in for another app. */
const isGrouped = ({ rules }: Demand): boolean => rules.constraints.some(({ operator }) => operator === 'GroupBy');

/** Whether the change that the decline names, made, gives them their places; undefined: there is none that can be made here. */
function isEnough(loaded: LoadedCluster, demands: readonly Demand[]): boolean | undefined {
  const decision = decisionOn(loaded, ...demands);
  const changes = decision.kind === 'decline' ? (decision.changes ?? []) : [];
  if (!canBeTried(changes) || (!areEqual(demands) && demands.some(isGrouped))) return undefined;
  const undo = applyChanges(loaded, changes);
  const after = decisionOn(loaded, ...demands);
  undo?.();
  if (after.kind === 'accept') return true;
  if (after.message.includes(NOT_ALL_TRIED)) return false;
  // A group that had no node for them, and has one by the change, has to be filled evenly from now on.
  if (demands.some(isGrouped) && 'ConstraintGroupBy' in after.nodesByReason) return undefined;
  throw new Error(`${show(decision)}\n${show(after)}`);
}

const show = (decision: Decision): string => JSON.stringify(decision, null, 1).slice(0, 3000);

describe('explanation', () => {
  test.each<[string, fc.Arbitrary<readonly Demand[]>, number]>([
    ['the members of one app', demandOf('app').map((one) => [one]), 1500],
    ['all apps of a gang', someGang, 1500],
  ])('the smallest change, made, gives %s their places', (_whose, arbitrary, numRuns) => {
    const seen = { enough: 0, cut: 0 };
    fc.assert(
      fc.property(cluster, arbitrary, (loaded, demands) => {
        const isIt = isEnough(loaded, demands);
        if (isIt !== undefined) seen[isIt ? 'enough' : 'cut'] += 1;
      }),
      runs(numRuns),
    );
    expect(seen.enough).toBeGreaterThan(200);
    // Members that differ may be arranged in more ways than are tried.
    expect(seen.cut).toBeLessThan(seen.enough / 50);
  });

  test('a change that is tried leaves no trace', () => {
    fc.assert(
      fc.property(cluster, demandOf('app'), (loaded, demand) => {
        const before = decisionOn(loaded, demand);
        completeChange(loaded, { tenants: TENANTS, demands: [demand], now: NOW }, demand);
        expect(decisionOn(loaded, demand)).toEqual(before);
      }),
      runs(200),
    );
  });

  test('a refused demand is refused by every node, and one that is accepted is explained by no decline', () => {
    fc.assert(
      fc.property(cluster, someDemands, (loaded, demands) => {
        for (const decision of allocate(loaded.view, TENANTS, demands, NOW)) {
          if (decision.kind === 'accept') continue;
          const told = Object.values(decision.nodesByReason).reduce((sum, count) => sum + count, 0);
          if (loaded.view.nodeCount > 0) expect(told).toBeGreaterThanOrEqual(loaded.view.nodeCount);
          const nodes = new Set(decision.refusals.map(({ node }) => node));
          expect(nodes.size).toBe(loaded.view.nodeCount);
        }
      }),
      runs(300),
    );
  });

  test('says of a node that it is in the way exactly when the member cannot be placed there', () => {
    fc.assert(
      fc.property(cluster, demandOf('app', { count: 1 }), (loaded, demand) => {
        const names = loaded.view.nodes().map(({ name }) => name);
        const onlyOn = (name: string): Demand => ({
          ...demand,
          rules: { ...demand.rules, nodeAffinityTerms: [[{ key: 'metadata.name', operator: 'In', values: [name] }]] },
        });
        const fitting = names.filter((name) => decisionOn(loaded, onlyOn(name)).kind === 'accept');
        const decision = decisionOn(loaded, demand);
        expect(decision.kind === 'accept').toBe(fitting.length > 0);
        for (const name of names) {
          const alone = decisionOn(loaded, onlyOn(name));
          if (alone.kind === 'accept') continue;
          const inTheWay = alone.refusals.filter(({ node }) => node === name);
          expect(inTheWay.length).toBeGreaterThan(0);
        }
      }),
      runs(200),
    );
  });
});
