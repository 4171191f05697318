// A StatefulSet of somebody's becomes an app's, while the operator may die after any write: nobody is restarted, and nothing is lost.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LABEL_APP, LABEL_APP_UID } from '../../src/api/labels.ts';
import { ACTORS, type AppWorld } from '../support/app-world.ts';
import { THEIR_UID, adoptingWorld, theirs } from '../support/adoption-world.ts';
import { runs } from '../support/law-runs.ts';

type Turn = (world: AppWorld) => void;

const act: fc.Arbitrary<Turn> = fc.oneof(
  fc.constantFrom(...ACTORS).map(
    (actor): Turn =>
      (world) =>
        world.act(actor),
  ),
  fc.integer({ min: 0, max: 6 }).map(
    (writes): Turn =>
      (world) =>
        world.operateUpTo(writes),
  ),
);

const uidsOf = (items: ReadonlyMap<string, { readonly name: string; readonly uid: string }>) =>
  [...items.values()].map(({ name, uid }) => `${name} ${uid}`).toSorted();

function expectAdopted(world: AppWorld, before: readonly string[], claims: readonly string[]): void {
  expect(world.settle()).toBe(true);
  expect(world.violations).toEqual([]);
  expect(world.app.status?.adopted).toBe(THEIR_UID);
  expect(world.app.status?.replacement).toBeUndefined();
  expect(uidsOf(world.pods)).toEqual(before);
  expect(uidsOf(world.claims)).toEqual(claims);
  expect([...world.claims.values()].map(({ labels }) => labels[LABEL_APP_UID])).toEqual(
    claims.map(() => world.app.metadata.uid),
  );
  const set = world.children.get('StatefulSet');
  expect(set?.metadata.uid).not.toBe(THEIR_UID);
  expect([...world.pods.values()].map(({ owner }) => owner?.uid)).toEqual(before.map(() => set?.metadata.uid));
  expect(world.reservation?.spec.slots).toMatchObject(
    [...world.pods.values()].map(({ name, nodeName, uid }) => ({
      member: name,
      node: nodeName,
      podUID: uid,
      state: 'Claimed',
    })),
  );
  expect(world.performed.filter(({ kind }) => kind === 'deletePod' || kind === 'removeClaim')).toEqual([]);
  expect(world.isSilent()).toBe(true);
}

describe('an app that is made of a StatefulSet', () => {
  test('takes over its pods, claims and places', () => {
    const world = adoptingWorld();
    expectAdopted(world, uidsOf(world.pods), uidsOf(world.claims));
    expect(world.app.status?.updatedReplicas).toBe(3);
  });

  test('does so whatever happens in between, with an operator that dies at any write', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (turns) => {
        const world = adoptingWorld();
        const [before, claims] = [uidsOf(world.pods), uidsOf(world.claims)];
        for (const turn of turns) turn(world);
        expectAdopted(world, before, claims);
      }),
      runs(25),
    );
  });

  test('does so when the operator dies after each one of its writes', () => {
    for (let writes = 0; writes < 24; writes += 1) {
      const world = adoptingWorld();
      const [before, claims] = [uidsOf(world.pods), uidsOf(world.claims)];
      let left = writes;
      for (let turn = 0; turn < 20 && left > 0; turn += 1) {
        const { actions } = world.plan();
        world.operateUpTo(left);
        left -= actions.length + 2;
        for (const actor of ACTORS.filter((one) => one !== 'operator')) world.act(actor);
      }
      expectAdopted(world, before, claims);
    }
  });

  test.each([true, false])(
    'wipes nothing and takes nothing of a StatefulSet that was let go, whose pod is away for a moment (adopting: %s)',
    (isAdopting) => {
      for (const reuse of isAdopting ? ['Wipe'] : ['Wipe', 'Adopt']) {
        const world = adoptingWorld({ retention: { reuse, whenScaled: 'Retain', whenDeleted: 'Retain' } });
        const { metadata } = world.app;
        if (!isAdopting) world.app = { ...world.app, metadata: { ...metadata, annotations: {} } };
        for (const item of world.claims.values()) {
          world.claims.set(item.name, { ...item, labels: { [LABEL_APP]: 'db', [LABEL_APP_UID]: 'let-go' } });
        }
        world.pods.delete('db-1');
        const claims = [...world.claims.values()].filter(({ name }) => !isAdopting || name === 'data-db-1');
        for (let pass = 0; pass < 3; pass += 1) world.act('operator');
        expect([...world.claims.values()]).toEqual(expect.arrayContaining(claims));
        expect(world.removed).toEqual([]);
      }
    },
  );

  test.each([
    ['another replica', { replicas: 4 }, /it has 3 replicas and the app 4/],
    [
      'a smaller volume',
      { volumeClaims: [theirs.volume('512Mi')] },
      /claim data-db-0 has 1Gi and the app asks for 512Mi/,
    ],
    [
      'another image',
      { template: theirs.template('db:2') },
      /containers\[0\]\.image is "db:1" in the StatefulSet and "db:2"/,
    ],
    ['no volume', { volumeClaims: [] }, /it has volume data, and spec\.volumeClaims of the app does not name it/],
    ['another Service', { serviceName: 'peers' }, /named by Service db and the app's by peers/],
  ])('is refused with %s, and nothing is touched', (_what, spec, says) => {
    const world = adoptingWorld({ ...spec });
    const set = world.children.get('StatefulSet');
    const [before, claims] = [[...world.pods.values()], [...world.claims.values()]];
    world.settle();
    const stalled = world.app.status?.conditions.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'AdoptionRefused', message: expect.stringMatching(says) });
    expect(world.children.get('StatefulSet')?.metadata.uid).toBe(set?.metadata.uid);
    expect([...world.pods.values()]).toEqual(before);
    expect([...world.claims.values()]).toEqual(claims);
    expect(world.isSilent()).toBe(true);
  });
});
