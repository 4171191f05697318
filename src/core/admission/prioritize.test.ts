import { expect, test } from '@jest/globals';
import { admissionWorld, askingPod, enforcedSlot, nodeRoom, strangerPod } from './admission-builders.ts';
import type { AdmissionWorld, AskingPod } from './admission-world.ts';
import { candidatesOf } from './candidates.ts';
import { prioritize } from './prioritize.ts';

function scores(pod: AskingPod, names: readonly string[], world: AdmissionWorld): readonly number[] {
  return prioritize(pod, candidatesOf(names, world), world).scores;
}

test('a member’s slot gets everything', () => {
  expect(scores(askingPod(), ['n1', 'n2', 'n3'], admissionWorld({ slots: [enforcedSlot({ node: 'n3' })] }))).toEqual([
    0, 0, 10,
  ]);
});

test('a member without a slot draws no node', () => {
  expect(scores(askingPod(), ['n1', 'n2'], admissionWorld())).toEqual([0, 0]);
});

test('a pod that cannot prove what it is draws no node', () => {
  expect(scores(askingPod({ owner: undefined }), ['n1', 'n2'], admissionWorld())).toEqual([0, 0]);
});

test('other pods are drawn to nodes where nothing is held, and every node has a score', () => {
  const rooms = [nodeRoom('n1', { reserves: true }), nodeRoom('n2')];
  expect(scores(strangerPod(), ['n1', 'n2', 'unknown'], admissionWorld({ rooms }))).toEqual([0, 1, 1]);
});
