import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HostileApi } from '../../test/support/hostile-api.ts';
import { eventually, fastClock } from '../../test/support/hostile-clock.ts';
import { HostileServer, failure, lose, silence } from '../../test/support/hostile-server.ts';
import type { Clock } from './clock.ts';
import { GivenConnection } from './connection.ts';
import { HttpKubeClient } from './http-client.ts';
import { LeaderElector, type LeaderElectorOptions } from './lease.ts';

const COLLECTION = '/apis/coordination.k8s.io/v1/namespaces/a/leases';
const PATH = `${COLLECTION}/proffer`;

let server: HostileServer;
let api: HostileApi;
let client: HttpKubeClient;
let clock: Clock;
let stop: AbortController;
const runs: Promise<void>[] = [];

beforeEach(async () => {
  server = await new HostileServer().start();
  api = new HostileApi();
  server.otherwise(api.reply);
  clock = fastClock(100);
  client = new HttpKubeClient({ connection: new GivenConnection(server.url), userAgent: 'proffer/test', clock });
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await Promise.all(runs.splice(0));
  client.close();
  await server.stop();
});

function candidate(identity: string, options: Partial<LeaderElectorOptions> = {}) {
  const elector = new LeaderElector({
    client,
    namespace: 'a',
    name: 'proffer',
    identity,
    clock,
    random: () => 0.5,
    ...options,
  });
  const events: string[] = [];
  const own = new AbortController();
  stop.signal.addEventListener('abort', () => own.abort(), { once: true });
  const run = elector.run(own.signal, {
    onStarted: (epoch) => events.push(`started ${epoch}`),
    onLost: () => events.push('lost'),
  });
  runs.push(run);
  return { elector, events, run, stop: () => own.abort() };
}

const spec = () => api.get(PATH)?.['spec'] as Record<string, unknown> | undefined;

const hold = (holder: string, transitions = 4) =>
  api.put(COLLECTION, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'proffer', namespace: 'a' },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: 15,
      leaseTransitions: transitions,
      renewTime: 'x',
      strategy: 'unknown to us',
    },
  });

