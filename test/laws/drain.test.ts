// Nodes are cordoned and uncordoned while the operator may die after any write, and before it: no member goes before it has another place,
// never two at once, and whoever is asked to leave ends elsewhere.
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DATA } from '../support/app-builders.ts';
import { ACTORS, AppWorld } from '../support/app-world.ts';
import { runs } from '../support/law-runs.ts';

class DrainWorld extends AppWorld {
  cordon(name: string, unschedulable: boolean): void {
    const node = this.nodes.get(name);
    if (node !== undefined) this.nodes.set(name, { ...node, unschedulable });
  }

  /** What a member must have before its pod is told to go. */
  override operateUpTo(writes: number): void {
    const before = this.performed.length;
    const slots = new Map((this.reservation?.spec.slots ?? []).map((slot) => [slot.member, slot]));
    const nodeOf = new Map([...this.pods.values()].map((pod) => [pod.name, pod.nodeName]));
    super.operateUpTo(writes);
    for (const action of this.performed.slice(before)) {
      if (action.kind !== 'deletePod') continue;
      const slot = slots.get(action.name);
      if (
        slot?.state !== 'Held' ||
        slot.node === nodeOf.get(action.name) ||
        this.nodes.get(slot.node)?.unschedulable !== false
      )
        this.violations.push(`${action.name} was told to go, and its slot is ${JSON.stringify(slot)}`);
    }
  }

  nodesOfMembers(): readonly string[] {
    return [...this.pods.values()].map((pod) => pod.nodeName).toSorted();
  }
}

function running(nodes: number, room = 1): DrainWorld {
  const world = new DrainWorld({ replicas: 3, volumeClaims: [DATA], update: { minReadySeconds: 7 } }, nodes, room);
  expect(world.settle()).toBe(true);
  return world;
}

const name = (at: number): string => `n${at}`;
const turn = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ACTORS).map((actor) => (world: DrainWorld) => world.act(actor)) },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 0, max: 5 }).map((writes) => (world: DrainWorld) => world.operateUpTo(writes)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.boolean()).map(
      ([at, isCordoned]) =>
        (world: DrainWorld) =>
          world.cordon(name(at), isCordoned),
    ),
  },
);

test('whatever is cordoned and whenever the operator dies, members go one by one, each to a place it has', () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
      const world = running(6);
      const volumes = [...world.claims.values()].map(({ uid }) => uid).toSorted();
      for (const take of turns) take(world);
      for (let at = 1; at <= 6; at += 1) world.cordon(name(at), at <= 3);
      expect(world.settle()).toBe(true);
      expect(world.violations).toEqual([]);
      expect(world.nodesOfMembers()).toEqual(['n4', 'n5', 'n6']);
      expect([...world.claims.values()].map(({ uid }) => uid).toSorted()).toEqual(volumes);
      expect(world.isSilent()).toBe(true);
    }),
    runs(30),
  );
});

test('without another place nobody goes, and the status says why', () => {
  const world = running(3);
  const pods = [...world.pods.values()].map(({ uid }) => uid);
  world.cordon('n1', true);
  expect(world.settle()).toBe(true);
  expect([...world.pods.values()].map(({ uid }) => uid)).toEqual(pods);
  const drain = world.app.status?.operations.find(({ type }) => type === 'Drain');
  expect(drain).toMatchObject({ progress: '2/3', blockedBy: 'InsufficientCPU' });
  expect(drain?.message).toMatch(
    /node n1 is cordoned, with db-\d; db-\d run on where they are: 1 members need a place, 0 fit/,
  );
  const ready = world.app.status?.conditions.find(({ type }) => type === 'Ready');
  expect(ready).toMatchObject({ status: 'True', reason: 'AllMembersReady' });
  expect(world.isSilent()).toBe(true);
  world.cordon('n1', false);
  expect(world.settle()).toBe(true);
  expect([...world.pods.values()].map(({ uid }) => uid)).toEqual(pods);
  expect(world.app.status?.operations).toEqual([]);
});
