import { describe, expect, test } from '@jest/globals';
import {
  APP,
  admissionWorld,
  askingPod,
  enforcedSlot,
  nodeRoom,
  strangerPod,
  type TestWorld,
} from '../../../test/support/admission-builders.ts';
import type { AskingPod } from './admission-world.ts';
import { admit } from './admit.ts';
import { AdmissionLedger } from './ledger.ts';

const NODES = ['n1', 'n2', 'n3'];

/** Filters as the shell does: what was admitted goes into the ledger. */
function filter(
  pod: AskingPod,
  world: TestWorld,
  candidates: readonly string[] = NODES,
  ledger = new AdmissionLedger(world),
) {
  const { answer, admission } = admit(pod, world.candidates(candidates), world, ledger);
  if (admission !== undefined) ledger.record(admission, 0);
  return answer;
}

describe('a member with a slot', () => {
  const world = admissionWorld({ slots: [enforcedSlot({ node: 'n2' })] });

  test('gets exactly the node of its slot', () => {
    expect(filter(askingPod(), world)).toEqual({ kind: 'nodes', nodes: ['n2'] });
  });

  test('gets the same answer however often it asks', () => {
    const ledger = new AdmissionLedger();
    const answers = [1, 2, 3].map(() => filter(askingPod(), world, NODES, ledger));
    expect(answers).toEqual([1, 2, 3].map(() => ({ kind: 'nodes', nodes: ['n2'] })));
    expect(ledger.size).toBe(1);
  });

  test('gets its node back although the slot leaves nothing free there', () => {
    const full = admissionWorld({
      slots: [enforcedSlot()],
      rooms: [nodeRoom('n1', { free: { cpu: 0 }, reserves: true })],
    });
    expect(filter(askingPod(), full, ['n1'])).toEqual({ kind: 'nodes', nodes: ['n1'] });
  });

  test.each<[string, Parameters<typeof nodeRoom>[1] | undefined, RegExp]>([
    ['cordoned', { unschedulable: true }, /^es-0 is held on n2, which is cordoned/],
    ['not ready', { ready: false }, /^es-0 is held on n2, which is not Ready/],
    ['gone', undefined, /^es-0 is held on n2, which does not exist any more/],
    ['full', {}, /^es-0 is held on n2, which did not pass kube-scheduler's own checks/],
  ])('is refused when the node is no candidate because it is %s', (_state, room, message) => {
    const rooms = room === undefined ? [] : [nodeRoom('n2', room)];
    const answer = filter(askingPod(), admissionWorld({ slots: [enforcedSlot({ node: 'n2' })], rooms }), ['n1', 'n3']);
    expect(answer).toEqual({
      kind: 'refused',
      forNow: false,
      reason: 'HeldElsewhere',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['proposed', /gang not complete/],
    ['moving', /being moved/],
    ['conflicted', /conflicts with another slot/],
    ['undecided', /was evicted, and nobody has said yet/],
  ] as const)('waits while the slot is %s', (standing, message) => {
    const answer = filter(askingPod(), admissionWorld({ slots: [enforcedSlot({ standing })] }));
    expect(answer).toEqual({
      kind: 'refused',
      forNow: false,
      reason: 'NoSlot',
      message: expect.stringMatching(message),
    });
  });

  test('is refused, with both amounts, when it asks for more than the slot holds', () => {
    const answer = filter(askingPod({ requests: { cpu: 2500, pods: 1 } }), admissionWorld({ slots: [enforcedSlot()] }));
    expect(answer).toMatchObject({
      reason: 'InsufficientCPU',
      message: expect.stringMatching(/asks for 2500m cpu, and its slot on n1 holds 1000m/),
    });
  });

  test('may ask for less than the slot holds, and a slot need not count pods', () => {
    const world = admissionWorld({ slots: [enforcedSlot({ resources: { cpu: 3000, memory: 2 ** 40 } })] });
    expect(filter(askingPod(), world)).toMatchObject({ kind: 'nodes' });
  });
});

describe('a member whose slot’s node is gone while the operator is away', () => {
  const lost = { slots: [enforcedSlot({ node: 'gone' })] };
  const standIn = { nodes: ['n3', 'n1'], message: '' };

  test('may go where the allocator would put it, best first', () => {
    expect(filter(askingPod(), admissionWorld({ ...lost, standIn }))).toEqual({ kind: 'nodes', nodes: ['n3', 'n1'] });
  });

  test('may go there only if kube-scheduler would too', () => {
    const world = admissionWorld({ ...lost, standIn });
    expect(filter(askingPod(), world, ['n1', 'n2'])).toEqual({ kind: 'nodes', nodes: ['n1'] });
    expect(filter(askingPod(), world, ['n2'])).toMatchObject({
      reason: 'HeldElsewhere',
      message: expect.stringMatching(/the operator is away, .* of 2 nodes that would do, 2 did not pass/),
    });
  });

  test('is not promised what another was promised a moment ago', () => {
    const world = admissionWorld({ ...lost, standIn, rooms: [held('n1', 1500), held('n3', 1500)] });
    const ledger = new AdmissionLedger(world);
    filter(strangerPod(), world, ['n3'], ledger);
    expect(filter(askingPod(), world, ['n3'], ledger)).toMatchObject({
      forNow: true,
      message: expect.stringMatching(/1 are promised to others$/),
    });
    expect(filter(askingPod(), world, ['n1', 'n3'], ledger)).toEqual({ kind: 'nodes', nodes: ['n1'] });
    expect(filter(strangerPod({ uid: 'late' }), world, ['n1'], ledger)).toMatchObject({ kind: 'refused' });
  });

  test('is told why it must wait', () => {
    const world = admissionWorld({ ...lost, standIn: { nodes: [], message: 'its app is paused' } });
    expect(filter(askingPod(), world)).toMatchObject({
      message: expect.stringMatching(/^es-0 is held on gone, which does not exist .*: its app is paused$/),
    });
  });

  test('goes nowhere else while its node is a candidate', () => {
    const world = admissionWorld({ slots: [enforcedSlot({ node: 'n2' })], standIn });
    expect(filter(askingPod(), world)).toEqual({ kind: 'nodes', nodes: ['n2'] });
  });

  test.each(['moving', 'proposed', 'conflicted'] as const)('waits while its slot is %s', (standing) => {
    const world = admissionWorld({ slots: [enforcedSlot({ node: 'gone', standing })], standIn });
    expect(filter(askingPod(), world)).toMatchObject({ kind: 'refused', reason: 'NoSlot' });
  });
});

describe('two pods for one member', () => {
  test('the first that asks wins', () => {
    const ledger = new AdmissionLedger();
    const world = admissionWorld({ slots: [enforcedSlot()] });
    expect(filter(askingPod({ uid: 'first' }), world, NODES, ledger)).toMatchObject({ kind: 'nodes' });
    expect(filter(askingPod({ uid: 'second' }), world, NODES, ledger)).toMatchObject({
      reason: 'HeldByOthers',
      message: expect.stringMatching(/UID first/),
    });
  });

  test('a bound one wins over any other', () => {
    const world = admissionWorld({ slots: [enforcedSlot({ holder: 'bound' })] });
    expect(filter(askingPod({ uid: 'late' }), world)).toMatchObject({ kind: 'refused', reason: 'HeldByOthers' });
    expect(filter(askingPod({ uid: 'bound' }), world)).toMatchObject({ kind: 'nodes' });
  });

  test('of five hundred that ask, one wins', () => {
    const ledger = new AdmissionLedger();
    const world = admissionWorld({ slots: [enforcedSlot()] });
    const answers = Array.from({ length: 500 }, (_none, index) =>
      filter(askingPod({ uid: `pod-${index}` }), world, NODES, ledger),
    );
    expect(answers.filter((answer) => answer.kind === 'nodes')).toHaveLength(1);
  });
});

describe('a member without a slot', () => {
  test('is refused in the words of its app’s status', () => {
    const waiting = { reason: 'InsufficientMemory' as const, message: '0 of 3 nodes fit: 3 have too little memory' };
    expect(filter(askingPod(), admissionWorld({ waiting }))).toEqual({
      kind: 'refused',
      forNow: false,
      reason: 'InsufficientMemory',
      message: 'es-0 has no slot: 0 of 3 nodes fit: 3 have too little memory (InsufficientMemory)',
    });
  });

  test('is refused while the allocator has not answered', () => {
    expect(filter(askingPod(), admissionWorld())).toEqual({
      kind: 'refused',
      forNow: false,
      reason: 'NoSlot',
      message: 'es-0 has no slot: the allocator has not answered yet (NoSlot)',
    });
  });

  test('does not get the slot of another member or of an earlier app of that name', () => {
    const slots = [enforcedSlot({ member: 'es-1' }), enforcedSlot({ app: { ...APP, uid: 'old-es' } })];
    expect(filter(askingPod(), admissionWorld({ slots }))).toMatchObject({ kind: 'refused', reason: 'NoSlot' });
  });
});

test('a pod whose owner cannot be followed is refused', () => {
  const answer = filter(askingPod({ owner: undefined }), admissionWorld());
  expect(answer).toMatchObject({
    kind: 'refused',
    forNow: false,
    reason: 'OwnerUnresolved',
    message: expect.stringMatching(/^pod es-0 carries the label/),
  });
});

function held(name: string, cpu: number) {
  return nodeRoom(name, { free: { cpu, memory: 2 ** 40, pods: 50 }, reserves: true });
}

describe('any other pod', () => {
  test('is kept off nodes where slots leave too little', () => {
    const world = admissionWorld({ rooms: [held('n1', 900), held('n2', 1000), nodeRoom('n3')] });
    expect(filter(strangerPod(), world)).toEqual({ kind: 'nodes', nodes: ['n2', 'n3'] });
  });

  test('is left to kube-scheduler’s own count where nothing is held', () => {
    const behind = nodeRoom('n1', { free: { cpu: 0, memory: 0, pods: 0 } });
    expect(filter(strangerPod(), admissionWorld({ rooms: [behind] }), ['n1', 'unknown'])).toEqual({
      kind: 'nodes',
      nodes: ['n1', 'unknown'],
    });
  });

  test('is refused with the numbers when no node is left', () => {
    const world = admissionWorld({ rooms: [held('n1', 900), held('n2', 500)] });
    expect(filter(strangerPod(), world, ['n1', 'n2'])).toEqual({
      kind: 'refused',
      forNow: false,
      reason: 'HeldByOthers',
      message: expect.stringMatching(
        /asks for 1000m cpu, and beside the slots at most 900m is free on a node \(HeldByOthers\)$/,
      ),
    });
  });

  test('is told nothing below zero where a node is overbooked', () => {
    const answer = filter(strangerPod(), admissionWorld({ rooms: [held('n1', -500)] }), ['n1']);
    expect(answer).toMatchObject({ message: expect.stringMatching(/at most 0m is free/) });
  });

  test('is not promised what another was promised a moment ago', () => {
    const world = admissionWorld({ rooms: [held('n1', 1500)] });
    const ledger = new AdmissionLedger(world);
    expect(filter(strangerPod({ uid: 'a' }), world, ['n1'], ledger)).toMatchObject({ kind: 'nodes' });
    expect(filter(strangerPod({ uid: 'b' }), world, ['n1'], ledger)).toMatchObject({
      forNow: true,
      message: expect.stringMatching(/beside the slots and pods that are just being placed at most 500m is free/),
    });
    ledger.release('a');
    expect(filter(strangerPod({ uid: 'b' }), world, ['n1'], ledger)).toMatchObject({ kind: 'nodes' });
  });

  test('is told what is free beside the slots where that is too little, whatever others were just promised', () => {
    const world = admissionWorld({ rooms: [held('n1', 1500)] });
    const ledger = new AdmissionLedger(world);
    filter(strangerPod({ uid: 'a' }), world, ['n1'], ledger);
    const large = strangerPod({ uid: 'b', requests: { cpu: 2000 } });
    expect(filter(large, world, ['n1'], ledger)).toMatchObject({
      forNow: false,
      message: expect.stringMatching(/asks for 2000m cpu, and beside the slots at most 1500m is free/),
    });
  });

  test('is not counted against itself when it asks again', () => {
    const world = admissionWorld({ rooms: [held('n1', 1500)] });
    const ledger = new AdmissionLedger(world);
    const answers = [1, 2, 3].map(() => filter(strangerPod(), world, ['n1'], ledger));
    expect(answers.map(({ kind }) => kind)).toEqual(['nodes', 'nodes', 'nodes']);
  });

  test('is refused where no node has what it asks for', () => {
    const world = admissionWorld({ rooms: [held('n1', 4000)] });
    expect(filter(strangerPod({ requests: { 'example.com/gpu': 1 } }), world, ['n1'])).toMatchObject({
      message: expect.stringMatching(/asks for 1 example.com\/gpu, and beside the slots at most 0 is free/),
    });
  });

  test('gets a hundred names at most, those where nothing is held and most is free', () => {
    const rooms = Array.from({ length: 300 }, (_none, index) =>
      nodeRoom(`n${index}`, index % 2 === 0 ? {} : { free: { cpu: 3900, memory: 2 ** 34, pods: 9 }, reserves: true }),
    );
    const answer = filter(
      strangerPod(),
      admissionWorld({ rooms }),
      rooms.map(({ name }) => name),
    );
    expect(answer).toEqual({ kind: 'nodes', nodes: Array.from({ length: 100 }, (_none, index) => `n${2 * index}`) });
  });
});
