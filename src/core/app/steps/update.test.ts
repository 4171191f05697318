import { describe, expect, test } from '@jest/globals';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { CONTAINER } from '../../../../test/support/app-builders.ts';
import { AppWorld } from '../../../../test/support/app-world.ts';
import { plan } from '../make-plan.ts';

const NEXT = { template: { spec: { containers: [{ ...CONTAINER, image: 'db:2' }] } } };

/** Three ready members whose app has a newer template that the StatefulSet knows, and some pods changed. */
function updating(changes: Readonly<Record<string, Partial<PodFacts>>> = {}, spec: object = {}): AppWorld {
  const world = new AppWorld({ replicas: 3, ...spec }, 3, 1);
  world.settle();
  world.edit(NEXT);
  for (const actor of ['operator', 'statefulSetController'] as const) world.act(actor);
  for (const [name, change] of Object.entries(changes)) {
    const pod = world.pods.get(name);
    if (pod !== undefined) world.pods.set(name, { ...pod, ...change });
  }
  return world;
}

const restarted = (world: AppWorld): readonly string[] =>
  world.plan().actions.flatMap((action) => (action.kind === 'deletePod' ? [action.name] : []));
const operation = (world: AppWorld) => world.plan().status.operations.find((item) => item.type === 'Update');

describe('a changed template', () => {
  test('restarts the highest ordinal first, by UID, when all are ready', () => {
    const world = updating();
    expect(restarted(world)).toEqual(['db-2']);
    expect(world.plan().actions).toMatchObject([{ kind: 'deletePod', uid: world.pods.get('db-2')?.uid }]);
    expect(operation(world)).toMatchObject({ progress: '0/3', blockedBy: '', message: 'restarts db-2' });
  });

  test('waits while the StatefulSet controller has not seen it: it would make pods from the old one', () => {
    const world = new AppWorld({ replicas: 3 }, 3, 1);
    world.settle();
    world.edit(NEXT);
    world.act('operator');
    expect(restarted(world)).toEqual([]);
    expect(operation(world)?.blockedBy).toBe('StatefulSet');
  });

  test('waits until the StatefulSet has forgotten a volume that was removed with it: new pods would be given it once more', () => {
    const claims = ['data', 'wal'].map((name) => ({
      name,
      mountPath: `/${name}`,
      size: '1Gi',
      storageClassName: 'fast',
    }));
    const world = new AppWorld({ replicas: 3, volumeClaims: claims }, 3, 1);
    world.settle();
    world.edit({ ...NEXT, volumeClaims: claims.slice(0, 1) });
    for (const actor of ['operator', 'statefulSetController'] as const) world.act(actor);
    expect(restarted(world)).toEqual([]);
    expect(operation(world)).toMatchObject({ blockedBy: 'StatefulSet', message: expect.stringContaining('wal') });
  });

  test('waits for a member that is down, and for one that is ready for too short a time', () => {
    const world = updating();
    for (const actor of ['operator', 'kubelet', 'statefulSetController'] as const) world.act(actor);
    expect(restarted(world)).toEqual([]);
    expect(operation(world)).toMatchObject({
      progress: '1/3',
      blockedBy: 'MemberReady',
      message: 'waits for db-2 to be ready',
    });
    for (const actor of ['scheduler', 'kubelet'] as const) world.act(actor);
    expect(restarted(world)).toEqual([]);
    expect(operation(world)).toMatchObject({ blockedBy: 'MinReadySeconds' });
    expect(world.plan().wakeAfterSeconds).toBe(10);
    world.now += 10;
    expect(restarted(world)).toEqual(['db-1']);
  });

  test('restarts a member that has been broken for minReadySeconds first, and does not wait for the others', () => {
    const broken = { ready: false, readySinceSeconds: 0 };
    expect(restarted(updating({ 'db-0': broken }))).toEqual(['db-0']);
    expect(restarted(updating({ 'db-0': broken, 'db-1': broken, 'db-2': broken }))).toEqual(['db-2']);
  });

  test('does not take a member for broken that has just lost its readiness', () => {
    const world = updating({ 'db-0': { ready: false } });
    world.pods.set('db-0', { ...(world.pods.get('db-0') as PodFacts), readySinceSeconds: world.now - 3 });
    expect(restarted(world)).toEqual([]);
    expect(world.plan().wakeAfterSeconds).toBe(7);
  });

  test('restarts broken members one at a time', () => {
    const broken = { ready: false, readySinceSeconds: 0 };
    const world = updating({ 'db-0': broken, 'db-1': broken, 'db-2': { ready: false, deleting: true } });
    expect(restarted(world)).toEqual([]);
  });

  test('replaces pods that run nowhere yet at once', () => {
    const nowhere = { nodeName: '', ready: false, phase: 'Pending' as const };
    expect(restarted(updating({ 'db-1': nowhere, 'db-2': nowhere }))).toEqual(['db-2', 'db-1']);
  });

  test('restarts nothing with OnDelete, and says who is behind', () => {
    const world = updating({}, { update: { type: 'OnDelete' } });
    expect(restarted(world)).toEqual([]);
    expect(operation(world)).toMatchObject({
      blockedBy: 'OnDelete',
      message: '3 members get the new template when you delete their pods',
    });
    expect(world.plan().status.conditions.find((item) => item.type === 'Ready')?.status).toBe('True');
  });

  test('of scheduling fields alone restarts nobody', () => {
    const world = new AppWorld({ replicas: 3 }, 3, 1);
    world.settle();
    world.edit({ placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] } });
    expect(world.settle()).toBe(true);
    expect(world.performed.filter((action) => action.kind === 'deletePod')).toEqual([]);
    expect(world.plan().status.updatedReplicas).toBe(3);
  });

  test('that the API server refuses leaves everything as it runs', () => {
    const world = updating();
    const made = plan({ ...world.facts(), templateProblem: 'spec.containers[0].image: Required value' }, world.now);
    expect(made.actions).toEqual([]);
    expect(made.slots).toHaveLength(3);
    expect(made.status.conditions.find((item) => item.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'InvalidTemplate',
    });
  });

  test('reaches all members with all the others up at each restart', () => {
    const world = updating();
    expect(world.settle()).toBe(true);
    const names = world.performed.flatMap((action) => (action.kind === 'deletePod' ? [action.name] : []));
    expect(names).toEqual(['db-2', 'db-1', 'db-0']);
    expect(world.violations).toEqual([]);
    expect(world.plan().status).toMatchObject({ updatedReplicas: 3, readyReplicas: 3, summary: { status: 'Running' } });
  });
});
