import { describe, expect, test } from '@jest/globals';
import { NOW, app, facts, pod, reservation, slot } from '../../../test/support/app-builders.ts';
import { demand } from '../../../test/support/core-builders.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Slot } from '../../api/reservation.ts';
import { type GangPeer, gangMinimum, gangOf, gangWait } from './gang.ts';
import { plan } from './make-plan.ts';

const APPS = ['db', 'web'];
const gang = { apps: APPS };
const key = { key: 'prod/db web', apps: APPS, lead: 'db' };

function web(spec: object = {}, metadata: object = {}): PersistentApp {
  return app({ spec: { gang, ...spec }, metadata: { name: 'web', uid: 'app-2', ...metadata } });
}

/** The operator has seen its spec as it is. */
const planned = ({ metadata, spec }: PersistentApp): PersistentApp =>
  app({ spec, metadata, status: { observedGeneration: metadata.generation } });

const slots = (count: number, parts: Partial<Slot> = {}): readonly Slot[] =>
  Array.from({ length: count }, (_, i) => slot({ member: `web-${i}`, ...parts }));

const ownSlots = (...given: readonly Partial<Slot>[]) =>
  reservation(given.map((parts, i) => slot({ member: `db-${i}`, ...parts })));

const wait = (peer: Partial<GangPeer>) =>
  gangWait('db', key, () => ({ app: web(), slots: [], demand: undefined, ...peer }));

describe('the gang of an app', () => {
  test.each([
    ['none is named', {}, undefined],
    ['it names itself alone', { apps: ['db'] }, undefined],
    ['it names itself twice', { apps: ['db', 'db'] }, undefined],
    ['it names others', { apps: ['web', 'db'] }, { key: 'prod/web db', apps: ['web', 'db'], lead: 'web' }],
    [
      'it names one of them twice',
      { apps: ['web', 'db', 'web'] },
      { key: 'prod/web db', apps: ['web', 'db'], lead: 'web' },
    ],
    ['it forgot itself', { apps: ['web'] }, { key: 'prod/db web', apps: ['db', 'web'], lead: 'db' }],
  ])('when %s', (_what, named, wanted) => {
    expect(gangOf(app({ spec: { gang: named } }))).toEqual(wanted);
  });

  test('never needs more members than there are', () => {
    expect(gangMinimum(app({ spec: { replicas: 2, gang: { minMembers: 5 } } }))).toBe(2);
    expect(gangMinimum(app({ spec: { replicas: 0 } }))).toBe(0);
  });
});

describe('an app waits for another of its gang', () => {
  test.each<[string, Partial<GangPeer>, RegExp | undefined]>([
    ['not when that asks too', { demand: demand('web', { gang: key }) }, undefined],
    ['not when that has its members', { slots: slots(3) }, undefined],
    ['not when that has its minimum', { app: web({ gang: { ...gang, minMembers: 1 } }), slots: slots(1) }, undefined],
    [
      'not when that asks for a lost member',
      { app: planned(web()), slots: slots(2), demand: demand('web') },
      undefined,
    ],
    [
      'whose demand is of before it named this gang',
      { demand: demand('web', { gang: { key: 'prod/web db', apps: ['web', 'db'], lead: 'web' } }) },
      /web asks for nothing now, and 0 of the 3/,
    ],
    [
      'whose demand is of before it was in a gang',
      { demand: demand('web') },
      /web asks for nothing now, and 0 of the 3/,
    ],
    ['not when that wants no members', { app: web({ replicas: 0 }) }, undefined],
    ['not when that is paused, but has its members', { app: web({ paused: true }), slots: slots(3) }, undefined],
    [
      'that does not exist',
      { app: undefined },
      /1 of the 2 apps that start together \(db, web\) can: web does not exist/,
    ],
    ['that is going', { app: web({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }) }, /web is being deleted/],
    ['that names no gang', { app: web({ gang: {} }) }, /web names no gang: give spec.gang.apps/],
    ['that names another list', { app: web({ gang: { apps: ['web', 'x'] } }) }, /another list \(web, x\)/],
    ['that names another order', { app: web({ gang: { apps: ['web', 'db'] } }) }, /\(web, db\).* in the same order/],
    [
      'that is suspended',
      { app: web({ suspend: true }), slots: slots(3) },
      /web is suspended: set spec.suspend to false/,
    ],
    [
      'that is paused',
      { app: web({ paused: true }), slots: slots(1) },
      /web is paused, and 1 of the 3 members that must start have a slot/,
    ],
    ['that asks for nothing', { slots: slots(2) }, /web asks for nothing now, and 2 of the 3/],
    ['whose slots are only proposed', { slots: slots(3, { state: 'Proposed' }) }, /0 of the 3/],
    ['whose slots are beyond its members', { slots: slots(3).map((s) => ({ ...s, member: 'web-7' })) }, /0 of the 3/],
  ])('%s', (_what, peer, wanted) => {
    if (wanted === undefined) expect(wait(peer)).toBeUndefined();
    else expect(wait(peer)).toMatch(wanted);
  });

  test('and counts those that it need not wait for', () => {
    const three = { key: 'prod/a db web', apps: ['a', 'db', 'web'], lead: 'a' };
    expect(gangWait('db', three, () => ({ app: undefined, slots: [], demand: undefined }))).toMatch(
      /^1 of the 3 apps that start together \(a, db, web\) can: a does not exist.*; web does not exist/,
    );
  });
});

describe('an app of a gang', () => {
  const ofGang = app({ spec: { gang } });

  test('asks with it for its minimum', () => {
    expect(plan(facts({ app: ofGang }), NOW).demand).toMatchObject({ gang: key, minMembers: 3 });
  });

  test('asks for itself for more than that, and for what it lost', () => {
    const some = app({ spec: { gang: { ...gang, minMembers: 2 } } });
    const asked = plan(facts({ app: some, reservation: ownSlots({}, {}) }), NOW).demand;
    expect(asked?.members.map(({ member }) => member)).toEqual(['db-2']);
    expect(asked?.gang).toBeUndefined();
  });

  test('waits while its slots are proposed: none counts, none is given up, and no pod is made', () => {
    const proposed = ownSlots({ state: 'Proposed' }, { state: 'Proposed' }, { state: 'Proposed', node: 'gone' });
    const { demand: asked, slots: kept, status, actions } = plan(facts({ app: ofGang, reservation: proposed }), NOW);
    expect(asked?.members).toHaveLength(3);
    expect(asked?.placed).toEqual([]);
    expect(kept).toEqual(proposed.spec.slots);
    expect(status.conditions.find(({ type }) => type === 'Reserved')).toMatchObject({
      status: 'False',
      message: expect.stringMatching(/^0 of 3 members have a slot/),
    });
    expect(status.members.map(({ state }) => state)).toEqual(['Waiting', 'Waiting', 'Waiting']);
    const made = actions.flatMap((action) =>
      action.kind === 'apply' && action.object.kind === 'StatefulSet' ? [action.object] : [],
    );
    expect(made).toMatchObject([{ spec: { replicas: 0 } }]);
  });

  test('takes a proposed slot whose pod runs for claimed', () => {
    const owned = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: {
        name: 'db',
        uid: 'sts-1',
        ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
      },
    };
    const given = { app: ofGang, reservation: ownSlots({ state: 'Proposed' }), pods: [pod()], statefulSet: owned };
    expect(plan(facts(given), NOW).slots[0]).toMatchObject({ state: 'Claimed' });
  });
});
