import { describe, expect, test } from '@jest/globals';
import { node } from '../../../test/support/app-builders.ts';
import { type InstanceWords, instanceState } from './instance-state.ts';

const off = node('n1', {
  taints: [{ key: 'node.cloudprovider.kubernetes.io/shutdown', value: '', effect: 'NoSchedule' }],
});

describe('what the cloud says of a machine', () => {
  test.each<[string, InstanceWords, string]>([
    ['nothing, of a node without its taint', { node: node('n1') }, 'unknown'],
    ['shut down, by the taint', { node: off }, 'shutdown'],
    ['nothing, of a node that is missing', { node: undefined }, 'unknown'],
    ['nothing, of a node that was well when it was deleted', { node: undefined, last: node('n1') }, 'unknown'],
    ['shut down, by the taint that the deleted node had', { node: undefined, last: off }, 'shutdown'],
    [
      'gone, when the node was deleted for that',
      { node: undefined, last: node('n1'), isDeletedAsGone: true },
      'terminated',
    ],
    ['nothing, when the node is there again', { node: node('n1'), last: off, isDeletedAsGone: true }, 'unknown'],
  ])('%s', (_says, words, state) => {
    expect(instanceState(words)).toBe(state);
  });
});
