import { describe, expect, test } from '@jest/globals';
import { nodeFacts } from '../../../test/support/core-builders.ts';
import { NODE_PROTECTIONS } from '../../api/labels.ts';
import { nodeProtectionPatch } from './node-protection.ts';

const [KARPENTER, AUTOSCALER] = NODE_PROTECTIONS;
const MARK = 'proffer.dev/keeps-node';
const BOTH = `${AUTOSCALER},${KARPENTER}`;

const node = (protection: Readonly<Record<string, string>>) => nodeFacts('n1', { protection });

describe('a node that holds volumes which exist nowhere else', () => {
  test.each<[string, Readonly<Record<string, string>>, ReturnType<typeof nodeProtectionPatch>]>([
    ['is kept from both autoscalers', {}, { [KARPENTER]: 'true', [AUTOSCALER]: 'true', [MARK]: BOTH }],
    ['keeps what somebody else said', { [KARPENTER]: 'false' }, { [AUTOSCALER]: 'true', [MARK]: AUTOSCALER }],
    ['is left alone when all is said', { [KARPENTER]: 'true', [AUTOSCALER]: 'true', [MARK]: BOTH }, undefined],
    ['gets back what was taken away', { [AUTOSCALER]: 'true', [MARK]: BOTH }, { [KARPENTER]: 'true', [MARK]: BOTH }],
  ])('%s', (_what, protection, patch) => {
    expect(nodeProtectionPatch(node(protection), true)).toEqual(patch);
  });
});

describe('a node that holds none any more', () => {
  test.each<[string, Readonly<Record<string, string>>, ReturnType<typeof nodeProtectionPatch>]>([
    ['is left alone when we did nothing', { [KARPENTER]: 'true' }, undefined],
    [
      'loses what we set, and nothing else',
      { [KARPENTER]: 'true', [AUTOSCALER]: 'true', [MARK]: AUTOSCALER },
      { [AUTOSCALER]: null, [MARK]: null },
    ],
  ])('%s', (_what, protection, patch) => {
    expect(nodeProtectionPatch(node(protection), false)).toEqual(patch);
  });
});
