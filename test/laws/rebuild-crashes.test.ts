// A member gets new volumes, and the operator may die after any write: the old data is always there and ends under a claim of its own.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DATA } from '../support/app-builders.ts';
import { RebuildWorld } from '../support/rebuild-world.ts';
import { runs } from '../support/law-runs.ts';

const WAL = { name: 'wal', mountPath: '/wal', size: '1Gi', storageClassName: 'fast' };

function startedWorld(): RebuildWorld {
  const world = new RebuildWorld({ replicas: 3, volumeClaims: [DATA, WAL], update: { minReadySeconds: 0 } }, 4, 1);
  for (let round = 0; round < 6; round += 1) {
    world.operate();
    world.others();
  }
  expect(world.app.status?.readyReplicas).toBe(3);
  expect(world.disks.size).toBe(6);
  return world;
}

function untilEnd(world: RebuildWorld, name = 'rebuild'): void {
  for (let round = 0; round < 60; round += 1) {
    world.operate();
    world.others();
    if (world.operation(name).status?.state === 'Complete') return;
  }
}

function expectKept(world: RebuildWorld, before: ReadonlyMap<string, string>): void {
  for (const [name, content] of before)
    expect({ name, content: world.disks.get(name)?.content }).toEqual({ name, content });
  expect(world.violations).toEqual([]);
}

function expectKeeper(world: RebuildWorld, name: string): void {
  const claim = world.claims.get(name);
  const disk = world.disks.get(claim?.volumeName ?? '');
  expect(claim?.phase).toBe('Bound');
  expect(disk).toMatchObject({ claim: { name, uid: claim?.uid }, reclaimPolicy: 'Retain' });
  expect(name.startsWith(`${disk?.content}-retired-`)).toBe(true);
  expect(disk?.retiring).toBeUndefined();
}

function volumeOf(world: RebuildWorld, claim: string): string {
  return world.claims.get(claim)?.volumeName ?? '';
}

function expectRebuilt(world: RebuildWorld, old: ReadonlyMap<string, string>): void {
  expect(world.operation('rebuild').status).toMatchObject({ state: 'Complete', progress: '1/1' });
  expectKept(world, old);
  const retired = world.app.status?.retiredClaims ?? [];
  expect(retired.map(({ member }) => member)).toEqual(['db-1', 'db-1']);
  for (const { claim } of retired) expectKeeper(world, claim);
  for (const name of ['data-db-1', 'wal-db-1']) {
    expect(old.has(volumeOf(world, name))).toBe(false);
    expect(world.disks.has(volumeOf(world, name))).toBe(true);
  }
  for (const name of ['data-db-0', 'data-db-2']) expect(old.get(volumeOf(world, name))).toBe(name);
  expect(world.app.status?.readyReplicas).toBe(3);
}

const contents = (world: RebuildWorld) =>
  new Map([...world.disks.values()].map(({ name, content }) => [name, content]));

describe('a Rebuild', () => {
  test('gives the member new volumes, and keeps each old one under a claim that status lists', () => {
    const world = startedWorld();
    const old = contents(world);
    world.worstDown = 0;
    world.order('rebuild', { type: 'Rebuild', members: ['db-1'] });
    untilEnd(world);
    for (let round = 0; round < 4; round += 1) {
      world.operate();
      world.others();
    }
    expectRebuilt(world, old);
    expect(world.worstDown).toBe(1);
    expect(world.asked.filter(({ kind }) => kind === 'releaseClaim').length).toBeGreaterThanOrEqual(2);
  });

  test('of several members takes one away at a time', () => {
    const world = startedWorld();
    const old = contents(world);
    world.worstDown = 0;
    world.order('rebuild', { type: 'Rebuild', members: ['db-0', 'db-2'] });
    untilEnd(world);
    expect(world.operation('rebuild').status).toMatchObject({ state: 'Complete', progress: '2/2' });
    expectKept(world, old);
    expect(world.worstDown).toBe(1);
    expect(world.app.status?.retiredClaims).toHaveLength(4);
  });

  test('that is killed after any number of writes of any pass ends the same, with nothing lost on the way', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }), (deaths) => {
        const world = startedWorld();
        const old = contents(world);
        world.order('rebuild', { type: 'Rebuild', members: ['db-1'] });
        for (const writes of deaths) {
          world.operate(writes);
          expectKept(world, old);
          world.others();
          expectKept(world, old);
        }
        untilEnd(world);
        for (let round = 0; round < 4; round += 1) {
          world.operate();
          world.others();
        }
        expectRebuilt(world, old);
      }),
      runs(25),
    );
  });

  test('whose AppOperation is deleted at any moment either did nothing or keeps the old volumes all the same', () => {
    for (let passes = 0; passes < 16; passes += 1) {
      const world = startedWorld();
      const old = contents(world);
      world.order('rebuild', { type: 'Rebuild', members: ['db-1'] });
      for (let pass = 0; pass < passes; pass += 1) {
        world.operate();
        world.others();
      }
      world.operations.clear();
      for (let round = 0; round < 20; round += 1) {
        world.operate();
        world.others();
      }
      expectKept(world, old);
      const isUndone = old.has(world.claims.get('data-db-1')?.volumeName ?? '');
      const reached = [...world.disks.values()].filter(
        ({ claim }) => world.claims.get(claim?.name ?? '')?.uid === claim?.uid,
      );
      expect({ passes, reached: reached.length }).toEqual({ passes, reached: world.disks.size });
      expect(world.app.status?.retiredClaims).toHaveLength(isUndone ? 0 : 2);
      expect([...world.disks.values()].filter(({ retiring }) => retiring !== undefined)).toEqual([]);
      expect(world.app.status?.readyReplicas).toBe(3);
    }
  });

  test('of a member that is scaled in meanwhile keeps its old volumes all the same', () => {
    for (let passes = 2; passes < 14; passes += 3) {
      const world = startedWorld();
      const old = contents(world);
      world.order('rebuild', { type: 'Rebuild', members: ['db-2'] });
      for (let pass = 0; pass < passes; pass += 1) {
        world.operate();
        world.others();
      }
      world.edit({ replicas: 2 });
      for (let round = 0; round < 20; round += 1) {
        world.operate();
        world.others();
      }
      expectKept(world, old);
      const bound = [...world.disks.values()].filter(
        ({ claim }) => world.claims.get(claim?.name ?? '')?.uid === claim?.uid,
      );
      expect({ passes, bound: bound.length }).toEqual({ passes, bound: world.disks.size });
    }
  });

  test('waits while another member is not ready', () => {
    const world = startedWorld();
    world.removeNode(world.pods.get('db-2')?.nodeName ?? '');
    world.nodes.clear();
    world.order('rebuild', { type: 'Rebuild', members: ['db-1'] });
    for (let round = 0; round < 6; round += 1) {
      world.operate();
      world.others();
    }
    expect(world.operation('rebuild').status).toMatchObject({ state: 'Running', blockedBy: 'MemberReady' });
    expect(world.asked.filter(({ kind }) => kind === 'markVolume')).toEqual([]);
  });
});
