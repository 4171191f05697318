import { describe, expect, test } from '@jest/globals';
import {
  GI,
  NOW,
  amounts,
  capacityFacts,
  demand,
  memberDemand,
  nodeFacts,
  storageClassFacts,
  tenant,
  viewOf,
  volumeDemand,
} from '../../../test/support/core-builders.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { allocate } from './allocate.ts';
import type { Decision, Tenant } from './decision.ts';
import type { Demand } from './demand.ts';
import { demandUnits } from './gang-units.ts';
import { wantsNodes } from './wants-nodes.ts';

const APPS = ['es-master', 'es-data'];
const gang = { key: `shop/${APPS.join(' ')}`, apps: APPS, lead: 'es-master' };
type Options = Parameters<typeof demand>[1];
const master = (options: Options = {}) => demand('es-master', { count: 3, gang, ...options });
const data = (options: Options = {}) => demand('es-data', { count: 2, gang, ...options });
const sized = (app: string, ...cpus: readonly string[]) =>
  cpus.map((cpu, i) => memberDemand(app, i, { requests: { cpu, memory: '1Gi' } }));

const withDisk = (app: string) => [memberDemand(app, 0, { volumes: [volumeDemand(`data-${app}-0`)] })];

const limits = (a: string, b: string) => [
  tenant('a', { limit: amounts({ cpu: a }) }),
  tenant('b', { limit: amounts({ cpu: b }) }),
];

const decide = (view: ClusterView, demands: readonly Demand[], tenants: readonly Tenant[] = [tenant()]) =>
  allocate(view, tenants, demands, NOW);

const told = (decisions: readonly Decision[]) =>
  decisions.map((decision) =>
    decision.kind === 'accept'
      ? `${decision.app.name}: ${decision.slots.map(({ member, node }) => `${member} on ${node}`).join(', ')}`
      : `${decision.app.name}: ${decision.reason}: ${decision.message}`,
  );

const change = (view: ClusterView) =>
  decide(view, [master(), data()]).map((decision) => decision.kind === 'decline' && decision.smallestChange);

const nodes = (...cpus: readonly string[]) =>
  viewOf(...cpus.map((cpu, i) => nodeFacts(`n${i + 1}`, { allocatable: { cpu, memory: '64Gi' } })));

const unit = (...demands: readonly Demand[]) =>
  demandUnits(demands).map(({ demands: all }) => all.map((d) => d.app.name));

describe('demands', () => {
  test('of one gang are one unit, in the order of its list, and the first of them leads', () => {
    expect(unit(data(), demand('solo'), master())).toEqual([['es-master', 'es-data'], ['solo']]);
    expect(demandUnits([data()])[0]?.lead.app.name).toBe('es-data');
  });

  test('that name another list, or none, are units of their own', () => {
    const other = { key: 'shop/es-data es-master', apps: APPS.toReversed(), lead: 'es-data' };
    expect(unit(master(), data({ gang: other }), demand('a'), demand('b'))).toEqual([
      ['es-master'],
      ['es-data'],
      ['a'],
      ['b'],
    ]);
  });
});

