import { describe, expect, test } from '@jest/globals';
import type { MemberVolume } from './evidence.ts';
import { type LossPolicy, judgeLoss } from './judge-loss.ts';
import type { FencingState } from './fencing-state.ts';
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

const ASKED: Partial<NodeTrouble> = { fencing: { state: 'asked' } };
const FENCED: FencingState = { state: 'fenced', message: 'outlet 4 is off', isPoweredOff: true };

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
    [
      'silent, where the app waits longer and only a person can go on, so that a person is told in time',
      { node: { silentSeconds: 45 }, policy: { actAfterSeconds: 600 }, volumes: [SHARED] },
      'needsFencing',
    ],
    [
      'silent, where the app waits longer and only a person can go on, for a while',
      { node: { silentSeconds: 44 }, policy: { actAfterSeconds: 600 }, volumes: [SHARED] },
      'suspected',
    ],
    [
      'silent, where the app waits longer before the fencing hook is asked',
      { node: { silentSeconds: 50, ...ASKED }, policy: { actAfterSeconds: 600 }, volumes: [SHARED] },
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
    ['declared out of service, and alive', { node: { silentSeconds: 0, outOfService: 'byOthers' } }, 'contradicted'],
    ['declared out of service by us, and alive again', { node: { silentSeconds: 0, outOfService: 'byUs' } }, 'well'],
    [
      'whose actAfter is shorter than its suspectAfter, before both are over',
      { node: { silentSeconds: 39 }, policy: { suspectAfterSeconds: 40, actAfterSeconds: 30 } },
      'well',
    ],
    [
      'whose actAfter is shorter than its suspectAfter, when both are over',
      { node: { silentSeconds: 40 }, policy: { suspectAfterSeconds: 40, actAfterSeconds: 30 } },
      'lost',
    ],
    [
      'whose actAfter is shorter than two renewals, after those',
      { node: { silentSeconds: 25 }, policy: { suspectAfterSeconds: 1, actAfterSeconds: 2 } },
      'lost',
    ],
    ['that the fencing hook cut off', { node: { fencing: FENCED }, volumes: [SHARED] }, 'lost'],
    [
      'that the hook is asked about, when a person decides',
      { node: ASKED, policy: { policy: 'Manual' }, volumes: [] },
      'needsFencing',
    ],
    [
      'when the hook was caught lying',
      { node: { fencing: { state: 'distrusted', problem: 'it lied' } }, volumes: [] },
      'needsFencing',
    ],
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

  test.each<[string, Partial<NodeTrouble>, unknown]>([
    ['asked', ASKED, {}],
    ['asked in vain', { fencing: { state: 'failed', problem: 'it hangs' } }, { problem: 'it hangs' }],
  ])('that the fencing hook is %s about waits for it, and is not cut off otherwise', (_says, node, awaits) => {
    expect(judge({ node, volumes: [SHARED] })).toMatchObject({ kind: 'lost', isExplicit: false, awaits });
  });

  test('of exclusive volumes needs no hook', () => {
    expect(judge({ node: ASKED })).toEqual(judge({}));
  });

  test('on a node that is gone is told how to say that the machine is off all the same', () => {
    expect(judge({ node: { uid: '', ready: false }, volumes: [SHARED] })).toMatchObject({
      cause: 'node n1 is gone, which says nothing of its machine',
      message: expect.stringContaining('"name":"n1"},"spec":{"taints":[{"key":"node.kubernetes.io/out-of-service"'),
    });
  });

  test('where our own taint is there already is told with a command that kubectl does not refuse', () => {
    expect(judge({ node: { outOfService: 'byUs' }, volumes: [SHARED] })).toMatchObject({
      kind: 'needsFencing',
      message: expect.stringContaining(
        'kubectl taint --overwrite nodes n1 node.kubernetes.io/out-of-service=confirmed:NoExecute',
      ),
    });
  });

  test('on a node that is said to be off and is alive is told to choose', () => {
    expect(judge({ node: { silentSeconds: 0, outOfService: 'byOthers' } })).toEqual({
      kind: 'contradicted',
      cause: expect.stringContaining('kubectl taint nodes n1 node.kubernetes.io/out-of-service-'),
    });
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
