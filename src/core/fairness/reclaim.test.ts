import { describe, expect, test } from '@jest/globals';
import type { Slot } from '../../api/reservation.ts';
import {
  NOW,
  amounts,
  demand,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  tenant,
  viewOf,
} from '../../../test/support/core-builders.ts';
import type { Tenant } from '../allocator/decision.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { reclaim } from './reclaim.ts';

const TENANTS = [
  tenant('owner', { guarantee: amounts({ cpu: 4, memory: '16Gi' }) }),
  tenant('guest', { revocable: true }),
  tenant('keeper'),
];

const CLAIMANT = { namespace: 'shop', name: 'claimant', uid: 'uid-claimant' };

const VOLUME = { claim: 'data', pool: '', storageClassName: 'fast', bytes: 1, pinned: false };

/** A cluster of nodes of 4 CPU where each app has one member. */
function held(
  apps: Readonly<Record<string, Partial<Slot> & { readonly node: string; readonly framework?: string }>>,
): ClusterView {
  const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
  for (const [name, { node, framework = 'guest', ...rest }] of Object.entries(apps)) {
    view.setReservation(reservation(name, [slot(`${name}-0`, node, rest)], { framework }));
  }
  return view;
}

const cpu = (count: number) => ({ cpu: String(count), memory: '1Gi', pods: '1' });

const claim = (count: number, cpus = 1) =>
  demand('claimant', { framework: 'owner', count, member: { requests: { cpu: cpus } } });

const wanting = (cpus: number, memory: string) =>
  demand('claimant', { framework: 'owner', member: { requests: { cpu: cpus, memory } } });

function victims(view: ClusterView, asked = claim(1), tenants: readonly Tenant[] = TENANTS): readonly string[] {
  return reclaim(view, tenants, [asked], NOW)?.victims.map(({ member }) => member) ?? [];
}

const guest = (count: number) => [
  ...TENANTS.filter(({ name }) => name !== 'guest'),
  tenant('guest', { revocable: true, guarantee: amounts({ cpu: count, memory: '16Gi' }) }),
];

const allLent = () => held({ a: { node: 'n1', resources: cpu(4) }, b: { node: 'n2', resources: cpu(4) } });

const guestInTeam = (count: number) => [
  ...TENANTS.filter(({ name }) => name !== 'guest'),
  tenant('team', { guarantee: amounts({ cpu: count, memory: '16Gi' }) }),
  tenant('guest', { parent: 'team', revocable: true }),
];

