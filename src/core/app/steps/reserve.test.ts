import { describe, expect, test } from '@jest/globals';
import type { Slot } from '../../../api/reservation.ts';
import {
  DATA,
  NOW,
  app,
  claim,
  facts,
  pendingPod,
  pod,
  reservation,
  slot,
} from '../../../../test/support/app-builders.ts';
import { ANNOTATION_LAUNCHED } from '../build/annotations.ts';
import type { AppFacts } from '../facts.ts';
import { plan } from '../make-plan.ts';
import { memberPods } from '../member-pods.ts';
import type { KubeObject } from '../plan.ts';

const sts = (replicas: number, launched: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'db',
    uid: 'sts-1',
    annotations: { [ANNOTATION_LAUNCHED]: String(launched) },
    ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
  },
  spec: { replicas },
});
const held = (...ordinals: number[]): Slot[] =>
  ordinals.map((ordinal) => slot({ member: `db-${ordinal}`, node: `n${ordinal + 1}` }));
const asked = (given: Partial<AppFacts>) => {
  const { demand } = plan(facts(given), NOW);
  return demand === undefined ? undefined : [demand.members.map((member) => member.ordinal), demand.minMembers];
};

const decline = (reason: 'InsufficientCPU' | 'FrameworkLimit'): AppFacts['decline'] => ({
  kind: 'decline',
  app: { namespace: 'prod', name: 'db', uid: 'app-1' },
  reason,
  message: 'no',
  nodesByReason: {},
  refusals: [],
});
const replicasOf = (given: Partial<AppFacts>, now: number): unknown => {
  const status = plan(facts(given), NOW).status;
  const { actions, wakeAfterSeconds } = plan(facts({ ...given, app: app({ status }) }), now);
  const made = actions.find((action) => action.kind === 'apply' && action.object.kind === 'StatefulSet');
  return [
    made?.kind === 'apply' ? (made.object['spec'] as { replicas: number }).replicas : undefined,
    wakeAfterSeconds,
  ];
};

const podsOf = (given: Partial<AppFacts>) => (replicasOf(given, NOW + 15) as readonly unknown[])[0];

