import { describe, expect, test } from '@jest/globals';
import { NOW, demand, memberDemand, nodeFacts, viewOf } from '../../../test/support/core-builders.ts';
import type { Demand } from '../allocator/demand.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { AppPlacement } from './app-placement.ts';
import { RuleBook } from './compiled-rules.ts';
import { memberNeed } from './member-need.ts';
import { NodeValues } from './node-values.ts';
import { PodRun } from './pod-placement.ts';
import { placeGang } from './place-gang.ts';
import { maxSteps } from './seat-search.ts';
import { SuitabilityBook } from './suitability.ts';

function place(view: ClusterView, asked: Demand) {
  const values = new NodeValues(view);
  const scratch = view.scratch();
  const run = { view, scratch, values, now: NOW, pods: new PodRun(view, values, scratch) };
  const placement = new AppPlacement(run, new SuitabilityBook(view, scratch), {
    rules: new RuleBook(view, values).of(asked.rules),
    placed: asked.placed,
  });
  const needs = asked.members.map((member) => memberNeed(view, asked, member));
  return placeGang(placement, needs, asked.minMembers);
}

const nodes = (count: number) => Array.from({ length: count }, (_, i) => nodeFacts(`n${i}`));
const ON_EACH_HOST = { constraints: [{ key: '@hostname', operator: 'Unique' }] } as const;

describe('placing a gang', () => {
  test('takes one step for each of its equal members', () => {
    expect(place(viewOf(...nodes(5)), demand('es', { count: 5, rules: ON_EACH_HOST }))).toMatchObject({
      kind: 'placed',
      steps: 5,
    });
  });

  test('of equal members that do not fit gives up at the first that has no place', () => {
    expect(place(viewOf(...nodes(5)), demand('es', { count: 50, rules: ON_EACH_HOST }))).toMatchObject({
      kind: 'refused',
      steps: 6,
      beside: { length: 5 },
    });
  });

  test('of members that differ stays within its steps, however many orders there are', () => {
    const members = Array.from({ length: 12 }, (_, i) => memberDemand('es', i, { requests: { cpu: `${i + 1}00m` } }));
    const outcome = place(viewOf(...nodes(11)), demand('es', { members, rules: ON_EACH_HOST }));
    expect(outcome.kind).toBe('refused');
    expect(outcome.steps).toBeLessThanOrEqual(maxSteps(12, 11));
  });

  test('goes back on a choice that leaves no place for another member', () => {
    const view = viewOf(
      nodeFacts('a', { labels: { rack: 'r1', row: 'x' } }),
      nodeFacts('b', { labels: { rack: 'r1', row: 'y' } }),
      nodeFacts('c', { labels: { rack: 'r2', row: 'x' } }),
    );
    const rules = {
      constraints: [
        { key: 'rack', operator: 'Unique' },
        { key: 'row', operator: 'Unique' },
      ],
    } as const;
    const outcome = place(view, demand('es', { count: 2, rules }));
    expect(outcome.kind === 'placed' && outcome.placed.map(({ row }) => view.nodeTable.names[row])).toEqual(['b', 'c']);
  });
});