describe('a candidate', () => {
  test('makes the Lease when there is none, with six fractional digits in its times', async () => {
    const { elector, events } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    expect(events).toEqual(['started 1']);
    expect(spec()).toMatchObject({ holderIdentity: 'me', leaseDurationSeconds: 15, leaseTransitions: 1 });
    for (const field of ['acquireTime', 'renewTime']) {
      expect(spec()?.[field]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }
  });

  test('leaves a lease alone that is being renewed', async () => {
    const first = candidate('first');
    await eventually('leading', () => first.elector.isLeader());
    const second = candidate('second');
    await eventually('ten renewals', () => server.received.filter(({ method }) => method === 'PUT').length >= 10);
    expect([first.elector.isLeader(), second.elector.isLeader(), second.elector.holder]).toEqual([
      true,
      false,
      'first',
    ]);
  });

  test('takes a lease over only when it has seen no renewal for its whole length', async () => {
    hold('dead');
    const startedAt = clock.monotonicSeconds();
    const { elector, events } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    expect(clock.monotonicSeconds() - startedAt).toBeGreaterThanOrEqual(15);
    expect([events, elector.epoch]).toEqual([['started 5'], 5]);
    expect(spec()).toMatchObject({ holderIdentity: 'me', leaseTransitions: 5, strategy: 'unknown to us' });
  });

  test('takes a released lease at once', async () => {
    hold('');
    const startedAt = clock.monotonicSeconds();
    const { elector } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    expect(clock.monotonicSeconds() - startedAt).toBeLessThan(10);
  });

  test('whose reply was lost finds itself the holder, in a new epoch', async () => {
    api.repliesToLose = 1;
    const { elector, events } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    expect(events).toEqual(['started 2']);
  });

  test('that loses the race to another stays one', async () => {
    server.script(failure(404, 'NotFound'), (received, response) => {
      hold('other');
      return failure(409, 'AlreadyExists')(received, response);
    });
    const { elector } = candidate('me');
    await eventually('it looked again', () => server.received.length >= 4);
    expect([elector.isLeader(), elector.holder]).toEqual([false, 'other']);
  });

  test('keeps trying while the API server fails', async () => {
    server.script(failure(500, 'InternalError'), lose(), failure(403, 'Forbidden'));
    const { elector } = candidate('me');
    await eventually('leading', () => elector.isLeader());
  });

  test('that stops before it leads calls nobody and writes nothing', async () => {
    hold('other');
    const { events, run, stop } = candidate('me');
    await eventually('a look', () => server.received.length >= 1);
    stop();
    await run;
    expect([events, spec()]).toMatchObject([[], { holderIdentity: 'other' }]);
  });
});

describe('a leader', () => {
  test('survives renewals that fail for less than its time', async () => {
    const { elector, events } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    server.script(failure(500, 'InternalError'), lose(), failure(409, 'Conflict'));
    const before = server.received.length;
    await eventually('renewals after the failures', () => server.received.length > before + 6);
    expect([elector.isLeader(), events]).toEqual([true, ['started 1']]);
  });

  test('keeps its epoch and the time it began through renewals', async () => {
    const { elector } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    const { acquireTime, renewTime } = spec() ?? {};
    await eventually('a renewal', () => spec()?.['renewTime'] !== renewTime);
    expect(spec()).toMatchObject({ acquireTime, leaseTransitions: 1 });
    expect(elector.epoch).toBe(1);
  });

  test.each([
    ['the API server fails', failure(500, 'InternalError')],
    ['the API server falls silent', silence],
  ])('that cannot renew because %s stops leading before another may start, and says so once', async (_what, reply) => {
    const { elector, events, run } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    const lastRenewal = clock.monotonicSeconds();
    server.otherwise(reply);
    await run;
    expect([elector.isLeader(), events]).toEqual([false, ['started 1', 'lost']]);
    expect(clock.monotonicSeconds() - lastRenewal).toBeLessThan(11);
  });

  test('that finds another holder has lost at once', async () => {
    const { elector, events, run } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    hold('usurper', 9);
    await run;
    expect([elector.isLeader(), events, elector.holder]).toEqual([false, ['started 1', 'lost'], 'usurper']);
    expect(spec()).toMatchObject({ holderIdentity: 'usurper', leaseTransitions: 9 });
  });

  test('that stops releases the lease, so that the next one starts at once in a later epoch', async () => {
    const first = candidate('first');
    await eventually('leading', () => first.elector.isLeader());
    const second = candidate('second');
    first.stop();
    await first.run;
    expect([first.elector.isLeader(), first.events]).toEqual([false, ['started 1']]);
    const releasedAt = clock.monotonicSeconds();
    await eventually('the second leads', () => second.elector.isLeader());
    expect(second.elector.epoch).toBe(2);
    expect(clock.monotonicSeconds() - releasedAt).toBeLessThan(10);
  });

  test('whose Lease somebody deleted makes it anew in the same epoch', async () => {
    const { elector, events } = candidate('me');
    await eventually('leading', () => elector.isLeader());
    api.remove(PATH);
    await eventually('the Lease is back', () => spec()?.['holderIdentity'] === 'me');
    expect([elector.isLeader(), events, spec()?.['leaseTransitions']]).toEqual([true, ['started 1'], 1]);
  });
});

test('there are never two leaders, whatever fails', async () => {
  let failures = 0;
  server.otherwise((received, response) => {
    failures += 1;
    if (failures % 3 === 0) return failure(500, 'InternalError')(received, response);
    if (failures % 7 === 0) return lose()(received, response);
    return api.reply(received, response);
  });
  const candidates = ['a', 'b', 'c'].map((identity) => candidate(identity));
  const until = performance.now() + 400;
  while (performance.now() < until) {
    expect(candidates.filter(({ elector }) => elector.isLeader()).length).toBeLessThanOrEqual(1);
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  expect(candidates.some(({ events }) => events.length > 0)).toBe(true);
});

test('times that do not leave a margin are refused', () => {
  expect(() => candidate('me', { renewSeconds: 15 })).toThrow('retry 2 s < renew 15 s < lease 15 s');
});