describe('a gang of two apps', () => {
  test('is placed together', () => {
    const decisions = decide(nodes('4', '4'), [data(), master()]);
    expect(decisions.map(({ kind, app }) => `${kind} ${app.name}`)).toEqual(['accept es-master', 'accept es-data']);
  });

  test('is not placed in part, and each app says which member lacks what', () => {
    const decisions = decide(nodes('4'), [master(), data(), demand('small', { pendingSinceSeconds: NOW + 1 })]);
    expect(told(decisions)).toEqual([
      'es-master: GangIncomplete: es-master starts together with es-data, which waits: 4 of the 5 members that must start together fit; then es-data-1: 0 of 1 nodes fit: 1 InsufficientCPU (needs 1000m, most free 0m on n1)',
      'es-data: GangIncomplete: 4 of the 5 members that must start together fit; then es-data-1: 0 of 1 nodes fit: 1 InsufficientCPU (needs 1000m, most free 0m on n1)',
      'small: small-0 on n1',
    ]);
    expect(decisions.every((decision) => decision.kind === 'accept' || wantsNodes(decision))).toBe(true);
  });

  test('names the smallest change for all that lack a place, in both apps', () => {
    expect(change(nodes('4'))).toEqual(['1000m more cpu on n1', '1000m more cpu on n1']);
    expect(change(nodes('2'))).toEqual(['3000m more cpu on n1', '3000m more cpu on n1']);
    const large = decide(nodes('4'), [master({ count: 1 }), data({ members: sized('es-data', '4', '4') })]);
    expect(large.map((one) => one.kind === 'decline' && one.smallestChange)).toEqual([
      '5000m more cpu on n1',
      '5000m more cpu on n1',
    ]);
  });

  test('is helped by a new node only where the rules of the app that goes there allow it', () => {
    const view = viewOf(
      nodeFacts('n1', { labels: { rack: 'r1' } }),
      nodeFacts('n2', { labels: { rack: 'r2' }, allocatable: { cpu: '2' } }),
    );
    const four = master({ members: sized('es-master', '3', '3') });
    const decisions = decide(view, [
      four,
      data({ members: sized('es-data', '2', '2'), rules: { nodeSelector: { rack: 'r2' } } }),
    ]);
    // Members of es-data may not be beside es-master-1 on a node like n1, though there is room.
    expect(decisions.map((one) => one.kind === 'decline' && one.smallestChange)[0]).toMatch(/on n2|like n2/);
  });

  test('places the member first that fits on fewest nodes, whichever app it is of', () => {
    const view = nodes('8', '2', '2');
    const decisions = decide(view, [
      master({ members: sized('es-master', '2', '2') }),
      data({ members: sized('es-data', '8') }),
    ]);
    expect(told(decisions)).toEqual(['es-master: es-master-0 on n2, es-master-1 on n3', 'es-data: es-data-0 on n1']);
  });

  test('tries other nodes when the first choice leaves no room for the others', () => {
    // Both fit on both nodes alone; only one of the two ways fits together with the volume that n1 alone can hold.
    const view = nodes('4', '4');
    view.setStorageClass(storageClassFacts());
    view.setCapacity(capacityFacts('c1', { nodeLabels: { 'kubernetes.io/hostname': 'n1' }, capacityBytes: 10 * GI }));
    const disk = memberDemand('es-data', 0, { requests: { cpu: '3' }, volumes: [volumeDemand('data-es-data-0')] });
    const decisions = decide(view, [master({ members: sized('es-master', '3') }), data({ members: [disk] })]);
    expect(told(decisions)).toEqual(['es-master: es-master-0 on n2', 'es-data: es-data-0 on n1']);
  });

  test('counts volumes of all apps in one pool together', () => {
    const view = nodes('9', '9');
    view.setStorageClass(storageClassFacts());
    view.setCapacity(capacityFacts('all', { capacityBytes: 15 * GI }));
    const asked = [master({ members: withDisk('es-master') }), data({ members: withDisk('es-data') })];
    expect(decide(view, asked).map(({ kind }) => kind)).toEqual(['decline', 'decline']);
    view.setCapacity(capacityFacts('all', { capacityBytes: 20 * GI }));
    expect(decide(view, asked).map(({ kind }) => kind)).toEqual(['accept', 'accept']);
  });

  test('takes of each app its minimum at least, and more where there is room', () => {
    const asked = [master({ count: 4, minMembers: 2 }), data({ count: 2, minMembers: 1 })];
    expect(decide(nodes('2'), asked).map(({ kind }) => kind)).toEqual(['decline', 'decline']);
    const members = decide(nodes('4'), asked).map((decision) =>
      decision.kind === 'accept' ? decision.slots.length : 0,
    );
    expect(members).toEqual([3, 1]);
  });

  test('is charged to the framework of each app, and held to its limit', () => {
    const asked = [master({ framework: 'a' }), data({ framework: 'b' })];
    const kinds = (a: string, b: string) => decide(nodes('9'), asked, limits(a, b)).map(({ kind }) => kind);
    expect(kinds('3', '2')).toEqual(['accept', 'accept']);
    expect(kinds('3', '1')).toEqual(['decline', 'decline']);
    expect(kinds('2', '5')).toEqual(['decline', 'decline']);
  });

  test('of one framework is held to its limit together; that can never fit asks for no nodes', () => {
    const tenants = [tenant('default', { limit: amounts({ cpu: '4' }) })];
    const decisions = decide(nodes('99'), [master(), data()], tenants);
    expect(told(decisions)).toEqual([
      'es-master: GangIncomplete: es-master starts together with es-data, which waits: framework default is at its limit of cpu: 3000m of 4000m charged, 2000m more needed (1 of the 2 members that must start together would be within it)',
      'es-data: FrameworkLimit: framework default is at its limit of cpu: 3000m of 4000m charged, 2000m more needed (1 of the 2 members that must start together would be within it)',
    ]);
    expect(decisions.some((decision) => decision.kind === 'decline' && wantsNodes(decision))).toBe(false);
  });

  test('below one parent is held to the limit of the parent together', () => {
    const tenants = [
      tenant('org', { limit: amounts({ cpu: '4' }) }),
      tenant('a', { parent: 'org' }),
      tenant('b', { parent: 'org' }),
    ];
    const asked = [master({ framework: 'a' }), data({ framework: 'b' })];
    expect(decide(nodes('99'), asked, tenants).map(({ kind }) => kind)).toEqual(['decline', 'decline']);
    const two = [master({ framework: 'a', count: 2 }), data({ framework: 'b' })];
    expect(decide(nodes('99'), two, tenants).map(({ kind }) => kind)).toEqual(['accept', 'accept']);
  });

  test('leaves the charges as they were when it is declined', () => {
    const tenants = [tenant('default', { limit: amounts({ cpu: '4' }) })];
    const decisions = decide(nodes('99'), [master(), data(), demand('late', { count: 4, priority: -1 })], tenants);
    expect(decisions.at(-1)).toMatchObject({ kind: 'accept', app: { name: 'late' } });
  });

  test('whose app wants a framework that does not exist says so, in both', () => {
    const decisions = decide(nodes('99'), [master(), data({ framework: 'nobody' })]);
    expect(told(decisions)).toEqual([
      'es-master: GangIncomplete: es-master starts together with es-data, which waits: there is no framework nobody',
      'es-data: FrameworkNotFound: there is no framework nobody',
    ]);
  });
});
