// An app that is deleted, or paused, at any moment of a growth that replaces its StatefulSet, with an operator that dies at any write: no pod
// is left without an owner, and none goes that should stay.
import { describe, expect, test } from '@jest/globals';
import { DATA } from '../support/app-builders.ts';
import { ACTORS, AppWorld } from '../support/app-world.ts';
import { goneWithoutFinalizers } from '../support/world/volume-writes.ts';

/** Enough for every arrow of a replacement, and some more. */
const TURNS = 4 * ACTORS.length;
const MOMENTS = Array.from({ length: TURNS }, (_none, turns) => ({ turns, writes: turns % 3 }));

interface Moment {
  readonly turns: number;
  readonly writes: number;
}

/** Three members whose volumes grow, after so many turns, and a last pass of the operator that died after so many writes. */
function growing({ turns, writes }: Moment, whenDeleted: string): AppWorld {
  const world = new AppWorld({ volumeClaims: [DATA], gang: { minMembers: 1 }, retention: { whenDeleted } }, 4, 10);
  world.settle();
  world.edit({ volumeClaims: [{ ...DATA, size: '2Gi' }] });
  for (let turn = 0; turn < turns; turn += 1) world.act(ACTORS[turn % ACTORS.length] ?? 'clock');
  world.operateUpTo(writes);
  return world;
}

const isAway = (world: AppWorld): boolean => {
  const live = world.children.get('StatefulSet');
  return live === undefined || live.metadata['deletionTimestamp'] !== undefined;
};
const uidsOf = (world: AppWorld) => [...world.pods.values()].map(({ name, uid }) => `${name} ${uid}`).toSorted();
const ownersOf = (world: AppWorld) => new Set([...world.pods.values()].map(({ owner }) => owner?.uid));

test('the StatefulSet is away at some of these moments', () => {
  expect(MOMENTS.some((moment) => isAway(growing(moment, 'Retain')))).toBe(true);
});

describe('an app that is deleted', () => {
  test.each([
    ['Retain', 3],
    ['Delete', 0],
  ] as const)('goes with all its pods, and %s leaves %i claims', (whenDeleted, claims) => {
    for (const moment of MOMENTS) {
      const world = growing(moment, whenDeleted);
      world.remove();
      expect([moment, world.settle()]).toEqual([moment, true]);
      const left = [world.isGone, world.pods.size, world.children.size, world.claims.size];
      expect([moment, ...left]).toEqual([moment, true, 0, 0, claims]);
      expect(world.violations).toEqual([]);
    }
  });

  test('is not held for longer than its timeout by pods that nobody takes up', () => {
    const moment = MOMENTS.find((each) => isAway(growing(each, 'Retain'))) ?? { turns: 0, writes: 0 };
    const world = growing(moment, 'Retain');
    world.act('garbageCollector');
    world.remove();
    for (let round = 0; round < 5; round += 1) world.act('operator');
    expect(world.isGone).toBe(false);
    const told = world.app.status?.conditions.find(({ reason }) => reason === 'Deleting')?.message;
    expect(told).toMatch(/pods? ha(s|ve) no StatefulSet, since it is being replaced/);
    world.now += world.app.spec.retention.timeoutSeconds + 1;
    for (let round = 0; round < 3; round += 1) world.act('operator');
    expect(world.isGone).toBe(true);
  });
});

/** What garbage collection does first, and last, for --cascade=orphan. */
function orphanChildren(world: AppWorld): void {
  for (const [kind, child] of world.children) {
    const { ownerReferences: _owners, ...metadata } = child.metadata;
    world.children.set(kind, { ...child, metadata: { ...metadata, name: child.metadata.name } });
  }
}

describe('an app that is deleted with --cascade=orphan', () => {
  test.each(['Retain', 'Delete'])('leaves its pods with an owner, and %s takes no claim', (whenDeleted) => {
    for (const moment of MOMENTS) {
      const world = growing(moment, whenDeleted);
      const before = uidsOf(world);
      const held = [...world.app.metadata.finalizers];
      world.app = { ...world.app, metadata: { ...world.app.metadata, finalizers: [...held, 'orphan'] } };
      world.remove();
      orphanChildren(world);
      // The operator never saw the finalizer that says so.
      world.app = { ...world.app, metadata: { ...world.app.metadata, finalizers: held } };
      goneWithoutFinalizers(world);
      expect([moment, world.settle()]).toEqual([moment, true]);
      expect([moment, world.isGone, uidsOf(world), world.claims.size]).toEqual([moment, true, before, 3]);
      const owner = world.children.get('StatefulSet')?.metadata.uid;
      expect([moment, ...ownersOf(world)]).toEqual([moment, owner]);
      expect(world.violations).toEqual([]);
    }
  });
});

describe('an app that is paused', () => {
  test('has a StatefulSet all the same, the same pods, and ends its growth when it goes on', () => {
    for (const moment of MOMENTS) {
      const world = growing(moment, 'Retain');
      const before = uidsOf(world);
      world.edit({ paused: true });
      for (let round = 0; round < 8; round += 1) for (const actor of ACTORS) world.act(actor);
      expect([moment, isAway(world), uidsOf(world)]).toEqual([moment, false, before]);
      expect([moment, ...ownersOf(world)]).toEqual([moment, world.children.get('StatefulSet')?.metadata.uid]);
      world.edit({ paused: false });
      expect([moment, world.settle()]).toEqual([moment, true]);
      expect([moment, world.app.status?.replacement, uidsOf(world)]).toEqual([moment, undefined, before]);
      expect(world.app.metadata.finalizers).toEqual([]);
      expect(world.isSilent()).toBe(true);
    }
  });
});
