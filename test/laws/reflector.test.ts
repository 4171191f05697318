import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { HostileApi } from '../support/hostile-api.ts';
import { eventually, fastClock } from '../support/hostile-clock.ts';
import { HostileServer, failure, lose } from '../support/hostile-server.ts';
import { GivenConnection } from '../../src/kube/connection.ts';
import { HttpKubeClient } from '../../src/kube/http-client.ts';
import { keyOf, resourceVersionOf } from '../../src/kube/kube-object.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { POD } from '../../src/kube/resource-type.ts';
import { Store } from '../../src/kube/store.ts';
import { runs } from '../support/law-runs.ts';

const COLLECTION = '/api/v1/pods';

let server: HostileServer;

beforeAll(async () => {
  server = await new HostileServer().start();
});

afterAll(async () => {
  await server.stop();
});

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('put'), name }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('remove'), name }) },
  fc.record({
    what: fc.constantFrom('bookmark', 'compact', 'cut', 'refuse', 'lose', 'half', 'nonsense', 'error', 'pause'),
    name,
  }),
);

const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 2);
  });

/** What can happen to a server and on the way to it. */
const HAPPEN: Readonly<Record<string, (api: HostileApi, name: string) => unknown>> = {
  put: (api, name) => api.put(COLLECTION, { apiVersion: 'v1', kind: 'Pod', metadata: { name } }),
  remove: (api, name) => api.remove(`${COLLECTION}/${name}`),
  bookmark: (api) => api.bookmark(),
  compact: (api) => api.compact(),
  cut: () => server.cutAll(),
  refuse: () => server.script(failure(500, 'InternalError')),
  lose: () => server.script(lose()),
  half: (api) => api.disturb('{"type":"MODIFIED","object":{"metadata":{"na', true),
  nonsense: (api) => api.disturb('<html>gateway timeout</html>\n'),
  error: (api) => api.disturb(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`),
  pause,
};

const versions = (items: readonly unknown[]) =>
  Object.fromEntries(items.map((item) => [keyOf(item) ?? '', resourceVersionOf(item)]));

test('whatever happens, the store becomes what the server has, and its changes add up to what it holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(name), fc.array(happening, { maxLength: 25 }), async (before, happenings) => {
      const api = new HostileApi();
      for (const name of before) HAPPEN['put']?.(api, name);
      server.otherwise(api.reply);
      const clock = fastClock(2000);
      const client = new HttpKubeClient({
        connection: new GivenConnection(server.url),
        userAgent: 'proffer/test',
        clock,
      });
      const store = new Store<unknown>();
      const told = new Map<string, unknown>();
      store.onChange((key, next, previous) => {
        expect(told.get(key)).toEqual(previous);
        if (next === undefined) told.delete(key);
        else told.set(key, next);
      });
      const reflector = new Reflector<unknown>({
        client,
        type: POD,
        project: (raw) => raw,
        store,
        clock,
        random: () => 0,
        pageSize: 2,
        inactivitySeconds: 1e6,
      });
      const stop = new AbortController();
      const running = reflector.run(stop.signal);
      for (const { what, name } of happenings) await HAPPEN[what]?.(api, name);
      const wanted = versions(api.list(COLLECTION));
      await eventually('the store equals the server', () => isDeepStrictEqual(versions(store.list()), wanted));
      expect(versions([...told.values()])).toEqual(wanted);
      expect(store.handlerErrors).toBe(0);
      stop.abort();
      await running;
      client.close();
    }),
    runs(60),
  );
});
