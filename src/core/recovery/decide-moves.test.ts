import { describe, expect, test } from '@jest/globals';
import type { AttachmentFacts } from '../facts/storage-facts.ts';
import { type MemberAtRisk, type RiskFacts, decideMoves } from './decide-moves.ts';
import type { LossPolicy } from './judge-loss.ts';
import type { FencingState } from './fencing-state.ts';
import type { NodeTrouble } from './node-trouble.ts';

const POLICY: LossPolicy = { policy: 'Automatic', suspectAfterSeconds: 20, actAfterSeconds: 30, maxConcurrent: 1 };

function lostNode(name: string, parts: Partial<NodeTrouble> = {}): NodeTrouble {
  return {
    name,
    uid: `uid-${name}`,
    silentSeconds: 40,
    renewedAt: 'then',
    ready: true,
    outOfService: 'no',
    instance: 'unknown',
    wholeNodeProblem: '',
    ...parts,
  };
}

/** Member db-0, running on n1 with its slot there. */
function member(parts: Partial<MemberAtRisk> = {}): MemberAtRisk {
  return {
    name: 'db-0',
    podNode: 'n1',
    slot: { node: 'n1', state: 'Claimed' },
    isPinned: false,
    volumes: [{ claim: 'data-db-0', isExclusive: true }],
    attachments: [attachedTo('n1')],
    ...parts,
  };
}

function attachedTo(nodeName: string): AttachmentFacts {
  return { uid: `a-${nodeName}`, name: `csi-${nodeName}`, driver: 'csi', nodeName, volumeName: 'pv-1', attached: true };
}

function facts(members: readonly MemberAtRisk[], parts: Partial<RiskFacts> = {}): RiskFacts {
  return {
    members,
    trouble: new Map([['n1', lostNode('n1')]]),
    policy: POLICY,
    isRecorded: true,
    breakerProblem: undefined,
    ...parts,
  };
}

const stepOf = (given: MemberAtRisk, parts: Partial<RiskFacts> = {}) =>
  decideMoves(facts([given], parts))[0]?.move.step;

const gone = { podNode: '' };
const OPEN = { breakerProblem: '3 of 4 nodes look dead at once' };
const WELL = { trouble: new Map<string, NodeTrouble>() };
const N2_TOO = { trouble: new Map(['n1', 'n2'].map((name) => [name, lostNode(name)])) };

