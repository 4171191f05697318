import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate } from '../../src/core/allocator/allocate.ts';
import { AllocatorMemory } from '../../src/core/allocator/allocator-memory.ts';
import type { Decision, Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import {
  GI,
  NOW,
  amounts,
  capacityFacts,
  demand,
  nodeFacts,
  podFacts,
  storageClassFacts,
  storagePool,
  tenant,
  volumeDemand,
  volumeFacts,
} from '../support/core-builders.ts';
import { demandOf, someNodes } from './arbitrary-demands.ts';
import { clusterEvent } from './cluster-events.ts';
import { runs } from '../support/law-runs.ts';

const TENANTS = [tenant('tenant-a', { limit: amounts({ cpu: '3' }) }), tenant('tenant-b', { weight: 3 })];

type Happens = (view: ClusterView) => void;

/** A cluster, who waits for places in it, and what happens round by round; after each the allocator is asked. */
interface Story {
  readonly begins: Happens;
  readonly tenants: readonly Tenant[];
  /** How many of the apps wait from the beginning. */
  readonly waiting: number;
  readonly apps: readonly Demand[];
  readonly rounds: readonly {
    readonly happens: readonly Happens[];
    readonly seconds: number;
    /** What is accepted is promised, as the operator does unless the write fails. */
    readonly promises: boolean;
    /** This app begins to wait. */
    readonly joins: number;
  }[];
}

function storyOf(
  begins: fc.Arbitrary<Happens>,
  apps: fc.Arbitrary<readonly Demand[]>,
  event: fc.Arbitrary<Happens>,
  { tenants, waiting: count }: Pick<Story, 'tenants' | 'waiting'> = { tenants: TENANTS, waiting: 2 },
): fc.Arbitrary<Story> {
  const round = fc.record({
    happens: fc.array(event, { maxLength: 2 }),
    seconds: fc.constantFrom(0, 0, 1, 4, 30),
    promises: fc.constantFrom(true, true, true, false),
    joins: fc.nat(11),
  });
  const rounds = fc.array(round, { minLength: 2, maxLength: 16 });
  return fc.record({ begins, apps, rounds, tenants: fc.constant(tenants), waiting: fc.constant(count) });
}

/** Everything there is in the laws of the view and of the allocator. */
const anything = storyOf(
  someNodes.map((nodes) => (view) => {
    for (const node of nodes) view.setNode(node);
    view.setStorageClass(storageClassFacts('fast'));
  }),
  fc.tuple(...Array.from({ length: 6 }, (_, i) => demandOf(`app${i}`))),
  clusterEvent.map(({ apply }) => apply),
);

const NAMES = ['n0', 'n1', 'n2'] as const;

/** Three nodes with little room, and apps that wait for a little more of it to come free. */
const waiting = storyOf(
  fc.constant((view) => {
    for (const name of NAMES) view.setNode(nodeOf(name, false));
    for (const name of NAMES) view.setPod(podOn(name, '3500m'));
    view.setStorageClass(storageClassFacts('fast'));
    view.setPool(storagePool('gold', { perZone: { a: '10Gi', b: '10Gi' } }));
  }),
  fc.tuple(
    ...Array.from({ length: 6 }, (_, i) =>
      fc
        .record({
          count: fc.constantFrom(1, 1, 2),
          cpu: fc.constantFrom('1', '2'),
          volumes: fc.nat(1),
          framework: fc.constantFrom('tenant-a', 'tenant-b'),
          spread: fc.constantFrom([], [], [{ key: '@zone', operator: 'GroupBy' } as const]),
        })
        .map(({ count, cpu, volumes, framework, spread }) =>
          demand(`app${i}`, {
            framework,
            count,
            member: {
              requests: { cpu },
              volumes: volumes === 0 ? [] : [volumeDemand(`data-${i}`, { pool: 'gold', bytes: 8 * GI })],
            },
            rules: { constraints: spread },
          }),
        ),
    ),
  ),
  fc.oneof(
    fc.constantFrom(...NAMES).chain((name) =>
      fc.constantFrom('500m', '2', '3', '3500m').map(
        (cpu): Happens =>
          (view) =>
            view.setPod(podOn(name, cpu)),
      ),
    ),
    fc.tuple(fc.constantFrom(...NAMES), fc.boolean()).map(
      ([name, cordoned]): Happens =>
        (view) =>
          view.setNode(nodeOf(name, cordoned)),
    ),
    fc.constantFrom(...NAMES).map(
      (name): Happens =>
        (view) =>
          view.deleteNode(name),
    ),
    fc.tuple(fc.constantFrom('a', 'b'), fc.boolean()).map(([zone, isThere]): Happens => (view) => {
      if (isThere) view.setVolume(volumeIn(zone));
      else view.deleteVolume(`v-${zone}`);
    }),
    fc.constantFrom(0, 100).map(
      (gigabytes): Happens =>
        (view) =>
          view.setCapacity(
            capacityFacts('k', { capacityBytes: gigabytes * GI, nodeLabels: { 'topology.kubernetes.io/zone': 'b' } }),
          ),
    ),
  ),
);

const TEAMS = [
  tenant('org', { guarantee: amounts({ cpu: '4' }), lendingLimit: amounts({ cpu: '3800m' }) }),
  tenant('team-a', { parent: 'org', weight: 2 }),
  tenant('team-b', { parent: 'org', limit: amounts({ cpu: '6' }) }),
  tenant('team-c'),
];

/** Full nodes, many apps of several teams, some of which take less than they ask for; now and then a node comes free, or is made larger. */
const queueing = storyOf(
  fc.constant((view) => {
    for (const name of NAMES) view.setNode(nodeOf(name, false));
    for (const name of NAMES) view.setPod(podOn(name, '3600m'));
  }),
  fc.tuple(
    ...Array.from({ length: 8 }, (_, i) =>
      fc
        .record({
          count: fc.constantFrom(1, 1, 2, 3),
          minMembers: fc.constantFrom(1, 2),
          cpu: fc.constantFrom('500m', '500m', '1', '1', '2'),
          framework: fc.constantFrom('team-a', 'team-b', 'team-c'),
          priority: fc.constantFrom(0, 0, 1),
          constraints: fc.constantFrom([], [], [{ key: '@zone', operator: 'GroupBy' } as const]),
        })
        .map(({ count, minMembers, cpu, framework, priority, constraints }) =>
          demand(`app${i}`, {
            framework,
            count,
            priority,
            minMembers: Math.min(count, minMembers),
            member: { requests: { cpu } },
            rules: { constraints },
          }),
        ),
    ),
  ),
  fc.oneof(
    fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom('1', '2', '3', '3600m', '3600m')).map(
      ([name, cpu]): Happens =>
        (view) =>
          view.setPod(podOn(name, cpu)),
    ),
    fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom('4', '5')).map(
      ([name, cpu]): Happens =>
        (view) =>
          view.setNode({ ...nodeOf(name, false), allocatable: amounts({ cpu, memory: '16Gi', pods: 110 }) }),
    ),
  ),
  { tenants: TEAMS, waiting: 8 },
);

