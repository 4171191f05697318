import { expect, test } from '@jest/globals';
import {
  CONTAINER,
  DATA,
  LAUNCHED_ALONE,
  NOW,
  app,
  claim,
  facts,
  pod,
  reservation,
  slot,
} from '../../../test/support/app-builders.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { plan } from './make-plan.ts';

const EXPORT = { name: 'exports', nfs: { server: 's', path: '/' } };
const OTHERS = { name: 'others', persistentVolumeClaim: { claimName: 'others' } };

/** What is said of a member on a silent node, whose own volume a detach cuts off. */
function told(volumes: readonly object[], pods: readonly PodFacts[]): string {
  const template = { spec: { containers: [CONTAINER], volumes } };
  const trouble = {
    name: 'n1',
    uid: 'uid-n1',
    silentSeconds: 31,
    renewedAt: 'then',
    ready: true,
    outOfService: 'no',
    instance: 'unknown',
    wholeNodeProblem: '',
  } as const;
  const { status } = plan(
    facts({
      app: app({ spec: { replicas: 1, volumeClaims: [DATA], template } }),
      statefulSet: LAUNCHED_ALONE,
      reservation: reservation([slot({ state: 'Claimed', podUID: 'uid-db-0' })]),
      pods,
      claims: [claim()],
      recovery: {
        trouble: new Map([['n1', trouble]]),
        attachments: [],
        breakerProblem: undefined,
        exclusiveVolumes: new Set(['pv-data-db-0']),
      },
    }),
    NOW,
  );
  return status.conditions.find(({ type }) => type === 'FencingRequired')?.message ?? '';
}

const RUNNING = pod({ claims: ['data-db-0'] });

test('a member whose only volume is cut off by a detach needs nobody', () => {
  expect(told([], [RUNNING])).toBe('');
});

test.each<[string, readonly object[], readonly PodFacts[], string]>([
  ['its pod has an NFS export', [], [{ ...RUNNING, sharedVolumes: ['exports'] }], 'volume exports of its pod'],
  ['its pod is gone from the API, and had an NFS export', [EXPORT], [], 'volume exports of its pod'],
  ['its pod has a claim of others', [], [{ ...RUNNING, claims: ['data-db-0', 'others'] }], 'a detach of claim others'],
  ['its pod is gone from the API, and had a claim of others', [OTHERS], [], 'a detach of claim others'],
])('nothing proves that it stopped writing where %s', (_where, volumes, pods, says) => {
  expect(told(volumes, pods)).toContain(says);
});
