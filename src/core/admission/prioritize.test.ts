import { expect, test } from '@jest/globals';
import {
  admissionWorld,
  askingPod,
  enforcedSlot,
  nodeRoom,
  strangerPod,
} from '../../../test/support/admission-builders.ts';
import type { AdmissionWorld, AskingPod } from './admission-world.ts';
import { candidatesOf } from './candidates.ts';
import { prioritize } from './prioritize.ts';

function scores(pod: AskingPod, names: readonly string[], world: AdmissionWorld): Readonly<Record<string, number>> {
  const answer = prioritize(pod, candidatesOf(names, world), world);
  return Object.fromEntries(answer.names.map((name, index) => [name, answer.scores[index] ?? 0]));
}

test('a member’s slot gets everything, and the others need no mention', () => {
  const world = admissionWorld({ slots: [enforcedSlot({ node: 'n3' })] });
  expect(scores(askingPod(), ['n1', 'n2', 'n3'], world)).toEqual({ n3: 10 });
  expect(scores(askingPod(), ['n1', 'n2'], world)).toEqual({});
});

test('a member without a slot draws no node', () => {
  expect(scores(askingPod(), ['n1', 'n2'], admissionWorld())).toEqual({});
});

test('a pod that cannot prove what it is draws no node', () => {
  expect(scores(askingPod({ owner: undefined }), ['n1', 'n2'], admissionWorld())).toEqual({});
});

test('other pods are drawn to nodes where nothing is held', () => {
  const rooms = [nodeRoom('n1', { reserves: true }), nodeRoom('n2')];
  expect(scores(strangerPod(), ['n1', 'n2', 'unknown'], admissionWorld({ rooms }))).toEqual({ n2: 1, unknown: 1 });
});

test('where all nodes are alike, there is nothing to say', () => {
  expect(scores(strangerPod(), ['n1', 'n2'], admissionWorld({ rooms: [nodeRoom('n1'), nodeRoom('n2')] }))).toEqual({});
});
