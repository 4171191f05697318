import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Recovery } from '../../src/api/recovery.ts';
import { SLOT_STATES } from '../../src/api/reservation.ts';
import { plan } from '../../src/core/app/make-plan.ts';
import type { AttachmentFacts } from '../../src/core/facts/storage-facts.ts';
import {
  type MemberAtRisk,
  type MemberMove,
  type RiskFacts,
  decideMoves,
} from '../../src/core/recovery/decide-moves.ts';
import { evidenceOf } from '../../src/core/recovery/evidence.ts';
import { NodeSilence } from '../../src/core/recovery/node-silence.ts';
import { QUIET_SECONDS, type NodeTrouble } from '../../src/core/recovery/node-trouble.ts';
import { DATA, LAUNCHED_ALONE, NOW, app, claim, facts, pod, reservation, slot } from '../support/app-builders.ts';
import { runs } from '../support/law-runs.ts';

const NODES = ['n1', 'n2', 'n3'] as const;
const node = fc.constantFrom(...NODES);

const trouble = (name: string): fc.Arbitrary<NodeTrouble> =>
  fc.record({
    name: fc.constant(name),
    uid: fc.constantFrom('', `uid-${name}`),
    silentSeconds: fc.constantFrom(0, 16, 21, 26, 31, 500),
    renewedAt: fc.constant('then'),
    ready: fc.boolean(),
    outOfService: fc.constantFrom('no', 'no', 'byUs', 'byOthers'),
    instance: fc.constantFrom('unknown', 'unknown', 'shutdown', 'terminated'),
    wholeNodeProblem: fc.constantFrom('', 'no right'),
  });

const troubles = fc
  .tuple(...NODES.map((name) => fc.option(trouble(name), { nil: undefined })))
  .map((found) => new Map(found.flatMap((item) => (item === undefined ? [] : [[item.name, item] as const]))));

const attachment = (volume: string): fc.Arbitrary<AttachmentFacts> =>
  node.map((nodeName) => ({
    uid: `${volume}-${nodeName}`,
    name: `csi-${volume}-${nodeName}`,
    driver: 'csi',
    nodeName,
    volumeName: volume,
    attached: true,
  }));

const member = (ordinal: number): fc.Arbitrary<MemberAtRisk> =>
  fc.record({
    name: fc.constant(`db-${ordinal}`),
    podNode: fc.constantFrom('', ...NODES),
    slot: fc.option(fc.record({ node, state: fc.constantFrom(...SLOT_STATES) }), { nil: undefined }),
    isPinned: fc.boolean(),
    volumes: fc.array(fc.record({ claim: fc.constant(`data-db-${ordinal}`), isExclusive: fc.boolean() }), {
      maxLength: 2,
    }),
    attachments: fc.array(attachment(`pv-${ordinal}`), { maxLength: 2 }),
  });

const policy = fc.record({
  policy: fc.constantFrom('Automatic', 'Automatic', 'Manual', 'Disabled'),
  suspectAfterSeconds: fc.constantFrom(1, 20),
  actAfterSeconds: fc.constantFrom(1, 30),
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
});

const risk: fc.Arbitrary<RiskFacts> = fc.record({
  members: fc.tuple(...[0, 1, 2, 3, 4].map(member)),
  trouble: troubles,
  policy,
  isRecorded: fc.boolean(),
  breakerProblem: fc.constantFrom(undefined, undefined, 'too many look dead'),
});

const isActive = ({ move }: MemberMove): boolean => ['seek', 'found', 'release'].includes(move.step);

/** Its slot is on the move, or one elsewhere was just accepted. */
const wasUnderWay = ({ slot: found, podNode }: MemberAtRisk): boolean =>
  found?.state === 'Moving' || (found?.state === 'Held' && podNode !== '' && found.node !== podNode);

