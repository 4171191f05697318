import { describe, expect, test } from '@jest/globals';
import { parseReservation } from '../api/parse.ts';
import type { Reservation, Slot } from '../api/reservation.ts';
import type { AcceptedSlot } from '../core/allocator/decision.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { Store } from '../kube/store.ts';
import { GangWriter, type GangPart } from './gang-writer.ts';
import { ReservationWriter } from './reservation-writer.ts';

const APPS = ['master', 'data', 'ingest'];

/** What a write meets: it passes, never arrives, or takes effect without anybody hearing of it. */
type Fate = 'passes' | 'neverArrives' | 'noReply';

class Crash extends Error {}

/** Reservations in an API server that checks resource versions. One process at a time writes; it ends with its crash. */
class Api {
  readonly objects = new Map<string, KubeObject>();
  writes = 0;
  #version = 10;
  #crash: { readonly at: number; readonly fate: Fate } | undefined;
  /** What somebody else does right before the n-th write. */
  before = new Map<number, () => void>();

  crashAt(at: number, fate: Fate): void {
    this.#crash = { at, fate };
    this.writes = 0;
  }

  process(): { readonly writer: GangWriter; readonly reservations: ReservationWriter } {
    const store = new Store<Reservation>();
    for (const [key, object] of this.objects) store.set(key, parseReservation(object));
    const reservations = new ReservationWriter({
      writer: {
        create: (object) => this.#meets(() => this.#create(object)),
        patchCas: (_type, namespace, name, patch, version) =>
          this.#meets(() => this.#patch(`${namespace}/${name}`, patch, version)),
        get: () => Promise.reject(new Error('nobody reads')),
        delete: () => Promise.reject(new Error('nobody deletes')),
      },
      store,
      epoch: () => 1,
      now: () => 1_767_323_045,
      metrics: { wroteReservation: () => undefined },
      onWritten: () => undefined,
    });
    return { writer: new GangWriter(reservations, store), reservations };
  }

  slots(app: string): readonly Slot[] {
    const object = this.objects.get(`shop/${app}`);
    return object === undefined ? [] : parseReservation(object).spec.slots;
  }

  async #meets(write: () => KubeObject): Promise<KubeObject> {
    this.writes += 1;
    this.before.get(this.writes)?.();
    const fate = this.#crash?.at === this.writes ? this.#crash.fate : 'passes';
    if (fate === 'neverArrives') throw new Crash('before the write');
    const answer = write();
    if (fate === 'noReply') throw new Crash('after the write');
    return answer;
  }

  #create(object: KubeObject): KubeObject {
    if (this.objects.has(`shop/${object.metadata.name}`)) throw refused('AlreadyExists');
    return this.#store(object);
  }

  #patch(key: string, patch: Readonly<Record<string, unknown>>, version: string): KubeObject {
    const object = this.objects.get(key);
    if (object === undefined || object.metadata.resourceVersion !== version) throw refused('Conflict');
    return this.#store({ ...object, spec: { ...(object['spec'] as object), ...(patch['spec'] as object) } });
  }

  #store(object: KubeObject): KubeObject {
    this.#version += 1;
    const { name } = object.metadata;
    const stored = {
      ...object,
      metadata: { ...object.metadata, uid: `rsv-${name}`, resourceVersion: `${this.#version}` },
    };
    this.objects.set(`shop/${name}`, stored);
    return stored;
  }
}

function refused(reason: string): KubeError {
  return new KubeError({ status: 409, reason, message: reason });
}

function accepted(member: string): AcceptedSlot {
  return { member, node: 'n1', zone: '', resources: { cpu: 500, pods: 1 }, volumes: [] };
}

const part = (name: string): GangPart => ({
  owner: { namespace: 'shop', name, uid: `app-${name}`, framework: 'default' },
  slots: [accepted(`${name}-0`), accepted(`${name}-1`)],
});

const PARTS = APPS.map(part);

function slotOf({ spec }: Reservation, at: number): Slot {
  const found = spec.slots[at];
  if (found === undefined) throw new Error(`no slot ${at}`);
  return found;
}

const states = (api: Api): readonly string[] =>
  APPS.map(
    (app) =>
      api
        .slots(app)
        .map(({ state }) => state)
        .join() || 'none',
  );
const leftover = (api: Api): readonly string[] =>
  [...api.objects.values()].flatMap((object) => parseReservation(object).spec.committedDecisions);

/** A new process settles what it finds, in as many goes as it needs. */
async function recover(api: Api): Promise<void> {
  const { writer } = api.process();
  expect([...(await writer.settleAll())]).toEqual([]);
  expect(api.process().writer.isUnsettled).toBe(false);
}

