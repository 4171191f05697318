import { expect, test } from '@jest/globals';
import { app } from '../../../test/support/app-builders.ts';
import type { NodeTrouble } from './node-trouble.ts';
import { recoveryPhases } from './recovery-phases.ts';

const silent = (name: string, silentSeconds: number): [string, NodeTrouble] => [
  name,
  {
    name,
    uid: `uid-${name}`,
    silentSeconds,
    renewedAt: 'then',
    ready: true,
    outOfService: 'no',
    instance: 'unknown',
    wholeNodeProblem: '',
  },
];

const BEGUN = { member: 'db-0', cause: 'c', evidence: 'e', detectedAt: '2026-01-02T03:04:00Z' };
const FENCED = { ...BEGUN, fencedAt: '2026-01-02T03:04:01Z' };
const READY = { ...FENCED, boundAt: '2026-01-02T03:04:02Z', readyAt: '2026-01-02T03:04:04Z' };

const phases = (before: object | undefined, after: typeof BEGUN | undefined) =>
  recoveryPhases(
    {
      app: app(before === undefined ? {} : { status: { lastRecovery: before } }),
      recovery: {
        trouble: new Map([silent('n1', 28), silent('n2', 16)]),
        breakerProblem: undefined,
        exclusiveVolumes: new Set(),
        attachments: [],
      },
    },
    after === undefined ? {} : { lastRecovery: after },
  );

test('a recovery that begins is measured from the last renewal of the node to its detection', () => {
  expect(phases(undefined, BEGUN)).toEqual([{ phase: 'detected', seconds: 28 }]);
  expect(phases({ ...READY, detectedAt: '2026-01-01T00:00:00Z' }, BEGUN)).toEqual([{ phase: 'detected', seconds: 28 }]);
});

test('each phase that ends is measured once, from the detection on', () => {
  expect(phases(BEGUN, FENCED)).toEqual([{ phase: 'fenced', seconds: 1 }]);
  expect(phases(FENCED, READY)).toEqual([
    { phase: 'bound', seconds: 2 },
    { phase: 'ready', seconds: 4 },
  ]);
  expect(phases(READY, READY)).toEqual([]);
  expect(phases(BEGUN, undefined)).toEqual([]);
});