describe('a guarantee that was lent out comes back', () => {
  test('from the fewest members, and what they free is the claimant’s', () => {
    const view = held({
      a: { node: 'n1', resources: cpu(2) },
      b: { node: 'n1', resources: cpu(2) },
      c: { node: 'n2', resources: cpu(4) },
    });
    expect(reclaim(view, TENANTS, [claim(1, 3)], NOW)).toEqual({
      victims: [{ app: { namespace: 'shop', name: 'c', uid: 'uid-c' }, framework: 'guest', member: 'c-0', node: 'n2' }],
      guarantee: { resource: 'cpu', guaranteed: 4000, used: 0 },
      claimant: { app: CLAIMANT, framework: 'owner' },
      earmarks: [
        {
          app: CLAIMANT,
          framework: 'owner',
          places: [
            {
              member: 'claimant-0',
              node: 'n2',
              zone: '',
              resources: amounts({ cpu: 3, memory: '1Gi', pods: 1 }),
              volumes: [],
            },
          ],
        },
      ],
    });
  });

  test.each<[string, ClusterView, readonly string[]]>([
    [
      'first from members without volumes',
      held({ a: { node: 'n1', resources: cpu(4), volumes: [VOLUME] }, b: { node: 'n2', resources: cpu(4) } }),
      ['b-0'],
    ],
    [
      'first from the newest',
      held({
        a: { node: 'n1', resources: cpu(4), acceptedAt: '2026-01-01T00:00:00Z' },
        b: { node: 'n2', resources: cpu(4), acceptedAt: '2026-01-02T00:00:00Z' },
      }),
      ['b-0'],
    ],
    [
      'of one node too',
      held({
        a: { node: 'n1', resources: cpu(2), acceptedAt: '2026-01-02T00:00:00Z' },
        b: { node: 'n1', resources: cpu(2), acceptedAt: '2026-01-01T00:00:00Z' },
        c: { node: 'n2', resources: cpu(4), framework: 'keeper' },
      }),
      ['a-0'],
    ],
    [
      'from members with volumes that the network reaches, when there are no others',
      held({
        a: { node: 'n1', resources: cpu(4), volumes: [VOLUME] },
        b: { node: 'n2', resources: cpu(4), framework: 'keeper' },
      }),
      ['a-0'],
    ],
    [
      'never from a member with a local volume',
      held({
        a: { node: 'n1', resources: cpu(4), volumes: [{ ...VOLUME, pinned: true }] },
        b: { node: 'n2', resources: cpu(4), framework: 'keeper' },
      }),
      [],
    ],
    [
      'never from a framework that is not revocable',
      held({
        a: { node: 'n1', resources: cpu(4), framework: 'keeper' },
        b: { node: 'n2', resources: cpu(4), framework: 'keeper' },
      }),
      [],
    ],
    ['from nobody while there is room', held({ a: { node: 'n1', resources: cpu(4) } }), []],
  ])('%s', (_what, view, expected) => {
    expect(victims(view)).toEqual(expected);
  });

  test('for a whole gang, or for nobody', () => {
    const view = held({
      a: { node: 'n1', resources: cpu(4) },
      b: { node: 'n2', resources: cpu(4), framework: 'keeper' },
    });
    expect(victims(view, claim(4))).toEqual(['a-0']);
    expect(victims(view, claim(2, 2))).toEqual(['a-0']);
    expect(
      victims(
        view,
        demand('claimant', {
          framework: 'owner',
          count: 2,
          rules: { constraints: [{ key: '@hostname', operator: 'Unique' }] },
        }),
      ),
    ).toEqual([]);
  });

  test('not where somebody else’s pod would still be in the way', () => {
    const view = held({
      a: { node: 'n1', resources: cpu(1) },
      b: { node: 'n2', resources: cpu(4), framework: 'keeper' },
    });
    view.setPod(podFacts('stranger', { nodeName: 'n1', requests: { cpu: '3' } }));
    expect(victims(view, claim(1, 2))).toEqual([]);
    expect(victims(view, claim(1, 1))).toEqual(['a-0']);
  });

  test('never for more than is guaranteed, nor for a framework that is guaranteed nothing', () => {
    const view = held({ a: { node: 'n1', resources: cpu(4) }, b: { node: 'n2', resources: cpu(4) } });
    expect(victims(view, claim(5))).toEqual([]);
    expect(victims(view, demand('claimant', { framework: 'keeper' }))).toEqual([]);
  });

  test('not out of what the guest is guaranteed itself', () => {
    const view = held({ a: { node: 'n1', resources: cpu(4) }, b: { node: 'n2', resources: cpu(4) } });
    expect(victims(view, claim(1), guest(8))).toEqual([]);
    expect(victims(view, claim(1), guest(4)).length).toBe(1);
  });

  test('not out of what the guest is guaranteed of what lacks, though it borrows something else', () => {
    const view = held({
      a: { node: 'n1', resources: { cpu: '4', memory: '1Gi', pods: '1' } },
      b: { node: 'n2', resources: { cpu: '1', memory: '15Gi', pods: '1' } },
    });
    const tenants = [
      ...TENANTS.filter(({ name }) => name !== 'guest'),
      tenant('guest', { revocable: true, guarantee: amounts({ cpu: 8 }) }),
    ];
    // No memory lacks on n1, and no CPU on n2: memory was lent, CPU was not.
    expect(victims(view, wanting(4, '1Gi'), tenants)).toEqual([]);
    expect(victims(view, wanting(1, '15Gi'), tenants)).toEqual(['b-0']);
  });

  test('not from whoever the caller spares', () => {
    const view = held({
      a: { node: 'n1', resources: cpu(4) },
      b: { node: 'n2', resources: cpu(4) },
    });
    const sparing = (...names: readonly string[]) =>
      reclaim(view, TENANTS, [claim(1)], NOW, { isSpared: ({ appName }) => names.includes(appName) });
    expect(sparing('a')?.victims.map(({ member }) => member)).toEqual(['b-0']);
    expect(sparing('a', 'b')).toBeUndefined();
  });

  test('those that go already count as gone from what their framework has', () => {
    const view = held({ a: { node: 'n1', resources: cpu(4) }, b: { node: 'n2', resources: cpu(4) } });
    const leaving = view.slotsOn('n1');
    expect(reclaim(view, guest(4), [claim(1)], NOW, { leaving })).toBeUndefined();
    expect(reclaim(view, guest(4), [claim(1)], NOW)?.victims).toHaveLength(1);
  });

  describe('in a tree', () => {
    const both = { cpu: 4, memory: '16Gi' };

    test('not out of what the one above the guest is guaranteed', () => {
      expect(victims(allLent(), claim(1), guestInTeam(8))).toEqual([]);
      expect(victims(allLent(), claim(1), guestInTeam(4))).toHaveLength(1);
    });

    test('from beside it, though both together have all that the one above them is guaranteed', () => {
      const tenants = [
        tenant('team', { guarantee: amounts(both) }),
        tenant('owner', { parent: 'team', guarantee: amounts(both) }),
        tenant('guest', { parent: 'team', revocable: true }),
      ];
      expect(victims(allLent(), claim(1), tenants)).toHaveLength(1);
    });

    test('but not from others then: they owe the ones above nothing', () => {
      const tenants = [
        tenant('team', { guarantee: amounts(both) }),
        tenant('owner', { parent: 'team', guarantee: amounts(both) }),
        tenant('beside', { parent: 'team' }),
        tenant('guest', { revocable: true }),
      ];
      const full = held({
        a: { node: 'n1', resources: cpu(4) },
        b: { node: 'n2', resources: cpu(4), framework: 'beside' },
      });
      expect(victims(full, claim(1), tenants)).toEqual([]);
    });
  });

  test('from those below a revocable framework', () => {
    const tenants = [
      ...TENANTS.filter(({ name }) => name !== 'guest'),
      tenant('all', { revocable: true }),
      tenant('guest', { parent: 'all' }),
    ];
    const view = held({ a: { node: 'n1', resources: cpu(4) }, b: { node: 'n2', resources: cpu(4) } });
    expect(victims(view, claim(1), tenants)).toHaveLength(1);
  });
});