const WHOLE = APPS.map(() => 'Held,Held');
const NOTHING = APPS.map(() => 'none');

describe('a decision over three apps', () => {
  test('is proposed, committed by the lead, and then held, and leaves nothing behind', async () => {
    const api = new Api();
    const { writer } = api.process();
    expect(await writer.accept(PARTS)).toBe('written');
    expect(states(api)).toEqual(WHOLE);
    expect(leftover(api)).toEqual([]);
    expect(new Set(APPS.flatMap((app) => api.slots(app).map(({ decision }) => decision))).size).toBe(1);
    expect(await writer.settleAll()).toEqual(new Set());
    // Three proposals, the commit, two that become Held, and the commit is forgotten.
    expect(api.writes).toBe(7);
  });

  const crashes = [1, 2, 3, 4, 5, 6, 7].flatMap((at) => [
    { at, fate: 'neverArrives' as const },
    { at, fate: 'noReply' as const },
  ]);

  test.each(crashes)(
    'whose maker dies at write $at ($fate) is whole or nothing after the next leader',
    async ({ at, fate }) => {
      const api = new Api();
      api.crashAt(at, fate);
      await expect(api.process().writer.accept(PARTS)).rejects.toThrow(Crash);
      await recover(api);
      const isCommitted = at > 4 || (at === 4 && fate === 'noReply');
      expect(states(api)).toEqual(isCommitted ? WHOLE : NOTHING);
      expect(leftover(api)).toEqual([]);
    },
  );

  test.each(crashes)(
    'whose maker dies at write $at ($fate), and the next leaders at each of theirs, is whole or nothing',
    async ({ at, fate }) => {
      for (let second = 1; second <= 4; second += 1) {
        for (const then of ['neverArrives', 'noReply'] as const) {
          const api = new Api();
          api.crashAt(at, fate);
          await expect(api.process().writer.accept(PARTS)).rejects.toThrow(Crash);
          api.crashAt(second, then);
          await api
            .process()
            .writer.settleAll()
            .catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
          api.crashAt(0, 'passes');
          await recover(api);
          expect([WHOLE, NOTHING]).toContainEqual(states(api));
        }
      }
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7])(
    'is whole or nothing when another leader settles right before its write %i',
    async (at) => {
      const api = new Api();
      const others: Promise<unknown>[] = [];
      api.before.set(at, () => {
        api.before.clear();
        others.push(api.process().writer.settleAll());
      });
      await api.process().writer.accept(PARTS);
      await Promise.all(others);
      await recover(api);
      expect([WHOLE, NOTHING]).toContainEqual(states(api));
    },
  );

  test.each<[string, readonly Partial<Slot>[]]>([
    ['has a member elsewhere', [{ node: 'n9', state: 'Claimed' }, {}]],
    ['has a slot that lost a conflict', [{ state: 'Conflicted' }, {}]],
    ['gave up its slots', []],
  ])('is withdrawn when one of its apps meanwhile %s', async (_what, changes) => {
    const api = new Api();
    const { writer, reservations } = api.process();
    const owner = part('data').owner;
    // The second app is proposed, the third is next.
    api.before.set(3, () => {
      api.before.clear();
      const base = reservations.newest(owner);
      const slots = changes.flatMap((change, i) => (base === undefined ? [] : { ...slotOf(base, i), ...change }));
      void reservations.keep(owner, slots, base);
    });
    expect(await writer.accept(PARTS)).toBe('conflict');
    await recover(api);
    expect([states(api)[0], states(api)[2]]).toEqual(['none', 'none']);
    expect(api.slots('data').some(({ state }) => state === 'Held')).toBe(false);
  });

  test('is withdrawn when a member got a slot before it was proposed', async () => {
    const api = new Api();
    const { writer, reservations } = api.process();
    const data = part('data');
    await reservations.accept(data.owner, data.slots);
    expect(await writer.accept(PARTS)).toBe('conflict');
    expect(states(api)).toEqual(['none', 'Held,Held', 'none']);
  });

  test('is withdrawn when an app is deleted while it is proposed', async () => {
    const api = new Api();
    api.before.set(3, () => api.objects.delete('shop/master'));
    await api.process().writer.accept(PARTS);
    await recover(api);
    expect(states(api)).toEqual(NOTHING);
  });

  test('keeps the slots that an app had before', async () => {
    const api = new Api();
    const { reservations } = api.process();
    await reservations.accept(part('master').owner, [accepted('master-7')]);
    api.crashAt(3, 'neverArrives');
    await expect(api.process().writer.accept(PARTS)).rejects.toThrow(Crash);
    await recover(api);
    expect(api.slots('master').map(({ member, state }) => `${member} ${state}`)).toEqual(['master-7 Held']);
  });
});
