import { beforeEach, describe, expect, test } from '@jest/globals';
import { API_VERSION } from '../api/group.ts';
import type { Reservation, Slot } from '../api/reservation.ts';
import { parseReservation } from '../api/parse.ts';
import type { AcceptedSlot } from '../core/allocator/decision.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { Store } from '../kube/store.ts';
import type { Writer } from '../kube/writer.ts';
import { ReservationWriter } from './reservation-writer.ts';

const APP = { namespace: 'shop', name: 'db', uid: 'app-1', framework: 'default' };

function accepted(member: string, node: string): AcceptedSlot {
  return {
    member,
    node,
    zone: 'z1',
    resources: { cpu: 500, pods: 1 },
    volumes: [{ claim: `data-${member}`, pool: 'fast', storageClassName: 'fast', bytes: 1024, pinned: true }],
  };
}

/** One Reservation in an API server that checks resource versions. */
class FakeWriter {
  object: KubeObject | undefined;
  version = 10;
  writes = 0;
  loseNext = false;
  /** The app as the API server has it. */
  app: KubeObject | undefined;

  create: Writer['create'] = (object) => {
    this.#refuse(this.object !== undefined, 'AlreadyExists');
    return Promise.resolve(this.#store(object));
  };
  patchCas: Writer['patchCas'] = (_type, _namespace, _name, patch, resourceVersion) => {
    this.#refuse(this.object?.metadata.resourceVersion !== resourceVersion, 'Conflict');
    const before = this.object as KubeObject;
    const spec = { ...(before['spec'] as object), ...(patch['spec'] as object) };
    return Promise.resolve(
      this.#store({ ...before, metadata: { ...before.metadata, ...(patch['metadata'] as object) }, spec }),
    );
  };

  get: Writer['get'] = () => Promise.resolve(this.app);
  delete: Writer['delete'] = (_type, _namespace, _name, { uid, resourceVersion }) => {
    const { metadata } = this.object as KubeObject;
    this.#refuse(metadata.uid !== uid || metadata.resourceVersion !== resourceVersion, 'Conflict');
    this.object = undefined;
    return Promise.resolve();
  };

  #refuse(refused: boolean, reason: string): void {
    if (refused || this.loseNext) throw new KubeError({ status: 409, reason, message: reason });
  }

  #store(object: KubeObject): KubeObject {
    this.version += 1;
    this.writes += 1;
    this.object = { ...object, metadata: { ...object.metadata, uid: 'rsv-1', resourceVersion: String(this.version) } };
    return this.object;
  }
}

