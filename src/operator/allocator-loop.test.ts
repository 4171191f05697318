import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Decision } from '../core/allocator/decision.ts';
import type { Demand } from '../core/allocator/demand.ts';
import { systemClock } from '../kube/clock.ts';
import { KubeError } from '../kube/errors.ts';
import type { SlotWrite } from './reservation-writer.ts';
import { AllocatorLoop } from './allocator-loop.ts';

const rules = { constraints: [], policies: [], nodeSelector: {}, nodeAffinityTerms: undefined, tolerations: [] };

function demand(name: string, over: Partial<Demand> = {}): Demand {
  const members = [{ member: `${name}-0`, ordinal: 0, requests: { cpu: 100 }, volumes: [], previousNode: '' }];
  return {
    app: { namespace: 'shop', name, uid: name },
    framework: 'default',
    priority: 0,
    pendingSinceSeconds: 0,
    members,
    minMembers: 1,
    rules,
    placed: [],
    ...over,
  };
}

const accept = ({ app, members }: Demand): Decision => ({
  kind: 'accept',
  app,
  slots: members.map(({ member }) => ({ member, node: 'n1', zone: '', resources: {}, volumes: [] })),
});

const decline = ({ app }: Demand, message: string): Decision => ({
  kind: 'decline',
  app,
  reason: 'InsufficientCPU',
  message,
  nodesByReason: { InsufficientCPU: 3 },
  refusals: [],
});

