import { expect, test } from '@jest/globals';
import { node } from '../../../test/support/app-builders.ts';
import type { Taint } from '../facts/node-facts.ts';
import { drainMark } from './drain-mark.ts';

const taint = (key: string, effect: Taint['effect'] = 'NoSchedule'): Taint => ({ key, value: '', effect });

test.each<[string, Parameters<typeof node>[1], string | undefined]>([
  ['nothing', {}, undefined],
  [
    'a cordon',
    { unschedulable: true, taints: [taint('node.kubernetes.io/unschedulable')] },
    'node.kubernetes.io/unschedulable',
  ],
  [
    'the taint that is left for a moment after an uncordon',
    { taints: [taint('node.kubernetes.io/unschedulable')] },
    undefined,
  ],
  ['the Cluster Autoscaler', { taints: [taint('ToBeDeletedByClusterAutoscaler')] }, 'ToBeDeletedByClusterAutoscaler'],
  [
    'a mere candidate of it',
    { taints: [taint('DeletionCandidateOfClusterAutoscaler', 'PreferNoSchedule')] },
    undefined,
  ],
  ['Karpenter', { taints: [taint('karpenter.sh/disrupted')] }, 'karpenter.sh/disrupted'],
  ['Karpenter before 1.0', { taints: [taint('karpenter.sh/disruption')] }, 'karpenter.sh/disruption'],
  [
    'a spot notice of AWS',
    { taints: [taint('aws-node-termination-handler/spot-itn')] },
    'aws-node-termination-handler/spot-itn',
  ],
  [
    'a notice of GCE',
    { taints: [taint('cloud.google.com/impending-node-termination')] },
    'cloud.google.com/impending-node-termination',
  ],
  [
    'a notice that keeps nobody away',
    { taints: [taint('aws-node-termination-handler/spot-itn', 'PreferNoSchedule')] },
    undefined,
  ],
  ['somebody else', { taints: [taint('example.com/maintenance')] }, undefined],
])('a node with %s has this mark: %#', (_, parts, key) => {
  expect(drainMark(node('n1', parts), [])?.key).toBe(key);
});

test('a notice with a deadline is told before a cordon', () => {
  const parts = { unschedulable: true, taints: [taint('aws-node-termination-handler/spot-itn')] };
  expect(drainMark(node('n1', parts), [])).toMatchObject({ isUrgent: true });
});

test('who tolerates the mark may stay', () => {
  const cordoned = node('n1', { unschedulable: true });
  expect(drainMark(cordoned, [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }])).toBeUndefined();
  expect(drainMark(cordoned, [{ operator: 'Exists' }])).toBeUndefined();
  expect(drainMark(cordoned, [{ key: 'example.com/x', operator: 'Exists' }])).toBeDefined();
});