describe('whatever is known of nodes and members', () => {
  test('nothing is moved or cut off without evidence about the very node, or against the policy', () => {
    fc.assert(
      fc.property(risk, (given) => {
        decideMoves(given).forEach(({ move }, at) => {
          const { volumes = [] } = given.members[at] ?? {};
          const touched = 'cut' in move ? move.cut.map(({ nodeName }) => nodeName) : 'from' in move ? [move.from] : [];
          for (const name of touched) {
            const found = given.trouble.get(name);
            const evidence = found === undefined ? undefined : evidenceOf(found, volumes);
            expect(evidence?.proven).toBe(true);
            expect(given.policy.policy).not.toBe('Disabled');
            // A node that renews its Lease and is ready is not lost.
            expect(found !== undefined && (found.silentSeconds >= QUIET_SECONDS || !found.ready)).toBe(true);
          }
        });
      }),
      runs(500),
    );
  });

  test('never are more members moved at once than the app allows, but for those that are already', () => {
    fc.assert(
      fc.property(risk, (given) => {
        const before = given.members.filter(wasUnderWay).length;
        const active = decideMoves(given).filter(isActive).length;
        expect(active).toBeLessThanOrEqual(Math.max(before, given.policy.maxConcurrent));
      }),
      runs(500),
    );
  });

  test('while the breaker is open no move begins and no pod goes, but where somebody says that the node is off', () => {
    fc.assert(
      fc.property(risk, (given) => {
        decideMoves({ ...given, breakerProblem: 'too many look dead' }).forEach(({ move }, at) => {
          const found = given.members[at];
          const begins = move.step === 'seek' && found !== undefined && !wasUnderWay(found);
          if (!begins && move.step !== 'release') return;
          const said = given.trouble.get('from' in move ? move.from : '');
          expect(said?.outOfService === 'byOthers' || said?.instance !== 'unknown').toBe(true);
        });
      }),
      runs(500),
    );
  });

  test('a plan destroys only what was written down before: a slot elsewhere that lets nobody in', () => {
    const found = fc.record({
      slotNode: node,
      state: fc.constantFrom(...SLOT_STATES),
      isBound: fc.boolean(),
      trouble: troubles,
      attachments: fc.array(attachment('pv-data-db-0'), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(found, ({ slotNode, state, isBound, trouble: known, attachments }) => {
        const { actions, slots } = plan(
          facts({
            app: app({ spec: { replicas: 1, volumeClaims: [DATA] }, status: { lastRecovery: { member: 'db-0' } } }),
            statefulSet: LAUNCHED_ALONE,
            reservation: reservation([slot({ node: slotNode, state })]),
            pods: isBound ? [pod({ claims: ['data-db-0'] })] : [],
            claims: [claim()],
            recovery: {
              trouble: known,
              attachments,
              breakerProblem: undefined,
              exclusiveVolumes: new Set(['pv-data-db-0']),
            },
          }),
          NOW,
        );
        const destroys = actions.filter(({ kind }) => DESTROYING.has(kind));
        if (destroys.length === 0) return;
        // It runs where all is well, and only what it left behind is detached.
        const isBehind = isBound && !known.has('n1') && destroys.every(({ kind }) => kind !== 'forceDeletePod');
        if (isBehind) {
          expect(slots).toMatchObject([{ node: 'n1', state: 'Claimed' }]);
          for (const action of destroys) expect('nodeName' in action && action.nodeName).not.toBe('n1');
          return;
        }
        expect(slots).toMatchObject([{ node: slotNode, state: 'Moving' }]);
        if (isBound)
          expect({ slotNode, state }).toEqual({ slotNode: expect.not.stringMatching('n1'), state: 'Moving' });
        for (const action of destroys) expect('nodeName' in action && action.nodeName).not.toBe(slotNode);
      }),
      runs(300),
    );
  });
});

const DESTROYING = new Set(['forceDeletePod', 'declareOutOfService', 'deleteAttachment']);

const DEFAULT_ACT_SECONDS = Recovery.parse({}).nodeFailure.actAfterSeconds;

describe('silence', () => {
  /** Renewals come every 10 s, later by a blip now and then, and everybody is deaf at times. */
  const blips = fc.array(
    fc.record({ node: fc.integer({ min: 0, max: 4 }), seconds: fc.integer({ min: 1, max: 15 }) }),
    {
      minLength: 200,
      maxLength: 200,
    },
  );
  const outages = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 2000 }), seconds: fc.constantFrom(30, 120, 3600) }),
    {
      maxLength: 3,
    },
  );

  test('of 200 blips of up to 15 s, and outages of the API server, is never long enough to act on', () => {
    fc.assert(
      fc.property(blips, outages, (late, away) => {
        const silence = new NodeSilence();
        const events: { readonly at: number; readonly name: string }[] = [];
        const next = [0, 2, 4, 6, 8];
        for (const { node: which, seconds } of late) {
          for (const name of next.keys()) {
            events.push({ at: next[name] ?? 0, name: `n${name}` });
            next[name] = (next[name] ?? 0) + 10;
          }
          // One that is late renews that much later, once.
          next[which] = (next[which] ?? 0) + seconds;
        }
        const end = Math.min(...next);
        let shift = 0;
        const outage = [...away].sort((a, b) => a.at - b.at);
        for (const { at, name } of events.filter((event) => event.at < end).sort((a, b) => a.at - b.at)) {
          while (outage[0] !== undefined && outage[0].at <= at) shift += outage.shift()?.seconds ?? 0;
          const now = at + shift;
          expect(silence.silentFor(DEFAULT_ACT_SECONDS, now)).toEqual([]);
          silence.heard(name, String(now), now);
        }
      }),
      runs(20),
    );
  });
});
