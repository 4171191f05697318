import { describe, expect, test } from '@jest/globals';
import type { NodeReport, ToldReason } from './node-report.ts';
import { smallestChange } from './smallest-change.ts';

const node = (name: string, ...reasons: readonly Omit<ToldReason, 'message'>[]): NodeReport => ({
  node: name,
  reasons: reasons.map((reason) => ({ ...reason, message: () => '' })),
});
const lack = (what: string, needed: number, free: number, reason: ToldReason['reason'] = 'InsufficientCPU') => ({
  reason,
  measure: { what, needed, free },
});
const told = (reason: ToldReason['reason']) => ({ reason, measure: undefined });

describe('the smallest change that would fit', () => {
  test.each<[string, readonly NodeReport[], string | undefined]>([
    [
      'is the smallest lack against what is needed',
      [node('n1', lack('cpu', 2000, 500)), node('n2', lack('cpu', 2000, 1200))],
      '800m more cpu on n2',
    ],
    [
      'adds up all that a node lacks',
      [
        node('n1', lack('cpu', 100, 90), lack('memory', 2 ** 30, 0, 'InsufficientMemory')),
        node('n2', lack('cpu', 100, 50)),
      ],
      '50m more cpu on n2',
    ],
    [
      'names everything that the node lacks',
      [node('n1', lack('cpu', 100, 90), lack('memory', 2 ** 30, 2 ** 29, 'InsufficientMemory'))],
      '10m more cpu on n1 and 512Mi more memory on n1',
    ],
    ['may be to uncordon', [node('n1', told('NodeCordoned')), node('n2', lack('cpu', 2, 1))], 'uncordon n1'],
    [
      'of a pool names its class',
      [node('n1', lack('storage.proffer.dev/fast', 2 ** 31, 2 ** 30, 'InsufficientPoolCapacity'))],
      '1Gi more of storage class fast on n1',
    ],
    [
      'of attachments names the driver',
      [node('n1', lack('attach.proffer.dev/disks.example', 2, 1, 'TooManyAttachments'))],
      '1 more attach slots of disks.example on n1',
    ],
    ['is nothing that moves data', [node('n1', told('VolumePinnedElsewhere'))], undefined],
    ['is not to make the driver’s volumes larger', [node('n1', lack('x', 2, 1, 'VolumeTooLarge'))], undefined],
    [
      'of equals is on the first node by name',
      [node('n2', told('NodeCordoned')), node('n1', told('NodeCordoned'))],
      'uncordon n1',
    ],
    [
      'may be one more node',
      [node('n1', told('ConstraintUnique'))],
      'one more node with a value of its own for the Unique constraint',
    ],
    ['of no nodes is nothing', [], undefined],
  ])('%s', (_what, reports, change) => {
    expect(smallestChange(reports)).toBe(change);
  });
});
