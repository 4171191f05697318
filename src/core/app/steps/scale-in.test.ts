import { describe, expect, test } from '@jest/globals';
import { DATA } from '../../../../test/support/app-builders.ts';
import { ACTORS, AppWorld } from '../../../../test/support/app-world.ts';
import { readNumber } from '../read-field.ts';

const podsWanted = (world: AppWorld): number | undefined =>
  readNumber(world.children.get('StatefulSet'), 'spec', 'replicas');

function scaledIn(spec: object): AppWorld {
  const world = new AppWorld({ replicas: 4, ...spec }, 4, 1);
  world.settle();
  world.edit({ replicas: 1 });
  world.act('operator');
  return world;
}

describe('scale-in', () => {
  test('takes one member that holds data at a time, and waits until it is gone', () => {
    const world = scaledIn({ volumeClaims: [DATA] });
    expect(podsWanted(world)).toBe(3);
    world.act('statefulSetController');
    world.act('operator');
    expect(podsWanted(world)).toBe(3);
    expect(world.app.status?.operations).toEqual([
      {
        type: 'ScaleIn',
        progress: '4 to 1',
        blockedBy: 'PodGone',
        message: 'waits for db-3 to stop; its volumes stay',
      },
    ]);
    world.act('kubelet');
    world.act('operator');
    expect(podsWanted(world)).toBe(2);
  });

  test('takes members without data at once', () => {
    expect(podsWanted(scaledIn({}))).toBe(1);
  });

  test('gives back a slot when its pod is gone, keeps all claims and marks those that were left', () => {
    const world = scaledIn({ volumeClaims: [DATA] });
    expect(world.reservation?.spec.slots).toHaveLength(4);
    expect(world.settle()).toBe(true);
    expect(world.reservation?.spec.slots.map((slot) => slot.member)).toEqual(['db-0']);
    expect(world.claims.size).toBe(4);
    expect(world.app.status?.retiredClaims.map(({ claim }) => claim)).toEqual(['data-db-1', 'data-db-2', 'data-db-3']);
  });

  test('and out again does not bring old data back unasked', () => {
    const world = scaledIn({ volumeClaims: [DATA] });
    world.settle();
    world.edit({ replicas: 4 });
    expect(world.settle()).toBe(true);
    expect(world.app.status?.summary).toMatchObject({ ready: '1/4', status: 'Stalled', reason: 'StaleVolume' });
    world.edit({ retention: { reuse: 'Adopt' } });
    expect(world.settle()).toBe(true);
    expect(world.app.status?.summary).toMatchObject({ ready: '4/4', status: 'Running' });
    expect(world.claims.size).toBe(4);
  });
});

describe('suspend', () => {
  test('stops all pods, keeps claims unmarked, frees slots after holdSeconds, and resumes on the same data', () => {
    const world = new AppWorld({ replicas: 3, volumeClaims: [DATA] }, 3, 1);
    world.settle();
    const before = [...world.claims.values()].map((claim) => claim.uid);
    world.edit({ suspend: true });
    for (let turn = 0; turn < 3; turn += 1) for (const actor of ACTORS) world.act(actor);
    expect(world.pods.size).toBe(0);
    expect(world.reservation?.spec.slots).toHaveLength(3);
    expect(world.settle()).toBe(true);
    expect(world.reservation?.spec.slots).toEqual([]);
    expect(world.app.status?.summary).toMatchObject({ ready: '0/3', status: 'Suspended' });
    world.edit({ suspend: false });
    expect(world.settle()).toBe(true);
    expect(world.app.status?.summary).toMatchObject({ ready: '3/3', status: 'Running' });
    expect([...world.claims.values()].map((claim) => claim.uid)).toEqual(before);
  });
});
