import { describe, expect, test } from '@jest/globals';
import { DATA } from '../../../../test/support/app-builders.ts';
import { ACTORS, AppWorld } from '../../../../test/support/app-world.ts';

const conditionsOf = (world: AppWorld): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (world.app.status?.conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );

function running(spec: object = {}): AppWorld {
  const world = new AppWorld({ replicas: 3, volumeClaims: [DATA], ...spec }, 4, 1);
  world.settle();
  return world;
}

describe('status', () => {
  test('of a running app', () => {
    const world = running();
    const { status } = world.app;
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      updatedReplicas: 3,
      selector: `proffer.dev/app=db,proffer.dev/app-uid=${world.app.metadata.uid}`,
      summary: { ready: '3/3', status: 'Running', reason: '', zones: 'a', storage: '3Gi' },
      operations: [],
      offers: { attempts: 0, rejected: {} },
    });
    expect(status?.members[0]).toMatchObject({
      name: 'db-0',
      node: 'n1',
      zone: 'a',
      state: 'Ready',
      volumes: [{ claim: 'data-db-0', size: '1Gi', state: 'Bound' }],
    });
    expect(conditionsOf(world)).toEqual({
      Ready: 'True AllMembersReady',
      Reserved: 'True AllMembersPlaced',
      Reconciling: 'False AsWanted',
      Stalled: 'False NotStalled',
      Degraded: 'False AsWanted',
      Progressing: 'False UpToDate',
      VolumesHealthy: 'True AllVolumesBound',
      Suspended: 'False Running',
      Supported: 'True Supported',
    });
  });

  test('is ready for a new generation only when that is reached', () => {
    const world = running();
    world.edit({
      template: { spec: { containers: [{ name: 'db', image: 'db:2', resources: { requests: { cpu: '1' } } }] } },
    });
    world.act('operator');
    expect(world.app.status?.observedGeneration).toBe(2);
    expect(conditionsOf(world)).toMatchObject({ Ready: 'False MembersNotReady', Reconciling: 'True Starting' });
    world.act('operator');
    expect(conditionsOf(world)).toMatchObject({
      Ready: 'False StatefulSet',
      Reconciling: 'True Update',
      Progressing: 'True Updating',
      Degraded: 'False AsWanted',
    });
    world.settle();
    expect(conditionsOf(world)).toMatchObject({
      Ready: 'True AllMembersReady',
      Reconciling: 'False AsWanted',
      Progressing: 'False UpToDate',
    });
  });

  test('of an app that lost a member is degraded until it is back', () => {
    const world = running();
    const pod = world.pods.get('db-1');
    if (pod !== undefined) world.pods.set('db-1', { ...pod, ready: false, problem: 'CrashLoopBackOff' });
    world.act('operator');
    expect(world.app.status?.members[1]).toMatchObject({ state: 'NotReady', message: 'CrashLoopBackOff' });
    expect(world.app.status?.summary).toMatchObject({ ready: '2/3', status: 'Degraded' });
    expect(world.app.status?.conditions.find((item) => item.type === 'Degraded')?.message).toBe(
      '2 of 3 members are ready: db-1 NotReady on n2 (CrashLoopBackOff)',
    );
    world.pods.delete('db-1');
    world.act('operator');
    expect(conditionsOf(world)['Degraded']).toBe('True MembersNotReady');
    expect(world.app.status?.members[1]).toMatchObject({ state: 'Reserved', node: 'n2' });
    world.settle();
    expect(conditionsOf(world)['Degraded']).toBe('False AsWanted');
  });

  test('shows a member on a silent node as lost, and where it was', () => {
    const world = running();
    const home = world.nodes.get('n2');
    if (home !== undefined) world.nodes.set('n2', { ...home, ready: false });
    const pod = world.pods.get('db-1');
    if (pod !== undefined) world.pods.set('db-1', { ...pod, ready: false });
    world.act('operator');
    expect(world.app.status?.members[1]).toMatchObject({ node: 'n2', state: 'Lost', message: 'node n2 is not ready' });
  });

  test('keeps the time of a condition until its status changes', () => {
    const world = running();
    const timeOf = (): string | undefined =>
      world.app.status?.conditions.find((item) => item.type === 'Ready')?.lastTransitionTime;
    const before = timeOf();
    world.now += 1000;
    world.edit({ availability: { podDisruptionBudget: 'None' } });
    world.act('operator');
    world.act('operator');
    expect(conditionsOf(world)['Ready']).toBe('True AllMembersReady');
    expect(timeOf()).not.toBe(before);
    const after = timeOf();
    world.now += 1000;
    world.act('operator');
    expect(timeOf()).toBe(after);
  });
});

describe('events', () => {
  test('come once for each change, and none at rest', () => {
    const world = new AppWorld({ replicas: 3 }, 3, 1);
    const reasons: string[] = [];
    const rounds = (count: number): void => {
      for (let round = 0; round < count; round += 1) {
        for (const actor of ACTORS) {
          if (actor === 'operator') reasons.push(...world.plan().events.map((event) => event.reason));
          world.act(actor);
        }
        world.now += 10;
      }
    };
    rounds(8);
    expect(reasons.splice(0)).toEqual(['AllMembersPlaced', 'AllMembersReady']);
    rounds(3);
    expect(reasons).toEqual([]);
    world.edit({ suspend: true });
    rounds(6);
    expect(reasons.splice(0)).toEqual(['Suspended']);
    world.edit({ suspend: false, update: { canary: 1 } });
    rounds(6);
    expect(reasons.toSorted()).toEqual(['AllMembersReady', 'NotSupportedYet', 'Running']);
  });

  test('tell of members that wait for room, with the numbers', () => {
    const world = new AppWorld({ replicas: 3 }, 2, 1);
    for (let round = 0; round < 2; round += 1) world.act('operator');
    expect(world.plan().events).toEqual([]);
    expect(world.app.status?.conditions.find((item) => item.type === 'Reserved')).toMatchObject({
      status: 'False',
      reason: 'InsufficientCPU',
      message: '0 of 3 members have a slot; 3 members need a place, 2 fit',
    });
  });
});