describe('writing reservations', () => {
  let writer: FakeWriter;
  let store: Store<Reservation>;
  let reservations: ReservationWriter;
  let now: number;

  beforeEach(() => {
    writer = new FakeWriter();
    store = new Store();
    now = 1_767_323_045;
    reservations = new ReservationWriter({
      writer,
      store,
      epoch: () => 7,
      now: () => now,
      metrics: { wroteReservation: () => undefined },
      onWritten: () => undefined,
    });
  });

  const show = () => store.set('shop/db', parseReservation(writer.object));
  const members = () =>
    (reservations.newest(APP)?.spec.slots ?? []).map(({ member, node, state }) => `${member} ${node} ${state}`);

  test('the first slots make the Reservation, controlled by the app', async () => {
    expect(await reservations.accept(APP, [accepted('db-0', 'n1'), accepted('db-1', 'n2')])).toBe('written');
    expect(writer.object?.metadata['ownerReferences']).toEqual([
      { apiVersion: API_VERSION, kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true },
    ]);
    expect(writer.object?.metadata['labels']).toMatchObject({
      'proffer.dev/framework': 'default',
      'proffer.dev/app': 'db',
    });
    expect(reservations.newest(APP)?.spec.slots[0]).toMatchObject({
      state: 'Held',
      epoch: 7,
      acceptedAt: '2026-01-02T03:04:05Z',
      resources: { cpu: '500m', pods: '1' },
      volumes: [{ claim: 'data-db-0', pinned: true, bytes: 1024 }],
    });
  });

  test('slots of one decision carry its id', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1'), accepted('db-1', 'n2')]);
    const ids = reservations.newest(APP)?.spec.slots.map((slot) => slot.decision);
    expect(new Set(ids).size).toBe(1);
    expect(ids?.[0]).not.toBe('');
  });

  test('what takes the place of a slot on the move whose pod is gone lets nobody in before its volumes are looked at', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1'), accepted('db-1', 'n2')]);
    const moved = (reservations.newest(APP)?.spec.slots ?? []).map((slot): Slot => {
      return { ...slot, state: 'Moving', podUID: slot.member === 'db-1' ? 'uid-db-1' : '' };
    });
    await reservations.keep(APP, moved, reservations.newest(APP));
    await reservations.accept(APP, [accepted('db-0', 'n3'), accepted('db-1', 'n4')]);
    expect(members()).toEqual(['db-0 n3 Moving', 'db-1 n4 Held']);
  });

  test('our own write counts before the watch shows it', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    expect(members()).toEqual(['db-0 n1 Held']);
    expect(await reservations.accept(APP, [accepted('db-0', 'n3')])).toBe('unchanged');
    expect(writer.writes).toBe(1);
  });

  test('an older event of the watch does not take a write back', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    show();
    const old = store.get('shop/db');
    await reservations.accept(APP, [accepted('db-1', 'n2')]);
    store.set('shop/db', {
      ...(old as Reservation),
      metadata: { ...(old as Reservation).metadata, labels: { late: 'yes' } },
    });
    expect(members()).toEqual(['db-0 n1 Held', 'db-1 n2 Held']);
  });

  test('bookkeeping that changes nothing writes nothing', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    const base = reservations.newest(APP);
    expect(await reservations.keep(APP, base?.spec.slots ?? [], base)).toBe('unchanged');
    expect(await reservations.keep({ ...APP, name: 'other' }, [], undefined)).toBe('unchanged');
    expect(writer.writes).toBe(1);
  });

  test('another framework is bookkeeping too', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    const base = reservations.newest(APP);
    expect(await reservations.keep({ ...APP, framework: 'gold' }, base?.spec.slots ?? [], base)).toBe('written');
    expect(writer.object?.metadata['labels']).toMatchObject({ 'proffer.dev/framework': 'gold' });
  });

  test('bookkeeping on what is not the newest is a conflict, and writes nothing', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    const base = reservations.newest(APP);
    await reservations.accept(APP, [accepted('db-1', 'n2')]);
    expect(await reservations.keep(APP, [], base)).toBe('conflict');
    expect(members()).toHaveLength(2);
  });

  test('a race that another process won is a conflict', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    writer.loseNext = true;
    expect(await reservations.accept(APP, [accepted('db-1', 'n2')])).toBe('conflict');
  });

  test('a conflicted slot is replaced, the others stay', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1'), accepted('db-1', 'n2')]);
    const base = reservations.newest(APP) as Reservation;
    const slots = base.spec.slots.map((slot): Slot =>
      slot.member === 'db-0' ? { ...slot, state: 'Conflicted' } : slot,
    );
    await reservations.keep(APP, slots, base);
    await reservations.accept(APP, [accepted('db-0', 'n3')]);
    expect(members().toSorted()).toEqual(['db-0 n3 Held', 'db-1 n2 Held']);
  });

  test('the Reservation of a deleted app of that name is neither ours nor touched', async () => {
    await reservations.accept({ ...APP, uid: 'app-0' }, [accepted('db-0', 'n1')]);
    show();
    expect(reservations.newest(APP)).toBeUndefined();
    expect(await reservations.accept(APP, [accepted('db-0', 'n2')])).toBe('conflict');
    expect(await reservations.keep(APP, [], undefined)).toBe('unchanged');
    expect(writer.writes).toBe(1);
  });

  test('a write that no watch ever showed is forgotten after a minute', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    now += 61;
    expect(reservations.newest(APP)).toBeUndefined();
  });

  describe('left by an app that was deleted without its dependents', () => {
    const app = { apiVersion: API_VERSION, kind: 'PersistentApp', metadata: { name: 'db', uid: 'app-1' } };

    beforeEach(async () => {
      await reservations.accept(APP, [accepted('db-0', 'n1')]);
      const { metadata, ...rest } = writer.object as KubeObject;
      const { ownerReferences: _owners, ...orphaned } = metadata;
      writer.object = { ...rest, metadata: orphaned };
      show();
    });

    test('is removed', async () => {
      await reservations.removeOrphan('shop/db');
      expect(writer.object).toBeUndefined();
    });

    test('is removed when another app has the name', async () => {
      writer.app = { ...app, metadata: { name: 'db', uid: 'app-2' } };
      await reservations.removeOrphan('shop/db');
      expect(writer.object).toBeUndefined();
    });

    test('stays while the app is there, whatever the cache says', async () => {
      writer.app = app;
      await reservations.removeOrphan('shop/db');
      expect(writer.object).toBeDefined();
    });
  });

  test('one that has an owner is left to garbage collection', async () => {
    await reservations.accept(APP, [accepted('db-0', 'n1')]);
    show();
    await reservations.removeOrphan('shop/db');
    expect(writer.object).toBeDefined();
  });
});
