import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CONTAINER, DATA } from '../support/app-builders.ts';
import { ACTORS, AppWorld } from '../support/app-world.ts';
import { runs } from '../support/law-runs.ts';

type Edit = (world: AppWorld) => void;

const template = (image: string, cpu: string): Readonly<Record<string, unknown>> => ({
  template: { spec: { containers: [{ ...CONTAINER, image, resources: { requests: { cpu, memory: '1Gi' } } }] } },
});

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.integer({ min: 0, max: 5 }).map(
    (replicas): Edit =>
      (world) =>
        world.edit({ replicas }),
  ),
  fc.tuple(fc.constantFrom('db:1', 'db:2', 'db:3'), fc.constantFrom('500m', '1', '2')).map(
    ([image, cpu]): Edit =>
      (world) =>
        world.edit(template(image, cpu)),
  ),
  fc.boolean().map(
    (suspend): Edit =>
      (world) =>
        world.edit({ suspend }),
  ),
  fc.boolean().map(
    (paused): Edit =>
      (world) =>
        world.edit({ paused }),
  ),
  fc.constantFrom('Refuse', 'Adopt').map(
    (reuse): Edit =>
      (world) =>
        world.edit({ retention: { reuse } }),
  ),
  fc.constantFrom('Auto', 'None').map(
    (podDisruptionBudget): Edit =>
      (world) =>
        world.edit({ availability: { podDisruptionBudget } }),
  ),
  fc.integer({ min: 0, max: 4 }).map((at): Edit => (world) => {
    const pod = [...world.pods.values()][at];
    if (pod !== undefined) world.pods.delete(pod.name);
  }),
  fc.integer({ min: 1, max: 5 }).map(
    (at): Edit =>
      (world) =>
        world.removeNode(`n${at}`),
  ),
  fc.integer({ min: 1, max: 5 }).map(
    (at): Edit =>
      (world) =>
        world.addNode(`n${at}`),
  ),
  fc.integer({ min: 1, max: 5 }).map((at): Edit => (world) => {
    const node = world.nodes.get(`n${at}`);
    if (node !== undefined) world.nodes.set(node.name, { ...node, unschedulable: !node.unschedulable });
  }),
  fc.constant<Edit>((world) => world.recreate()),
  fc.constant<Edit>((world) => void world.children.delete('StatefulSet')),
  fc.constant<Edit>((world) => {
    world.reservation = undefined;
  }),
  fc.constant<Edit>((world) => world.claims.clear()),
);

const turn: fc.Arbitrary<Edit> = fc.constantFrom(...ACTORS).map(
  (actor): Edit =>
    (world) =>
      world.act(actor),
);
/** Everybody has had a turn, three times. */
const rounds = fc.constant<Edit>((world) => {
  for (const actor of [...ACTORS, ...ACTORS, ...ACTORS]) world.act(actor);
});
const history = fc.array(
  fc.oneof({ weight: 4, arbitrary: turn }, { weight: 2, arbitrary: edit }, { weight: 1, arbitrary: rounds }),
  { maxLength: 40 },
);
const start = fc.record({
  replicas: fc.integer({ min: 0, max: 5 }),
  volumeClaims: fc.constantFrom([], [DATA], [DATA, { ...DATA, name: 'wal', mountPath: '/wal' }]),
  gang: fc.constantFrom({}, { minMembers: 1 }, { minMembers: 2 }),
  placement: fc.constantFrom({}, { holdSeconds: 0 }, { constraints: [{ key: '@hostname', operator: 'Unique' }] }),
  capacityRequest: fc.constantFrom({}, { afterSeconds: 0 }, { mode: 'None' }),
});

describe('any plan, in any order of events', () => {
  test('settles, and is silent for ever after', () => {
    fc.assert(
      fc.property(start, history, fc.integer({ min: 0, max: 3 }), (spec, events, room) => {
        const world = new AppWorld(spec, 4, room);
        for (const event of events) event(world);
        expect(world.settle()).toBe(true);
        expect(world.isSilent()).toBe(true);
      }),
      runs(20),
    );
  });

  test('with room for all, every wanted member that may start runs', () => {
    fc.assert(
      fc.property(start, history, (spec, events) => {
        const world = new AppWorld(spec, 4, 10);
        for (const event of events) event(world);
        world.edit({ suspend: false, paused: false, retention: { reuse: 'Adopt' } });
        world.addNode('n9');
        expect(world.settle()).toBe(true);
        const { status, demand } = world.plan();
        expect(demand).toBeUndefined();
        expect(status.readyReplicas).toBe(world.app.spec.replicas);
        expect(status.updatedReplicas).toBe(world.app.spec.replicas);
        expect(status.conditions.find((condition) => condition.type === 'Ready')?.status).toBe('True');
      }),
      runs(20),
    );
  });

  test('never deletes a claim, restarts no member while another is down, and starts none on old data', () => {
    fc.assert(
      fc.property(start, history, (spec, events) => {
        const world = new AppWorld(spec, 4, 3);
        for (const event of events) event(world);
        world.settle();
        const deleted = world.performed.flatMap((action) => (action.kind === 'deleteOwned' ? [action.objectKind] : []));
        expect(deleted.filter((kind) => kind !== 'PodDisruptionBudget')).toEqual([]);
        expect(world.violations).toEqual([]);
      }),
      runs(20),
    );
  });
});