function nodeOf(name: string, unschedulable: boolean) {
  return nodeFacts(name, { unschedulable, zone: name === 'n0' ? 'a' : 'b' });
}

function podOn(nodeName: string, cpu: string) {
  return podFacts(`on-${nodeName}`, { nodeName, requests: { cpu } });
}

function volumeIn(zone: string) {
  return volumeFacts(`v-${zone}`, { nodeTerms: [{ 'topology.kubernetes.io/zone': [zone] }] });
}

type Compare = (kept: readonly Decision[], fresh: readonly Decision[]) => void;

function tell(
  { begins, apps, rounds, tenants, waiting: count }: Story,
  largeNodes: number | undefined,
  compare: Compare,
): void {
  const view = new ClusterView();
  begins(view);
  const memory = new AllocatorMemory(view, largeNodes === undefined ? {} : { largeNodes });
  let waits: readonly Demand[] = apps.slice(0, count);
  let now = NOW;
  for (const { happens, seconds, promises, joins } of rounds) {
    for (const change of happens) change(view);
    now += seconds;
    waits = waits.concat(apps.filter((app, i) => i === joins && !waits.includes(app)));
    const kept = memory.allocate(tenants, waits, now);
    compare(kept, allocate(view, tenants, waits, now));
    if (promises) waits = promiseAll(view, waits, kept);
  }
}

/** Those who still wait. */
function promiseAll(view: ClusterView, waits: readonly Demand[], decisions: readonly Decision[]): readonly Demand[] {
  const served = new Set<string>();
  for (const decision of decisions) {
    const asked = waits.find(({ app }) => app.uid === decision.app.uid);
    if (decision.kind === 'decline' || asked === undefined) continue;
    view.assume(decision.app, decision.slots, asked.framework);
    served.add(asked.app.uid);
  }
  return served.size === 0 ? waits : waits.filter(({ app }) => !served.has(app.uid));
}

describe.each([
  ['whatever happens', anything],
  ['while apps wait for room', waiting],
  ['while nodes come free for one after another', queueing],
])('an allocator with memory, %s', (_when, story) => {
  test('answers as one without, word for word', () => {
    fc.assert(
      fc.property(story, (told) => tell(told, undefined, (kept, fresh) => expect(kept).toEqual(fresh))),
      runs(80),
    );
  });

  test('in a large cluster accepts and declines the same, of whatever moment the numbers of a decline are', () => {
    fc.assert(
      fc.property(story, (told) => tell(told, 1, (kept, fresh) => expect(answersOf(kept)).toEqual(answersOf(fresh)))),
      runs(80),
    );
  });
});

/** What was accepted, in order; who was declined. */
function answersOf(decisions: readonly Decision[]): object {
  const declined = decisions.filter(({ kind }) => kind === 'decline').map(({ app }) => app.uid);
  return { accepted: decisions.filter(({ kind }) => kind === 'accept'), declined: declined.toSorted() };
}