describe('members that want slots', () => {
  test.each<[string, Partial<AppFacts>, unknown]>([
    ['at launch: all together', {}, [[0, 1, 2], 3]],
    ['at launch, one by one', { app: app({ spec: { gang: { minMembers: 1 } } }) }, [[0, 1, 2], 1]],
    ['at launch, two of three', { app: app({ spec: { gang: { minMembers: 2 } } }) }, [[0, 1, 2], 2]],
    [
      'what a launch of two of three left over',
      { app: app({ spec: { gang: { minMembers: 2 } } }), reservation: reservation(held(0, 1)), statefulSet: sts(2, 2) },
      [[2], 1],
    ],
    [
      'at scale-out: the new ones together',
      { app: app({ spec: { replicas: 5 } }), reservation: reservation(held(0, 1, 2)), statefulSet: sts(3, 3) },
      [[3, 4], 2],
    ],
    ['one that lost its slot: alone', { reservation: reservation(held(0, 2)), statefulSet: sts(3, 3) }, [[1], 1]],
    [
      'two that lost their slots: each for itself',
      { reservation: reservation(held(0)), statefulSet: sts(3, 3) },
      [[1, 2], 1],
    ],
    [
      'lost ones before new ones',
      { app: app({ spec: { replicas: 5 } }), reservation: reservation(held(0, 2)), statefulSet: sts(3, 3) },
      [[1], 1],
    ],
    [
      'a launch whose pods exist only to be seen by an autoscaler: still together',
      { statefulSet: sts(3, 0) },
      [[0, 1, 2], 3],
    ],
    ['none when all have one', { reservation: reservation(held(0, 1, 2)), statefulSet: sts(3, 3) }, undefined],
    ['none of a suspended app', { app: app({ spec: { suspend: true } }) }, undefined],
    ['none of an app without members', { app: app({ spec: { replicas: 0 } }) }, undefined],
    [
      'none when a member of the gang may not start',
      { app: app({ spec: { volumeClaims: [DATA] } }), claims: [claim({ labels: {} })] },
      undefined,
    ],
    [
      'the others when they are enough',
      { app: app({ spec: { volumeClaims: [DATA], gang: { minMembers: 2 } } }), claims: [claim({ labels: {} })] },
      [[1, 2], 2],
    ],
  ])('%s', (_what, given, wanted) => {
    expect(asked(given)).toEqual(wanted);
  });

  test('are described whole: requests, volumes, rules, who is placed, and where they were', () => {
    const given = facts({
      app: app({
        spec: {
          volumeClaims: [DATA],
          placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] },
          template: {
            spec: {
              containers: [{ name: 'db', resources: { requests: { cpu: '1' } } }],
              nodeSelector: { disk: 'ssd' },
              affinity: {
                nodeAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: {
                    nodeSelectorTerms: [{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }],
                  },
                },
              },
              tolerations: [{ key: 'dedicated', operator: 'Exists' }],
            },
          },
        },
      }),
      claims: [claim({ name: 'data-db-1', bytes: 2 ** 31, storageClassName: 'older', selectedNode: 'n4' })],
      reservation: reservation(held(0, 2)),
      statefulSet: sts(3, 3),
    });
    expect(plan(given, NOW).demand).toEqual({
      app: { namespace: 'prod', name: 'db', uid: 'app-1' },
      framework: 'default',
      pods: memberPods(given.app, given.statefulSet),
      priority: 0,
      pendingSinceSeconds: NOW,
      members: [
        {
          member: 'db-1',
          ordinal: 1,
          requests: { cpu: 1000, pods: 1 },
          volumes: [{ claim: 'data-db-1', pool: '', storageClassName: 'older', bytes: 2 ** 31 }],
          previousNode: 'n4',
        },
      ],
      minMembers: 1,
      rules: {
        constraints: [{ key: '@hostname', operator: 'Unique' }],
        policies: [{ name: 'spread', weight: 1 }],
        nodeSelector: { disk: 'ssd' },
        nodeAffinityTerms: [[{ key: 'x', operator: 'Exists', values: [] }]],
        tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      },
      placed: [
        { member: 'db-0', node: 'n1' },
        { member: 'db-2', node: 'n3' },
      ],
    });
  });

  test('wait visibly, with the allocator’s own words and since when', () => {
    const decline: AppFacts['decline'] = {
      kind: 'decline',
      app: { namespace: 'prod', name: 'db', uid: 'app-1' },
      reason: 'InsufficientCPU',
      message: '0 of 3 nodes fit db-0: 3 have too little CPU',
      nodesByReason: { InsufficientCPU: 3 },
      refusals: [],
    };
    const { status, demand } = plan(facts({ decline }), NOW);
    expect(status.offers).toEqual({
      pendingSince: '2026-01-02T03:04:05Z',
      attempts: 1,
      rejected: { InsufficientCPU: 3 },
    });
    expect(status.operations).toEqual([
      { type: 'Launch', progress: '0/3', blockedBy: 'InsufficientCPU', message: decline.message },
    ]);
    const later = plan(facts({ decline, app: app({ status }) }), NOW + 100);
    expect(later.demand?.pendingSinceSeconds).toBe(demand?.pendingSinceSeconds);
    expect(later.status.offers).toEqual(status.offers);
  });

  test('without room for afterSeconds, pods are made for an autoscaler to see; not when no node would help', () => {
    expect(replicasOf({ decline: decline('InsufficientCPU') }, NOW + 5)).toEqual([0, 10]);
    expect(replicasOf({ decline: decline('InsufficientCPU') }, NOW + 15)).toEqual([3, undefined]);
    expect(replicasOf({ decline: decline('FrameworkLimit') }, NOW + 15)).toEqual([0, undefined]);
  });

  test('pods that an autoscaler sees go when it is the framework’s limit that lacks; those with a node stay, and those launched', () => {
    const over = { decline: decline('FrameworkLimit') };
    expect(podsOf({ ...over, statefulSet: sts(3, 0) })).toBe(0);
    expect(podsOf({ ...over, statefulSet: sts(3, 2) })).toBe(2);
    expect(podsOf({ ...over, statefulSet: sts(3, 0), reservation: reservation(held(1)) })).toBe(2);
    const bound = [pod({ name: 'db-1' }), pendingPod({ name: 'db-2' })];
    expect(podsOf({ ...over, statefulSet: sts(3, 0), pods: bound })).toBe(2);
    expect(podsOf({ decline: decline('InsufficientCPU'), statefulSet: sts(3, 0) })).toBe(3);
  });

  test('a pod that runs counts as placed, whatever the Reservation says', () => {
    expect(asked({ statefulSet: sts(3, 3), pods: [pod(), pod({ name: 'db-1' })] })).toEqual([[2], 1]);
  });
});
