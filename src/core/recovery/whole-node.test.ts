import { expect, test } from '@jest/globals';
import { type NodeUse, wholeNodeProblem } from './whole-node.ts';

const attached = (volumeName: string) => ({
  uid: 'u',
  name: 'csi-1',
  driver: 'csi',
  nodeName: 'n1',
  volumeName,
  attached: true,
});

const pod = (...claims: readonly string[]) => ({ namespace: 'prod', name: 'web-1', claims, isMember: false });

/** Volume `san-…` is cut off by a detach, any other is not; a claim has the volume of its name. */
function use(parts: Partial<NodeUse>): NodeUse {
  return {
    mayTaint: true,
    instance: 'unknown',
    pods: [],
    attachments: [],
    claimOf: (_namespace, name) => (name === 'unbound' ? undefined : { volumeName: name }),
    isExclusive: (name) => name.startsWith('san'),
    unwilling: [],
    ...parts,
  };
}

const cases: readonly (readonly [string, Partial<NodeUse>, string])[] = [
  ['nothing there has volumes', { pods: [pod()] }, ''],
  ['all volumes there are cut off by a detach', { attachments: [attached('san-1')], pods: [pod('san-1')] }, ''],
  ['another volume is attached there', { attachments: [attached('san-1'), attached('ebs-7')] }, 'volume ebs-7'],
  ['a pod there mounts what is never attached', { pods: [pod('share')] }, 'claim share of pod prod/web-1'],
  ['a pod there mounts what nobody knows', { pods: [pod('unbound')] }, 'claim unbound'],
  [
    'a pod there mounts what has no claim',
    { pods: [{ ...pod('san-1'), sharedVolumes: ['exports'] }] },
    'volume exports of pod prod/web-1 there has no claim',
  ],
  [
    'a member there has no volume, and nothing to cut it off by',
    { pods: [{ ...pod(), isMember: true }] },
    'member prod/web-1 there has no volume',
  ],
  [
    'the machine is known to be off',
    { instance: 'shutdown', attachments: [attached('ebs-7')], pods: [pod('share')] },
    '',
  ],
  ['we may not', { mayTaint: false, instance: 'terminated' }, 'recovery.nodeTaints'],
  ['another app wants it otherwise', { unwilling: ['prod/es'] }, 'prod/es'],
];

test.each(cases)('a node is declared out of service as a whole or not: %s', (_when, parts, says) => {
  const problem = wholeNodeProblem(use(parts));
  expect(says === '' ? problem : problem.includes(says)).toBe(says === '' ? '' : true);
});
