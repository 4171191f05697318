// What people, agents and drivers get wrong: it is told, and nothing that could corrupt is done.
import { describe, expect, test } from '@jest/globals';
import {
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
import { plan } from '../app/make-plan.ts';
import type { NodeTrouble } from './node-trouble.ts';

const SILENT: NodeTrouble = {
  name: 'n1',
  uid: 'uid-n1',
  silentSeconds: 31,
  renewedAt: '2026-01-02T03:03:34Z',
  ready: true,
  outOfService: 'no',
  instance: 'unknown',
  wholeNodeProblem: '',
};

const attachedTo = (nodeName: string) => ({
  uid: `va-${nodeName}`,
  name: `csi-${nodeName}`,
  driver: 'csi.example.com',
  nodeName,
  volumeName: 'pv-data-db-0',
  attached: true,
});

interface Wrong {
  readonly node?: Partial<NodeTrouble>;
  readonly nodeFailure?: object;
  /** Whether the pool's word about detaching is believed. Default false. */
  readonly isExclusive?: boolean;
  readonly attachedTo?: readonly string[];
  /** A slot elsewhere is found and written down: all is ready for the old pod to go. Default true. */
  readonly isFound?: boolean;
}

const planOf = ({ node, nodeFailure = {}, isExclusive = false, attachedTo: names = ['n1'], isFound = true }: Wrong) =>
  plan(
    facts({
      app: app({
        spec: { replicas: 1, volumeClaims: [DATA], recovery: { nodeFailure } },
        status: { lastRecovery: { member: 'db-0', detectedAt: '2026-01-02T03:04:05Z' } },
      }),
      statefulSet: LAUNCHED_ALONE,
      reservation: reservation([
        isFound ? slot({ node: 'n2', state: 'Moving', podUID: '' }) : slot({ state: 'Claimed', podUID: 'uid-db-0' }),
      ]),
      pods: [pod({ claims: ['data-db-0'] })],
      claims: [claim()],
      recovery: {
        trouble: new Map([['n1', { ...SILENT, ...node }]]),
        attachments: names.map(attachedTo),
        breakerProblem: undefined,
        exclusiveVolumes: new Set(isExclusive ? ['pv-data-db-0'] : []),
      },
    }),
    NOW,
  );

const DESTROYING = ['forceDeletePod', 'declareOutOfService', 'deleteAttachment', 'deletePod', 'delete'];

const hook = (state: 'failed' | 'distrusted', problem: string): Wrong => ({ node: { fencing: { state, problem } } });

describe('nothing is taken from a node, and it is told what is wrong, where', () => {
  const cases: readonly (readonly [string, Wrong, string])[] = [
    [
      'actAfterSeconds is shorter than suspectAfterSeconds, until both are over',
      {
        nodeFailure: { suspectAfterSeconds: 40, actAfterSeconds: 30 },
        node: { silentSeconds: 39, ready: false },
        isExclusive: true,
      },
      'node n1 is not ready',
    ],
    [
      'actAfterSeconds is shorter than two renewals of a Lease, until those are over',
      { nodeFailure: { suspectAfterSeconds: 1, actAfterSeconds: 2 }, node: { silentSeconds: 24 }, isExclusive: true },
      'node n1 is silent',
    ],
    ['the fencing hook hangs', hook('failed', 'no answer within 60 s'), 'no answer within 60 s'],
    ['the fencing hook answers garbage', hook('failed', 'its answer makes no sense'), 'its answer makes no sense'],
    [
      'the fencing hook was caught lying',
      hook('distrusted', 'it is not trusted any more'),
      'it is not trusted any more',
    ],
    [
      'a healthy node is declared out of service',
      { node: { silentSeconds: 0, outOfService: 'byOthers' }, isExclusive: true },
      'kubectl taint nodes n1 node.kubernetes.io/out-of-service-',
    ],
    [
      'the driver attached the volume to a second node, so that its pool is not trusted any more',
      { attachedTo: ['n1', 'n3'] },
      'a detach of claim data-db-0 does not prove that its old writer stopped',
    ],
  ];

  test.each(cases)('%s', (_where, wrong, told) => {
    for (const isFound of [true, false]) {
      const { actions, status } = planOf({ ...wrong, isFound });
      expect(actions.map(({ kind }) => kind).filter((kind) => DESTROYING.includes(kind))).toEqual([]);
      expect([...status.operations, ...status.conditions].map(({ message }) => message).join('; ')).toContain(told);
    }
  });

  test('and with nothing wrong the old pod goes', () => {
    expect(planOf({ isExclusive: true }).actions.map(({ kind }) => kind)).toContain('forceDeletePod');
  });
});
