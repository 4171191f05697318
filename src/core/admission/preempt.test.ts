import { describe, expect, test } from '@jest/globals';
import {
  admissionWorld,
  askingPod,
  enforcedSlot,
  nodeRoom,
  strangerPod,
} from '../../../test/support/admission-builders.ts';
import type { AdmissionWorld, AskingPod } from './admission-world.ts';
import { AdmissionLedger } from './ledger.ts';
import { preempt, type VictimFacts } from './preempt.ts';

const FACTS = new Map<string, VictimFacts>([
  ['small', { requests: { cpu: 500, pods: 1 }, isMember: false }],
  ['large', { requests: { cpu: 2000, pods: 1 }, isMember: false }],
  ['member', { requests: { cpu: 2000, pods: 1 }, isMember: true }],
]);

function keptNodes(
  pod: AskingPod,
  world: AdmissionWorld,
  victims: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const candidates = new Map(Object.entries(victims).map(([node, podUids]) => [node, { podUids, pdbViolations: 0 }]));
  return [...preempt({ pod, candidates, victims: FACTS, world, ledger: new AdmissionLedger() }).keys()];
}

describe('preemption for a member', () => {
  test('looks only at its slot’s node', () => {
    const world = admissionWorld({ slots: [enforcedSlot({ node: 'n2' })] });
    expect(keptNodes(askingPod(), world, { n1: ['small'], n2: ['small'], n3: ['large'] })).toEqual(['n2']);
  });

  test.each([
    ['it has no slot', []],
    ['its slot is moving', [enforcedSlot({ standing: 'moving' })]],
    ['another pod has its slot', [enforcedSlot({ holder: 'other' })]],
  ])('helps nowhere when %s', (_when, slots) => {
    expect(keptNodes(askingPod(), admissionWorld({ slots }), { n1: ['small'] })).toEqual([]);
  });

  test('helps nowhere when nobody would go', () => {
    expect(keptNodes(askingPod(), admissionWorld({ slots: [enforcedSlot()] }), { n1: [] })).toEqual([]);
  });
});

test('preemption helps no pod that cannot prove what it is', () => {
  expect(
    keptNodes(askingPod({ owner: undefined }), admissionWorld({ slots: [enforcedSlot()] }), { n1: ['small'] }),
  ).toEqual([]);
});

function held(name: string) {
  return nodeRoom(name, { free: { cpu: 200, memory: 2 ** 40, pods: 9 }, reserves: true });
}

describe('preemption for other pods', () => {
  test('keeps the nodes where they fit next to the slots once the victims are gone', () => {
    const world = admissionWorld({ rooms: [held('n1'), held('n2'), nodeRoom('n3')] });
    expect(keptNodes(strangerPod(), world, { n1: ['small'], n2: ['large'], n3: ['small'], n4: [] })).toEqual([
      'n2',
      'n3',
    ]);
  });

  test('gains nothing from a member that goes, as its slot stays', () => {
    expect(keptNodes(strangerPod(), admissionWorld({ rooms: [held('n1')] }), { n1: ['member'] })).toEqual([]);
  });

  test('gains nothing from a victim that nobody knows any more', () => {
    expect(keptNodes(strangerPod(), admissionWorld({ rooms: [held('n1')] }), { n1: ['unknown'] })).toEqual([]);
  });
});
