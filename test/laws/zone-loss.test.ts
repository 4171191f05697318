// A zone is lost, or half of one, or more than one: what members on it lose, and by which right.
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { plan } from '../../src/core/app/make-plan.ts';
import { breakerProblem } from '../../src/core/recovery/circuit-breaker.ts';
import type { NodeTrouble } from '../../src/core/recovery/node-trouble.ts';
import { type ZoneNode, lostZone, lostZones } from '../../src/core/recovery/zone-loss.ts';
import { DATA, LAUNCHED_ALONE, NOW, app, claim, facts, node, pod, reservation, slot } from '../support/app-builders.ts';
import { runs } from '../support/law-runs.ts';

const NODES = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3'];
const MEMBERS = [0, 1, 2];
const zoneOf = (name: string): string => name.charAt(0);

const world = fc.record({
  silent: fc.oneof(
    fc.subarray(NODES),
    fc.constantFrom('a', 'b').map((zone) => NODES.filter((name) => zoneOf(name) === zone)),
  ),
  homes: fc.tuple(fc.constantFrom('a1', 'b1', 'c1'), fc.constantFrom('a2', 'b2'), fc.constantFrom('a3', 'c3')),
  exclusive: fc.subarray(MEMBERS),
  zonal: fc.subarray(MEMBERS),
  zoneLoss: fc.constantFrom('Manual' as const, 'Automatic' as const),
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
  /** Which members have their place elsewhere already, written down as Moving. */
  found: fc.subarray(MEMBERS),
});

test('nobody is taken from a silent node but with evidence, within the breaker, and never one whose volume is in the lost zone', () => {
  let moved = 0;
  fc.assert(
    fc.property(world, ({ silent, homes, exclusive, zonal, zoneLoss, maxConcurrent, found }) => {
      const seen = NODES.map((name): ZoneNode => ({
        zone: zoneOf(name),
        state: silent.includes(name) ? 'dead' : 'heard',
      }));
      const zone = lostZone(seen);
      const problem = breakerProblem({ dead: silent.length, nodes: NODES.length, lostZone: zone, zoneLoss });
      const lost = lostZones(seen);
      const locked = MEMBERS.filter((at) => zonal.includes(at) && lost.has(zoneOf(homes[at] ?? '')));
      const trouble = silent.map((name): [string, NodeTrouble] => [
        name,
        {
          name,
          uid: `uid-${name}`,
          silentSeconds: 60,
          renewedAt: 'then',
          ready: true,
          outOfService: 'no',
          instance: 'unknown',
          wholeNodeProblem: '',
        },
      ]);
      const result = plan(
        facts({
          app: app({
            spec: { volumeClaims: [DATA], recovery: { nodeFailure: { maxConcurrent } } },
            status: { lastRecovery: { member: 'db-0', detectedAt: '2026-01-02T03:00:00Z' } },
          }),
          statefulSet: { ...LAUNCHED_ALONE, spec: { replicas: 3 } },
          nodes: new Map(
            [...NODES, 'd1'].map((name) => [
              name,
              node(name, { labels: { 'topology.kubernetes.io/zone': zoneOf(name) } }),
            ]),
          ),
          pods: MEMBERS.map((at) => pod({ name: `db-${at}`, nodeName: homes[at] ?? '', claims: [`data-db-${at}`] })),
          claims: MEMBERS.map((at) => claim({ name: `data-db-${at}` })),
          reservation: reservation(
            MEMBERS.map((at) =>
              found.includes(at)
                ? slot({ member: `db-${at}`, node: 'd1', state: 'Moving' })
                : slot({ member: `db-${at}`, node: homes[at] ?? '', state: 'Claimed', podUID: `uid-db-${at}` }),
            ),
          ),
          recovery: {
            trouble: new Map(trouble),
            attachments: [],
            breakerProblem: problem,
            exclusiveVolumes: new Set(exclusive.map((at) => `pv-data-db-${at}`)),
            lockedVolumes: new Map(locked.map((at) => [`pv-data-db-${at}`, zoneOf(homes[at] ?? '')])),
          },
        }),
        NOW,
      );
      const forced = result.actions.flatMap((action) =>
        action.kind === 'forceDeletePod' ? [Number(action.name.slice(3))] : [],
      );
      moved += zone === undefined ? 0 : forced.length;
      for (const at of forced) {
        expect(silent).toContain(homes[at]);
        expect(exclusive).toContain(at);
        expect(found).toContain(at);
        expect(locked).not.toContain(at);
      }
      if (silent.length > 1 && (zone === undefined || zoneLoss === 'Manual')) expect(forced).toEqual([]);
      for (const at of locked) {
        const told = result.status.members[at]?.message ?? '';
        expect(told).toContain(`waits for the zone: all nodes of zone ${zoneOf(homes[at] ?? '')} are lost`);
      }
      const isHeld = (at: number): boolean =>
        result.slots.some(({ member, state }) => member === `db-${at}` && state === 'Moving');
      const begun = MEMBERS.filter((at) => isHeld(at) && !found.includes(at));
      expect(begun.length).toBeLessThanOrEqual(maxConcurrent);
      expect(begun.filter((at) => locked.includes(at))).toEqual([]);
    }),
    { ...runs(400), endOnFailure: true },
  );
  expect(moved).toBeGreaterThan(0);
});
