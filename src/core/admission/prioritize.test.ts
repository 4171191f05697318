import { expect, test } from '@jest/globals';
import {
  admissionWorld,
  askingPod,
  enforcedSlot,
  nodeRoom,
  strangerPod,
  type TestWorld,
} from '../../../test/support/admission-builders.ts';
import type { AskingPod } from './admission-world.ts';
import { UNHELD, prioritize } from './prioritize.ts';

function scores(pod: AskingPod, names: readonly string[], world: TestWorld): Readonly<Record<string, number>> {
  const answer = prioritize(pod, world.candidates(names), world);
  return answer.kind === 'named'
    ? Object.fromEntries(answer.scores)
    : Object.fromEntries(Array.from(answer.positions, (position) => [names[position], UNHELD]));
}

test('a member’s slot gets everything, and the others need no mention', () => {
  const world = admissionWorld({ slots: [enforcedSlot({ node: 'n3' })] });
  expect(scores(askingPod(), ['n1', 'n2', 'n3'], world)).toEqual({ n3: 10 });
  expect(scores(askingPod(), ['n1', 'n2'], world)).toEqual({});
});

test('a member that may go elsewhere draws those nodes in the order of its policies', () => {
  const standIn = { nodes: ['n3', 'gone', 'n1'], message: '' };
  const world = admissionWorld({ slots: [enforcedSlot({ node: 'lost' })], standIn });
  expect(scores(askingPod(), ['n1', 'n2', 'n3'], world)).toEqual({ n3: 10, n1: 8 });
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
