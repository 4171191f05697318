import { describe, expect, test } from '@jest/globals';
import type { MemberVolume } from './evidence.ts';
import { type LossPolicy, judgeLoss } from './judge-loss.ts';
import type { NodeTrouble } from './node-trouble.ts';

const POLICY: LossPolicy = { policy: 'Automatic', suspectAfterSeconds: 20, actAfterSeconds: 30, maxConcurrent: 1 };
const EXCLUSIVE: MemberVolume = { claim: 'data-db-0', isExclusive: true };
const SHARED: MemberVolume = { claim: 'logs-db-0', isExclusive: false };

function silentNode(parts: Partial<NodeTrouble> = {}): NodeTrouble {
  return {
    name: 'n1',
    uid: 'uid-n1',
    silentSeconds: 31,
    renewedAt: '2026-01-02T03:04:05Z',
    ready: true,
    outOfService: 'no',
    instance: 'unknown',
    wholeNodeProblem: '',
    ...parts,
  };
}

interface Case {
  readonly node?: Partial<NodeTrouble>;
  readonly volumes?: readonly MemberVolume[];
  readonly policy?: Partial<LossPolicy>;
}

const judge = ({ node, volumes = [EXCLUSIVE], policy }: Case) =>
  judgeLoss(silentNode(node), volumes, { ...POLICY, ...policy });

describe('a member on a node', () => {
  test('that nothing is wrong with is well', () => {
    expect(judgeLoss(undefined, [EXCLUSIVE], POLICY)).toEqual({ kind: 'well' });
  });

  const cases: readonly (readonly [string, Case, string])[] = [
    ['silent for long, with volumes that a detach cuts off', {}, 'lost'],
    ['silent for less than actAfter', { node: { silentSeconds: 29 } }, 'suspected'],
    ['silent for less than suspectAfter', { node: { silentSeconds: 19 } }, 'well'],
    [
      'silent for less than two renewals, whatever the app says',
      { node: { silentSeconds: 24 }, policy: { suspectAfterSeconds: 1, actAfterSeconds: 2 } },
      'suspected',
    ],
    ['silent, when the app waits longer', { policy: { actAfterSeconds: 60 } }, 'suspected'],
    ['silent, with one volume that a detach does not cut off', { volumes: [EXCLUSIVE, SHARED] }, 'needsFencing'],
    ['silent, without any volume', { volumes: [] }, 'needsFencing'],
    [
      'whose object is gone, which proves nothing',
      { node: { uid: '', ready: false }, volumes: [SHARED] },
      'needsFencing',
    ],
    ['silent, when a person decides', { policy: { policy: 'Manual' } }, 'needsFencing'],
    ['silent, when nothing is to be done', { policy: { policy: 'Disabled' } }, 'suspected'],
    [
      'declared out of service, as soon as it is suspected',
      { node: { silentSeconds: 21, outOfService: 'byOthers' }, volumes: [SHARED] },
      'lost',
    ],
    [
      'declared out of service by us for others, which proves nothing more',
      { node: { outOfService: 'byUs' }, volumes: [SHARED] },
      'needsFencing',
    ],
    [
      'declared out of service by a person, when a person decides',
      { node: { outOfService: 'byOthers' }, policy: { policy: 'Manual' } },
      'lost',
    ],
    ['declared out of service, and alive', { node: { silentSeconds: 0, outOfService: 'byOthers' } }, 'well'],
    ['not ready, whose kubelet still answers', { node: { silentSeconds: 0, ready: false } }, 'suspected'],
    [
      'whose machine is shut down, says the cloud',
      { node: { silentSeconds: 0, ready: false, instance: 'shutdown' }, volumes: [] },
      'lost',
    ],
    [
      'whose machine is gone, says the cloud',
      { node: { ready: false, instance: 'terminated' }, volumes: [SHARED] },
      'lost',
    ],
  ];

  test.each(cases)('%s', (_node, given, kind) => {
    expect(judge(given).kind).toBe(kind);
  });

  test('that needs fencing is told with the command for a person', () => {
    expect(judge({ volumes: [SHARED] })).toEqual({
      kind: 'needsFencing',
      cause: 'node n1 is silent: it last renewed its Lease at 2026-01-02T03:04:05Z',
      message: expect.stringContaining(
        'kubectl taint nodes n1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
      ),
    });
  });
});
