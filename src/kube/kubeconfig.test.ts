import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { HostileServer, failure, json } from '../../test/support/hostile-server.ts';
import { ManualClock } from '../../test/support/hostile-clock.ts';
import { connect, type KubeClient } from './client.ts';

let folder: string;
let server: HostileServer;
let clock: ManualClock;
let client: KubeClient | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-kubeconfig-'));
  server = await new HostileServer().start();
  server.otherwise(json(200, {}));
  clock = new ManualClock();
});

afterEach(async () => {
  jest.useRealTimers();
  client?.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

function connectAs(user: object): KubeClient {
  const path = join(folder, 'config');
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  client = connect({ kubeconfigPath: path, userAgent: 'proffer/test', clock });
  return client;
}

const get = () => client?.request({ method: 'GET', path: '/version' });
const tokensSeen = () => server.received.map((received) => received.headers.authorization);

const tokenFileUser = () => ({ 'auth-provider': { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } } });

const writeToken = (token: string) => writeFileSync(join(folder, 'token'), token);

describe('a token file that rotates, as in a pod', () => {
  test('is read again within about a minute', async () => {
    jest.useFakeTimers({
      now: 0,
      doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'performance'],
    });
    writeToken('first\n');
    connectAs(tokenFileUser());
    await get();
    writeToken('second\n');
    await get();
    jest.setSystemTime(66_000);
    await clock.advance(66);
    await get();
    expect(tokensSeen()).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  test('is read again at once after a 401, and the request repeated', async () => {
    writeToken('first');
    connectAs(tokenFileUser());
    await get();
    writeToken('second');
    server.script(failure(401, 'Unauthorized'));
    await get();
    expect(tokensSeen()).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  test('that stays refused is not asked about in a loop', async () => {
    writeToken('first');
    connectAs(tokenFileUser());
    server.otherwise(failure(401, 'Unauthorized'));
    await expect(get()).rejects.toMatchObject({ status: 401 });
    await expect(get()).rejects.toMatchObject({ status: 401 });
    expect(server.received.length).toBe(3);
  });
});

describe('a user', () => {
  test('with an exec plugin gets its token, asked for once by requests side by side', async () => {
    const log = join(folder, 'calls');
    const script = `echo call >> ${log}; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"made"}}'`;
    connectAs({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } });
    await Promise.all([get(), get(), get()]);
    expect(tokensSeen()).toEqual(['Bearer made', 'Bearer made', 'Bearer made']);
    expect(readFileSync(log, 'utf8')).toBe('call\n');
  });

  test('without a token sends none', async () => {
    connectAs({});
    await get();
    expect(tokensSeen()).toEqual([undefined]);
  });
});

test('a kubeconfig without a current context is refused with what to do', () => {
  const path = join(folder, 'empty');
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'Config' }));
  expect(() => connect({ kubeconfigPath: path, userAgent: 'proffer/test' })).toThrow(
    /has no current-context.*kubectl config use-context/,
  );
});
