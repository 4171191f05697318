import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FencingRequest } from '../core/recovery/fencing-state.ts';
import { sendFencingRequest } from './fencing-hook-http.ts';
import { FencingHook } from './fencing-hook.ts';

const NODE = { name: 'n1', uid: 'uid-n1', renewedAt: 'then' };
const REQUEST: FencingRequest = {
  id: 'uid-n1/then',
  node: 'n1',
  nodeUID: 'uid-n1',
  providerID: 'aws:///a/i-1',
  members: ['shop/db-0'],
  reason: 'node n1 is silent',
};

describe('a fencing hook', () => {
  let now: number;
  let sent: FencingRequest[];
  let answers: ((request: FencingRequest) => Promise<unknown>)[];
  let lies: string[];
  let answered: PromiseWithResolvers<string>;
  let hook: FencingHook;

  beforeEach(() => {
    now = 100;
    sent = [];
    lies = [];
    answers = [];
    answered = Promise.withResolvers();
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    hook = new FencingHook({
      send: (request) => {
        sent.push(request);
        return (answers.shift() ?? (() => Promise.resolve({ fenced: true, message: 'outlet 4' })))(request);
      },
      timeoutSeconds: 0.05,
      clock: { monotonicSeconds: () => now },
      onAnswer: (name) => answered.resolve(name),
      onLie: (name) => lies.push(name),
      log: silent,
    });
  });

  const ask = async (bootID = 'boot-1'): Promise<void> => {
    answered = Promise.withResolvers();
    hook.ask(REQUEST, bootID);
    await answered.promise;
  };

  test('is asked once however often, and its yes is for this silence only', async () => {
    expect(hook.stateOf(NODE)).toEqual({ state: 'ready' });
    const done = ask();
    hook.ask(REQUEST, 'boot-1');
    expect(hook.stateOf(NODE)).toEqual({ state: 'asked' });
    await done;
    hook.ask(REQUEST, 'boot-1');
    expect(sent).toEqual([REQUEST]);
    expect(hook.stateOf(NODE)).toEqual({ state: 'fenced', message: 'outlet 4', isPoweredOff: false });
    expect(hook.stateOf({ ...NODE, renewedAt: 'later' })).toEqual({ state: 'ready' });
    expect(hook.stateOf({ ...NODE, uid: 'another' })).toEqual({ state: 'ready' });
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['hangs', () => new Promise(() => undefined), 'no answer within 0.05 s'],
    ['says no', () => Promise.resolve({ fenced: false, message: 'no such outlet' }), 'no such outlet'],
    ['answers garbage', () => Promise.resolve('ok'), 'makes no sense'],
    ['cannot be reached', () => Promise.reject(new Error('it cannot be reached')), 'cannot be reached'],
  ])('that %s is told of, and asked again later with the same id', async (_does, answer, words) => {
    answers.push(answer);
    await ask();
    expect(hook.stateOf(NODE)).toEqual({ state: 'failed', problem: expect.stringContaining(words) });
    hook.ask(REQUEST, 'boot-1');
    expect(sent).toHaveLength(1);
    now += 6;
    const again = ask();
    // What was wrong stays to be read while it is asked again.
    expect(hook.stateOf(NODE)?.state).toBe('failed');
    await again;
    expect(sent.map(({ id }) => id)).toEqual([REQUEST.id, REQUEST.id]);
    expect(hook.stateOf(NODE)?.state).toBe('fenced');
  });

  test('that said yes is not trusted any more when the node goes on without a restart', async () => {
    await ask();
    hook.heard('n1');
    hook.look(() => 'boot-1');
    expect(lies).toEqual([]);
    now += 30;
    hook.look(() => 'boot-1');
    expect(lies).toEqual(['n1']);
    expect(hook.stateOf({ name: 'n2', uid: 'uid-n2', renewedAt: 'x' })?.state).toBe('distrusted');
    hook.ask({ ...REQUEST, id: 'uid-n2/x', node: 'n2' }, '');
    expect(sent).toHaveLength(1);
  });

  test('was right when the machine of the node started anew', async () => {
    await ask();
    hook.heard('n1');
    now += 10;
    hook.look(() => 'boot-2');
    now += 100;
    hook.look(() => 'boot-2');
    expect(lies).toEqual([]);
  });
});

describe('a fencing hook over HTTP', () => {
  let server: Server;
  let folder: string;
  let reply: { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };
  let heard: { readonly body: string; readonly authorization: string | undefined };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proffer-hook-'));
    reply = { status: 200, body: '{"fenced":true}' };
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        heard = { body, authorization: request.headers.authorization };
        response.writeHead(reply.status, reply.headers ?? {}).end(reply.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const send = (tokenPath?: string): Promise<unknown> => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fence`;
    return sendFencingRequest({ url, tokenPath }, REQUEST, AbortSignal.timeout(5000));
  };

  test('gets the whole request, with the token', async () => {
    const tokenPath = join(folder, 'token');
    writeFileSync(tokenPath, 'secret\n');
    expect(await send(tokenPath)).toEqual({ fenced: true });
    expect(JSON.parse(heard.body)).toEqual(REQUEST);
    expect(heard.authorization).toBe('Bearer secret');
  });

  test.each([
    ['another status', { status: 500, body: '{"fenced":true}' }, 'status 500'],
    ['what is no JSON', { status: 200, body: 'fenced' }, 'no JSON'],
    ['a flood', { status: 200, body: 'x'.repeat(100_000) }, 'longer than 65536 bytes'],
    ['another address', { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } }, 'cannot be reached'],
  ])('answers nothing with %s', async (_what, given, words) => {
    reply = given;
    await expect(send()).rejects.toThrow(words);
  });
});