describe('the allocator loop', () => {
  let answer: (demand: Demand) => Decision;
  let turns: (readonly Demand[])[];
  let woken: string[];
  let written: string[];
  let outcome: SlotWrite;
  let failure: Error | undefined;
  let wait: string | undefined;
  const assumed = new Set<string>();
  let takenWhileWriting: string[];
  let reclaimed: string[];
  let explained: string;
  /** What is to happen after half a minute, which is after the test. */
  let late: (() => void)[];
  let whileWriting: () => void;
  let loop: AllocatorLoop;
  const stop = new AbortController();
  let running: Promise<void>;

  beforeEach(() => {
    [answer, turns, woken, written, outcome] = [accept, [], [], [], 'written'];
    [failure, takenWhileWriting, wait] = [undefined, [], undefined];
    [reclaimed, explained, late, whileWriting] = [[], '', [], () => undefined];
    assumed.clear();
    loop = new AllocatorLoop({
      allocate: (demands) => {
        turns.push(demands);
        return demands.map((item) => answer(item));
      },
      reservations: {
        accept: async (app, slots) => {
          if (failure !== undefined) throw failure;
          whileWriting();
          takenWhileWriting.push(...assumed);
          written.push(...slots.map((slot) => `${app.framework} ${slot.member}`));
          return outcome;
        },
        newest: () => undefined,
      },
      gangs: {
        isUnsettled: false,
        unsettled: new Set<string>(),
        settleAll: async () => new Set<string>(),
        accept: async (parts) => {
          written.push(`together ${parts.flatMap(({ slots }) => slots.map(({ member }) => member)).join()}`);
          return outcome;
        },
      },
      gangWait: () => wait,
      reclaimer: {
        beforeTurn: () => void reclaimed.push('before'),
        afterTurn: async (decisions) => void reclaimed.push(`after ${decisions.map(({ kind }) => kind).join()}`),
        explain: (decision) => ({ ...decision, message: `${explained}${decision.message}` }),
        forget: (uid) => void reclaimed.push(`forget ${uid}`),
      },
      assume: ({ app }) => void assumed.add(app.uid),
      forget: ({ uid }) => void assumed.delete(uid),
      wake: (key, seconds) => void woken.push(`${key} after ${seconds}`),
      decided: () => undefined,
      demandsChanged: () => undefined,
      turnSeconds: 0.001,
      clock: {
        ...systemClock,
        after: (seconds, run) => {
          // How long a turn took, and with it the rest after it, is not in the test's hand.
          if (seconds < 30) return systemClock.after(0, run);
          late.push(run);
          return () => undefined;
        },
      },
      metrics: { turnTook: () => undefined },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    running = loop.run(stop.signal);
  });

  afterEach(async () => {
    loop.want('shop/db', undefined);
    await settle();
  });

  test('demands of one moment are served in one turn, and their slots written', async () => {
    loop.want('shop/db', demand('db'));
    loop.want('shop/es', demand('es'));
    await settle();
    expect(turns.map((turn) => turn.length)).toEqual([2]);
    expect(written).toEqual(['default db-0', 'default es-0']);
    expect(woken).toEqual(['shop/db after 0', 'shop/es after 0']);
    expect(loop.pendingMembers()).toBe(0);
  });

  test('a decline is told once, and nothing happens until something changes', async () => {
    answer = (item) => decline(item, '0 of 3 nodes have 100m CPU free');
    loop.want('shop/db', demand('db'));
    await settle();
    expect(loop.declineOf('shop/db')?.message).toBe('0 of 3 nodes have 100m CPU free');
    loop.want('shop/db', demand('db'));
    await settle();
    expect(turns).toHaveLength(1);
    loop.nudge();
    await settle();
    expect(turns).toHaveLength(2);
    expect(woken).toEqual(['shop/db after 0']);
  });

  test('a changed answer is told again', async () => {
    answer = (item) => decline(item, '0 of 3 nodes');
    loop.want('shop/db', demand('db'));
    await settle();
    answer = (item) => decline(item, '0 of 4 nodes');
    loop.nudge();
    await settle();
    expect(woken).toHaveLength(2);
  });

  test('room that becomes free reaches who waits, and the decline is forgotten', async () => {
    answer = (item) => decline(item, 'no');
    loop.want('shop/db', demand('db'));
    await settle();
    answer = accept;
    loop.nudge();
    await settle();
    expect(written).toEqual(['default db-0']);
    expect(loop.declineOf('shop/db')).toBeUndefined();
  });

  test('after a lost race the app is woken later, not at once', async () => {
    outcome = 'conflict';
    loop.want('shop/db', demand('db'));
    await settle();
    expect(woken).toEqual(['shop/db after 1']);
  });

  test('room counts as taken while it is promised, and no longer once it is seen', async () => {
    loop.want('shop/db', demand('db'));
    await settle();
    expect(takenWhileWriting).toEqual(['db']);
    expect(assumed.size).toBe(0);
  });

  test('room stays taken when nobody knows whether the promise was written', async () => {
    failure = new Error('the connection broke');
    loop.want('shop/db', demand('db'));
    await settle();
    expect([...assumed]).toEqual(['db']);
    expect(woken).toEqual(['shop/db after 1']);
  });

  test.each<[string, Error | SlotWrite, boolean]>([
    ['somebody wrote in between', 'conflict', false],
    ['the API server refuses them', new KubeError({ status: 422, reason: 'Invalid', message: 'no' }), false],
    ['nobody knows whether they were written, half a minute later', new Error('the connection broke'), true],
  ])(
    'slots that come to nothing leave their room to who was refused because of them: %s',
    async (_when, how, isLate) => {
      if (how instanceof Error) failure = how;
      else outcome = how;
      answer = (item) => (item.app.name === 'db' ? accept(item) : decline(item, `0 of 3, ${assumed.size} promised`));
      loop.want('shop/db', demand('db'));
      loop.want('shop/es', demand('es'));
      await settle();
      if (isLate) {
        expect(turns).toHaveLength(1);
        for (const run of late) run();
        await settle();
      }
      expect(turns.map((turn) => turn.map(({ app }) => app.name))).toEqual([['db', 'es'], ['es']]);
      expect([...assumed]).toEqual([]);
    },
  );

  test('an app that is withdrawn while others’ slots are written gets none, and its room is offered again', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `app${i}`);
    whileWriting = () => loop.want('shop/app8', undefined);
    answer = (item) => (item.app.name === 'es' ? decline(item, 'no') : accept(item));
    for (const name of [...names, 'es']) loop.want(`shop/${name}`, demand(name));
    await settle();
    expect(written).toHaveLength(8);
    expect(written).not.toContain('default app8-0');
    expect(turns.map((turn) => turn.length)).toEqual([10, 1]);
  });

  test('apps of one gang are written as one decision, and what has no gang for itself', async () => {
    const gang = { key: 'shop/db es', apps: ['db', 'es'], lead: 'db' };
    loop.want('shop/db', demand('db', { gang }));
    loop.want('shop/es', demand('es', { gang }));
    loop.want('shop/solo', demand('solo'));
    await settle();
    expect(written).toEqual(['default solo-0', 'together db-0,es-0']);
    expect(woken.toSorted()).toEqual(['shop/db after 0', 'shop/es after 0', 'shop/solo after 0']);
  });

  test('a gang that lacks an app is not decided about, and says so; no node is asked for', async () => {
    wait = '1 of the 2 apps that start together (db, es) can: es does not exist';
    loop.want('shop/db', demand('db', { gang: { key: 'shop/db es', apps: ['db', 'es'], lead: 'db' } }));
    await settle();
    expect(turns).toEqual([]);
    expect(loop.declineOf('shop/db')).toMatchObject({ reason: 'GangIncomplete', message: wait, wantsNodes: false });
  });

  test('who waits has a turn when another asks no more, since room may have been kept for that one', async () => {
    answer = (item) => decline(item, 'no');
    for (const name of ['db', 'es']) loop.want(`shop/${name}`, demand(name));
    await settle();
    loop.want('shop/db', undefined);
    await settle();
    expect(turns.map((turn) => turn.map(({ app }) => app.name))).toEqual([['db', 'es'], ['es']]);
    loop.want('shop/db', undefined);
    await settle();
    expect(turns).toHaveLength(2);
  });

  test('a withdrawn demand is served no more', async () => {
    answer = (item) => decline(item, 'no');
    loop.want('shop/db', demand('db'));
    await settle();
    loop.want('shop/db', undefined);
    loop.nudge();
    await settle();
    expect(turns).toHaveLength(1);
    expect(loop.declineOf('shop/db')).toBeUndefined();
  });

  test('an allocator that throws stops nothing', async () => {
    answer = () => {
      throw new Error('a mistake of ours');
    };
    loop.want('shop/db', demand('db'));
    await settle();
    answer = accept;
    loop.nudge();
    await settle();
    expect(written).toEqual(['default db-0']);
  });

  test('guarantees are brought back after each turn, and what is freed counts from the next on', async () => {
    answer = (item) => decline(item, 'no');
    explained = 'somebody goes for it; ';
    loop.want('shop/db', demand('db'));
    await settle();
    expect(loop.declineOf('shop/db')?.message).toBe('somebody goes for it; no');
    answer = accept;
    loop.nudge();
    await settle();
    expect(reclaimed).toEqual(['before', 'after decline', 'before', 'forget db', 'after accept']);
  });

  test('it ends when it is told to', async () => {
    stop.abort();
    await running;
  });
});

/** Several short waits: on a machine that is busy one long one may end before what was to happen in it. */
async function settle(): Promise<void> {
  for (let rounds = 0; rounds < 10; rounds += 1) await new Promise((resolve) => setTimeout(resolve, 3));
}
