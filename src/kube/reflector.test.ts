import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, fastClock } from '../../test/support/hostile-clock.ts';
import {
  HostileServer,
  eventLine,
  failure,
  json,
  page,
  silence,
  watch,
  type Reply,
} from '../../test/support/hostile-server.ts';
import type { Clock } from './clock.ts';
import { GivenConnection } from './connection.ts';
import { HttpKubeClient } from './http-client.ts';
import { isRecord, resourceVersionOf } from './kube-object.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { POD } from './resource-type.ts';
import { Store } from './store.ts';

let server: HostileServer;
let client: HttpKubeClient;
let clock: Clock;
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  server = await new HostileServer().start();
  server.otherwise(watch('silence'));
  clock = fastClock(200);
  client = new HttpKubeClient({ connection: new GivenConnection(server.url), userAgent: 'proffer/test', clock });
  stop = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.stop();
});

const pod = (name: string, version: number, fields: object = {}) => ({
  kind: 'Pod',
  metadata: { name, namespace: 'a', resourceVersion: String(version) },
  ...fields,
});

const event = (type: string, name: string, version: number) => eventLine(type, pod(name, version));

/** Keeps only the version of each pod. Time passes 200 times faster. */
function start(options: Partial<ReflectorOptions<string>> = {}): Reflector<string> {
  const reflector = new Reflector<string>({
    client,
    type: POD,
    project: (raw) => resourceVersionOf(raw) ?? '',
    store: new Store<string>(),
    clock,
    random: () => 0.5,
    inactivitySeconds: 10,
    ...options,
  });
  running = reflector.run(stop.signal);
  return reflector;
}

const contents = (store: Store<string>) => Object.fromEntries(store.entries());

/** Runs against the replies and answers what the store holds once `condition` does. */
async function after(replies: readonly Reply[], condition: (reflector: Reflector<string>) => boolean, options = {}) {
  const store = new Store<string>();
  server.script(...replies);
  const reflector = start({ store, ...options });
  await eventually('the reflector gets there', () => condition(reflector));
  return { store, reflector, asked: server.received.map(({ query }) => Object.fromEntries(query)) };
}

const nullItems: Reply = (_received, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end('{"metadata":{"resourceVersion":"7"},"items":null}');
};

const proxyPage: Reply = (_received, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please sign in</html>');
};

describe('the first list', () => {
  test('follows continue from page to page, and the watch starts where it ended', async () => {
    const { store, asked } = await after(
      [page([pod('x', 3), pod('y', 4)], '9', 'more'), page([pod('z', 5)], '9')],
      ({ counters }) => counters.watches === 1 && server.received.length === 3,
      { labelSelector: 'app=a', pageSize: 2 },
    );
    expect(contents(store)).toEqual({ 'a/x': '3', 'a/y': '4', 'a/z': '5' });
    expect(asked).toEqual([
      { limit: '2', labelSelector: 'app=a' },
      { limit: '2', labelSelector: 'app=a', continue: 'more' },
      {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: '9',
        timeoutSeconds: '450',
        labelSelector: 'app=a',
      },
    ]);
  });

  test('asks for 500 at a time', async () => {
    const { asked } = await after([page([], '1')], ({ synced }) => synced);
    expect(asked[0]).toEqual({ limit: '500' });
  });

  test('starts over when a page comes too late', async () => {
    const replies = [page([pod('x', 3)], '9', 'more'), failure(410, 'Expired'), page([pod('y', 4)], '12')];
    const { store } = await after(replies, ({ synced }) => synced);
    expect(contents(store)).toEqual({ 'a/y': '4' });
  });

  test('that fails leaves the reflector unsynced, and is tried again', async () => {
    const replies = [failure(500, 'InternalError'), failure(403, 'Forbidden'), page([pod('x', 3)], '9')];
    const { reflector } = await after(replies, ({ synced }) => synced);
    expect(reflector.counters).toMatchObject({ errors: 2, lists: 1 });
  });

  test('waits as long as the server asks', async () => {
    server.script(failure(429, 'TooManyRequests', 'slow down', {}, { 'retry-after': '20' }), page([], '9'));
    const reflector = start();
    await eventually('the refusal', () => reflector.counters.errors === 1);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect(reflector.synced).toBe(false);
    await reflector.whenSynced(AbortSignal.timeout(2000));
  });

  test.each([
    ['a page of a proxy', proxyPage],
    ['an object that is no list', json(200, { kind: 'Status', metadata: {} })],
  ])('with %s in place of its second page starts over, and loses nothing', async (_what, wrong) => {
    const whole = [page([pod('x', 3)], '9', 'more'), page([pod('y', 4)], '9')];
    const { store, reflector } = await after(
      [page([pod('x', 3)], '9', 'more'), wrong, ...whole],
      ({ synced }) => synced,
    );
    expect(contents(store)).toEqual({ 'a/x': '3', 'a/y': '4' });
    expect(reflector.counters).toMatchObject({ errors: 1, lists: 1 });
  });

  test('of nothing at all is a list too, also with null items', async () => {
    const { store } = await after([nullItems], ({ synced }) => synced);
    expect(store.size).toBe(0);
  });
});

