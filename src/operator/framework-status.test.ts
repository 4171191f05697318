import { describe, expect, test } from '@jest/globals';
import type { Framework } from '../api/framework.ts';
import { parseFramework } from '../api/parse.ts';
import type { Demand } from '../core/allocator/demand.ts';
import type { QueuePlace } from '../core/fairness/queue-position.ts';
import { treeProblems } from '../core/fairness/tree-problems.ts';
import { treeShape } from '../core/fairness/tree-shape.ts';
import { tenantsOf } from '../core/offers/tenants-of.ts';
import { frameworkStatus, type FrameworkWorld } from './framework-status.ts';

const NOW = 1_767_323_045;

function framework(name: string, spec: Record<string, unknown> = {}): Framework {
  return parseFramework({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'Framework',
    metadata: { name, generation: 2 },
    spec,
  });
}

function world(frameworks: readonly Framework[], over: Partial<FrameworkWorld> = {}): FrameworkWorld {
  const tenants = tenantsOf(frameworks);
  return {
    frameworks: new Map(frameworks.map((item) => [item.metadata.name, item])),
    shares: new Map(),
    charges: new Map(),
    problems: treeProblems(tenants),
    outside: new Set(treeShape(tenants).outside.keys()),
    demands: [],
    places: new Map(),
    ...over,
  };
}

const NONE = { accepted: 0, declined: 0 };

const waiting = (framework: string, uid = framework) => ({ framework, app: { uid } }) as Demand;

const place = (uid: string, position: number) => [uid, { position } as QueuePlace] as const;

const conditionOf = (type: string, frameworks: readonly Framework[]) => {
  const [first] = frameworks;
  if (first === undefined) throw new Error('no framework');
  return frameworkStatus(first, world(frameworks), NONE, NOW).conditions.find((condition) => condition.type === type);
};

describe('the status of a framework', () => {
  test('is what it is charged, its share and the fair one', () => {
    const one = framework('one');
    const shares = new Map([['one', { name: 'one', charged: { cpu: 1500 }, share: 0.3, fairShare: 0.25 }]]);
    expect(frameworkStatus(one, world([one], { shares }), NONE, NOW)).toMatchObject({
      charged: { cpu: '1500m' },
      share: '0.300',
      fairShare: '0.250',
    });
  });

  test('counts what waits below it, and tells the first place of these', () => {
    const [org, ...rest] = [
      framework('org'),
      framework('team', { parent: 'org' }),
      framework('leaf', { parent: 'team' }),
      framework('other'),
    ];
    if (org === undefined) throw new Error('no framework');
    const status = frameworkStatus(
      org,
      world([org, ...rest], {
        demands: [waiting('leaf', 'a'), waiting('leaf', 'b'), waiting('other', 'c')],
        places: new Map([place('a', 3), place('b', 2), place('c', 1)]),
      }),
      NONE,
      NOW,
    );
    expect(status).toMatchObject({ pending: 2, queuePosition: 2 });
  });

  test('offers are accepted and declined ones', () => {
    const one = framework('one');
    expect(frameworkStatus(one, world([one]), { accepted: 3, declined: 2 }, NOW)).toMatchObject({
      offersSent: 5,
      offersAccepted: 3,
      offersDeclined: 2,
    });
  });

  test.each<[string, Framework[], string]>([
    ['a parent that does not exist', [framework('a', { parent: 'nobody' })], 'FrameworkNotFound'],
    ['parents in a circle', [framework('a', { parent: 'b' }), framework('b', { parent: 'a' })], 'ParentsInCircle'],
    ['nothing wrong', [framework('a')], 'Accepted'],
  ])('%s', (_what, frameworks, reason) => {
    expect(conditionOf('Ready', frameworks)).toMatchObject({ reason, observedGeneration: 2 });
  });

  test('promises that do not go together are told, and what can be kept of them is', () => {
    const frameworks = [
      framework('a', { guarantee: { cpu: '2' } }),
      framework('b', { parent: 'a', guarantee: { cpu: '3' } }),
    ];
    expect(conditionOf('Contradictory', frameworks)).toMatchObject({ status: 'True', reason: 'GuaranteeTooLarge' });
    expect(conditionOf('Ready', frameworks)).toMatchObject({ status: 'True' });
  });

  test('fields without behaviour are told', () => {
    expect(conditionOf('Supported', [framework('a', { scheduler: 'External' })])).toMatchObject({
      status: 'False',
      reason: 'NotSupportedYet',
    });
  });
});
