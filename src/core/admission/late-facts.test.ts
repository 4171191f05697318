import { describe, expect, test } from '@jest/globals';
import { admissionWorld, askingPod, enforcedSlot } from '../../../test/support/admission-builders.ts';
import { isHeardOfTooLittle } from './late-facts.ts';

describe('too little may have been heard', () => {
  test.each<[string, ReturnType<typeof askingPod>, Parameters<typeof admissionWorld>[0], boolean]>([
    ['of a pod whose StatefulSet is unknown', askingPod(), { workloads: {} }, true],
    ['of a member without a slot, of which nobody says why', askingPod(), {}, true],
    [
      'not of one that waits for a reason',
      askingPod(),
      { waiting: { reason: 'NoNodes', message: 'there are no nodes' } },
      false,
    ],
    ['not of one with a slot', askingPod(), { slots: [enforcedSlot()] }, false],
    ['not of a pod that is nobody’s', askingPod({ owner: undefined, labels: {} }), {}, false],
    ['not of one that only wears a label', askingPod({ owner: undefined }), {}, false],
  ])('%s', (_what, pod, parts, isSo) => {
    expect(isHeardOfTooLittle(pod, admissionWorld(parts))).toBe(isSo);
  });
});