describe('a member of a lost node', () => {
  const cases: readonly (readonly [string, MemberAtRisk, Partial<RiskFacts>, string])[] = [
    ['first looks for another slot', member(), {}, 'seek'],
    ['goes on looking', member({ slot: { node: 'n1', state: 'Moving' } }), {}, 'seek'],
    ['writes down the slot that was found', member({ slot: { node: 'n2', state: 'Held' } }), {}, 'found'],
    ['gives up its pod once that is written', member({ slot: { node: 'n2', state: 'Moving' } }), {}, 'release'],
    [
      'keeps its pod until the status tells of it',
      member({ slot: { node: 'n2', state: 'Moving' } }),
      { isRecorded: false },
      'found',
    ],
    ['looks anew when the other node is lost too', member({ slot: { node: 'n2', state: 'Moving' } }), N2_TOO, 'seek'],
    ['waits for its volumes to be detached', member({ ...gone, slot: { node: 'n2', state: 'Moving' } }), {}, 'fence'],
    ['is let in after that', member({ ...gone, slot: { node: 'n2', state: 'Moving' }, attachments: [] }), {}, 'fenced'],
    [
      'waits for the detach also when others removed its pod',
      member({ ...gone, slot: { node: 'n2', state: 'Held' } }),
      {},
      'fence',
    ],
    ['looks for a slot also when others removed its pod', member(gone), {}, 'seek'],
    ['stays where it is when the node is back', member({ slot: { node: 'n1', state: 'Moving' } }), WELL, 'none'],
    [
      'stays where it is when the node is back, slot elsewhere or not',
      member({ slot: { node: 'n2', state: 'Moving' } }),
      WELL,
      'none',
    ],
    ['is not begun with while the breaker is open', member(), OPEN, 'none'],
    ['loses no pod while the breaker is open', member({ slot: { node: 'n2', state: 'Moving' } }), OPEN, 'found'],
    [
      'whose pod is gone is let in, breaker or not',
      member({ ...gone, slot: { node: 'n2', state: 'Moving' }, attachments: [] }),
      OPEN,
      'fenced',
    ],
    ['with a local volume waits for the node', member({ isPinned: true }), {}, 'none'],
    [
      'is left alone when its slot is proposed',
      member({ ...gone, slot: { node: 'n1', state: 'Proposed' } }),
      {},
      'none',
    ],
  ];

  test.each(cases)('%s', (_says, given, parts, step) => {
    expect(stepOf(given, parts)).toBe(step);
  });

  test.each<[string, MemberAtRisk, Partial<RiskFacts>, string]>([
    ['is cut off behind it', member({ podNode: 'n2', slot: { node: 'n2', state: 'Claimed' } }), {}, 'cutBehind'],
    ['is left alone while the breaker is open', member({ podNode: 'n2' }), OPEN, 'none'],
    [
      'is left alone without evidence',
      member({ podNode: 'n2', volumes: [{ claim: 'c', isExclusive: false }] }),
      {},
      'none',
    ],
    ['is Kubernetes’ to detach when the node is well', member({ podNode: 'n2' }), WELL, 'none'],
    ['is none that it runs on', member({ podNode: 'n2', attachments: [attachedTo('n2')] }), {}, 'none'],
  ])('that runs elsewhere already: what ties its volume to the lost node %s', (_says, given, parts, step) => {
    expect(stepOf(given, parts)).toBe(step);
  });

  test('is moved in spite of the breaker when somebody says that its node is off', () => {
    const trouble = new Map([['n1', lostNode('n1', { outOfService: 'byOthers' })]]);
    expect(stepOf(member(), { ...OPEN, trouble })).toBe('seek');
  });

  test('has nothing cut off without evidence, and is not let in either', () => {
    const given = member({
      ...gone,
      slot: { node: 'n2', state: 'Held' },
      volumes: [{ claim: 'c', isExclusive: false }],
    });
    expect(decideMoves(facts([given]))[0]?.move).toMatchObject({ step: 'fence', cut: [] });
  });

  test('waits for its turn, and one that is under way goes first', () => {
    const second = member({ name: 'db-1', slot: { node: 'n2', state: 'Held' } });
    const moves = decideMoves(facts([member(), second]));
    expect(moves.map(({ move }) => move.step)).toEqual(['none', 'found']);
    expect(moves[0]?.heldBackBy?.check).toBe('MaxConcurrent');
  });

  describe('whose volumes no detach cuts off, where a fencing hook is', () => {
    const shared = [{ claim: 'c', isExclusive: false }];
    const FENCED: FencingState = { state: 'fenced', message: '', isPoweredOff: false };
    const held = member({ volumes: shared, slot: { node: 'n2', state: 'Held' } });
    const moving = member({ volumes: shared, slot: { node: 'n2', state: 'Moving' } });
    const podless = member({ ...gone, volumes: shared });
    const fencing = member({ ...gone, volumes: shared, slot: { node: 'n2', state: 'Moving' } });

    test.each<[string, MemberAtRisk, Partial<RiskFacts>, string, readonly string[]]>([
      ['first looks for another slot', member({ volumes: shared }), by({ state: 'ready' }), 'seek', []],
      ['writes that down before anybody is asked', held, by({ state: 'ready' }), 'found', []],
      ['tells of it before anybody is asked', moving, { ...by({ state: 'ready' }), isRecorded: false }, 'found', []],
      ['has the hook asked then, and keeps its pod', moving, by({ state: 'ready' }), 'found', ['n1']],
      ['keeps its pod while the hook fails', moving, by({ state: 'failed', problem: 'it hangs' }), 'found', ['n1']],
      ['has nobody asked while the breaker is open', moving, { ...by({ state: 'ready' }), ...OPEN }, 'found', []],
      ['gives up its pod once the node is cut off', moving, by(FENCED), 'release', []],
      ['whose pod is gone keeps its place until then', podless, by({ state: 'asked' }), 'none', ['n1']],
      ['whose pod is gone is moved after it', podless, by(FENCED), 'seek', []],
      ['that waits for a detach has the hook asked, too', fencing, by({ state: 'asked' }), 'fence', ['n1']],
    ])('%s', (_says, given, parts, step, ask) => {
      const [decided] = decideMoves(facts([given], parts));
      expect({ step: decided?.move.step, ask: decided?.ask }).toEqual({ step, ask });
      if (decided?.move.step === 'fence') expect(decided.move.cut).toEqual([]);
    });
  });
});

/** Node n1 is lost, and the hook is so far with it. */
function by(fencing: FencingState): Partial<RiskFacts> {
  return { trouble: new Map([['n1', lostNode('n1', { fencing })]]) };
}