describe('a watch', () => {
  test('keeps the store up to date', async () => {
    const changes = watch(event('ADDED', 'y', 10), event('MODIFIED', 'x', 11), event('DELETED', 'y', 12), 'silence');
    const { store } = await after([page([pod('x', 3)], '9'), changes], ({ counters }) => counters.events === 3);
    expect(contents(store)).toEqual({ 'a/x': '11' });
  });

  test('that ends by itself goes on from the last bookmark', async () => {
    const bookmark = eventLine('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '40' } });
    const replies = [page([], '9'), watch(event('ADDED', 'x', 10), bookmark)];
    const { asked, reflector } = await after(replies, () => server.received.length === 3);
    expect(asked[2]).toMatchObject({ resourceVersion: '40' });
    expect(reflector.counters).toMatchObject({ bookmarks: 1, errors: 0, lists: 1 });
  });

  test.each([
    ['answered 410', failure(410, 'Expired')],
    ['with an ERROR event 410', watch(eventLine('ERROR', { kind: 'Status', code: 410, reason: 'Expired' }))],
    ['with an ERROR event of another code', watch(eventLine('ERROR', { kind: 'Status', code: 500 }))],
    ['with an ERROR event without a Status', watch(eventLine('ERROR', null))],
    [
      'answered that our version is from the future',
      failure(504, 'Timeout', 'Too large resource version', {
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
      }),
    ],
  ])('%s leads to a list that is applied as a difference', async (_what, reply) => {
    const store = new Store<string>();
    const changes: string[] = [];
    store.onChange((key, next) => changes.push(`${key}=${next}`));
    server.script(page([pod('x', 3), pod('y', 4)], '9'), reply, page([pod('y', 4), pod('z', 20)], '21'));
    const reflector = start({ store });
    await eventually('the second list', () => reflector.counters.lists === 2);
    expect(changes).toEqual(['a/x=3', 'a/y=4', 'a/x=undefined', 'a/z=20']);
  });

  test.each([
    ['answered 500', failure(500, 'InternalError'), '9'],
    [
      'cut in the middle of a line',
      watch(event('ADDED', 'x', 10), { write: '{"type":"ADD' }, { waitMs: 5 }, 'cut'),
      '10',
    ],
    ['with a half line at its end', watch(event('ADDED', 'x', 10), { write: '{"type":"ADD' }), '10'],
    [
      'with a line that is no event',
      watch(event('ADDED', 'x', 10), { write: '<html>\n' }, event('ADDED', 'y', 11)),
      '10',
    ],
    ['with an event of a type nobody knows', watch(event('ADDED', 'x', 10), event('RENAMED', 'y', 11)), '10'],
    ['that falls silent', watch(event('ADDED', 'x', 10), 'silence'), '10'],
    ['whose headers never come', silence, '9'],
    ['that ends at once', watch(), '9'],
  ])('%s is taken up again after the last good version, without a list', async (_what, reply, version) => {
    const replies = [page([], '9'), reply];
    const { asked, reflector } = await after(replies, () => server.received.length === 3);
    expect(asked[2]).toMatchObject({ watch: 'true', resourceVersion: version });
    expect(reflector.counters).toMatchObject({ errors: 1, lists: 1 });
  });

  test('counts silence and unparsable lines', async () => {
    const replies = [page([], '9'), watch('silence'), watch({ write: 'nonsense\n' })];
    const { reflector } = await after(replies, ({ counters }) => counters.unparsableLines === 1);
    expect(reflector.counters).toMatchObject({ silent: 1, errors: 2 });
  });

  test('that is unparsable again and again at one spot leads to a list past it', async () => {
    const bad = watch({ write: 'nonsense\n' });
    const { store } = await after(
      [page([], '9'), bad, bad, bad, page([pod('x', 30)], '31')],
      ({ counters }) => counters.lists === 2,
    );
    expect(contents(store)).toEqual({ 'a/x': '30' });
  });

  test('keeps fields that this version of Proffer does not know', async () => {
    const store = new Store<unknown>();
    server.script(page([pod('x', 3, { spec: { inventedLater: [1, { deep: null }] } })], '9'));
    const reflector = new Reflector<unknown>({ client, type: POD, project: (raw) => raw, store });
    running = reflector.run(stop.signal);
    await reflector.whenSynced(AbortSignal.timeout(2000));
    expect(store.get('a/x')).toEqual(pod('x', 3, { spec: { inventedLater: [1, { deep: null }] } }));
  });
});

const throwing = () => {
  throw new Error('a mistake');
};

const versionUnlessBroken = (raw: unknown) => {
  if (isRecord(raw) && raw['broken'] === true) throw new Error('unreadable');
  return resourceVersionOf(raw) ?? '';
};

describe('mistakes of ours', () => {
  test('a handler that throws does not end the stream', async () => {
    const store = new Store<string>();
    store.onChange(() => {
      throw new Error('a mistake');
    });
    const changes = watch(event('ADDED', 'x', 10), event('ADDED', 'y', 11), 'silence');
    const { reflector } = await after([page([], '9'), changes], ({ counters }) => counters.events === 2, { store });
    expect([reflector.counters.errors, store.handlerErrors, contents(store)]).toEqual([
      0,
      2,
      { 'a/x': '10', 'a/y': '11' },
    ]);
  });

  test('a projection that throws costs that object its news, not its place, nor the stream', async () => {
    const broken = eventLine('MODIFIED', pod('x', 10, { broken: true }));
    const replies = [
      page([pod('x', 3)], '9'),
      watch(broken, event('ADDED', 'y', 11), eventLine('ERROR', { code: 410 })),
      page([pod('x', 10, { broken: true }), pod('y', 11)], '12'),
    ];
    const { store, reflector } = await after(replies, ({ counters }) => counters.lists === 2, {
      project: versionUnlessBroken,
    });
    expect([contents(store), reflector.counters.projectionErrors]).toEqual([{ 'a/x': '3', 'a/y': '11' }, 2]);
  });

  test('metrics that throw do not end the stream', async () => {
    const replies = [page([], '9'), failure(500, 'InternalError'), watch(event('ADDED', 'x', 10), 'silence')];
    const { store } = await after(replies, ({ counters }) => counters.events === 1, { metrics: throwing });
    expect(contents(store)).toEqual({ 'a/x': '10' });
  });
});

describe('start and stop', () => {
  test('stopping during a list or a watch ends the run, and leaves no request behind', async () => {
    server.script(silence);
    start();
    await eventually('the list', () => server.received.length === 1);
    stop.abort();
    await running;
    expect(server.received.length).toBe(1);
  });

  test('a second run takes over; what the first still hears is ignored', async () => {
    const store = new Store<string>();
    const reflector = new Reflector<string>({
      client,
      type: POD,
      project: (raw) => resourceVersionOf(raw) ?? '',
      store,
      clock,
      random: () => 0.5,
    });
    const late: Reply = async (received, response) => {
      await new Promise((resolve) => {
        setTimeout(resolve, 30);
      });
      return page([pod('old', 1)], '2')(received, response);
    };
    server.script(late, page([pod('new', 5)], '6'));
    const first = reflector.run(stop.signal);
    await eventually('the first list', () => server.received.length === 1);
    const second = reflector.run(stop.signal);
    await Promise.all([first, eventually('the second list', () => reflector.synced)]);
    expect(contents(store)).toEqual({ 'a/new': '5' });
    stop.abort();
    await second;
  });

  test('a second run takes over from a watch; what the first still hears is ignored', async () => {
    const store = new Store<string>();
    const first = watch({ waitMs: 30 }, event('MODIFIED', 'x', 10), 'silence');
    const second = watch(event('MODIFIED', 'x', 10), event('DELETED', 'x', 11), 'silence');
    server.script(page([pod('x', 3)], '9'), first, second);
    const reflector = start({ store });
    await eventually('the first watch', () => server.received.length === 2);
    const ended = running;
    running = reflector.run(stop.signal);
    await eventually('the second watch has told all', () => reflector.counters.events === 2);
    await ended;
    expect(contents(store)).toEqual({});
  });

  test('waiting for the first list ends when the waiter stops', async () => {
    server.script(silence);
    const reflector = start();
    await expect(reflector.whenSynced(AbortSignal.timeout(10))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(reflector.lastEventAgeSeconds()).toBe(Infinity);
  });
});
