import { describe, expect, test } from '@jest/globals';
import type { Framework } from '../api/framework.ts';
import { parseFramework } from '../api/parse.ts';
import type { Demand } from '../core/allocator/demand.ts';
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
  return {
    frameworks: new Map(frameworks.map((item) => [item.metadata.name, item])),
    charges: new Map(),
    total: { cpu: 10_000, memory: 100, pods: 10 },
    demands: [],
    counts: { accepted: 0, declined: 0 },
    ...over,
  };
}

const waiting = (name: string) => ({ framework: name }) as Demand;

describe('the status of a framework', () => {
  test('the share is of the scarcest resource, over the weight; pods do not count', () => {
    const heavy = framework('heavy', { weight: 2 });
    const charges = new Map([['heavy', { cpu: 2_000, memory: 60, pods: 9 }]]);
    const status = frameworkStatus(heavy, world([heavy], { charges }), NOW);
    expect(status.share).toBe('0.300');
    expect(status.charged).toMatchObject({ cpu: '2', pods: '9' });
  });

  test('what is charged to those below, and waits there, is its own too', () => {
    const tree = [
      framework('org'),
      framework('team', { parent: 'org' }),
      framework('leaf', { parent: 'team' }),
      framework('other'),
    ];
    const charges = new Map([
      ['leaf', { cpu: 1_000 }],
      ['team', { cpu: 500 }],
      ['other', { cpu: 7_000 }],
    ]);
    const status = frameworkStatus(
      tree[0] as Framework,
      world(tree, { charges, demands: [waiting('leaf'), waiting('other')] }),
      NOW,
    );
    expect(status.charged).toEqual({ cpu: '1500m' });
    expect(status.pending).toBe(1);
  });

  test('offers are accepted and declined ones', () => {
    const one = framework('one');
    expect(frameworkStatus(one, world([one], { counts: { accepted: 3, declined: 2 } }), NOW)).toMatchObject({
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
    const { conditions } = frameworkStatus(frameworks[0] as Framework, world(frameworks), NOW);
    expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({ reason, observedGeneration: 2 });
  });

  test('fields without behaviour are told', () => {
    const external = framework('a', { scheduler: 'External' });
    const { conditions } = frameworkStatus(external, world([external]), NOW);
    expect(conditions.find(({ type }) => type === 'Supported')).toMatchObject({
      status: 'False',
      reason: 'NotSupportedYet',
    });
  });
});
