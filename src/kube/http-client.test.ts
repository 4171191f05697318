import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HostileServer, failure, json, lose, silence, watch } from '../../test/support/hostile-server.ts';
import { GivenConnection } from './connection.ts';
import { KubeError, classify } from './errors.ts';
import { HttpKubeClient } from './http-client.ts';

let server: HostileServer;
let client: HttpKubeClient;

beforeEach(async () => {
  server = await new HostileServer().start();
  client = new HttpKubeClient({ connection: new GivenConnection(server.url, 'secret'), userAgent: 'proffer/test' });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

async function failureOf(promise: Promise<unknown>): Promise<KubeError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KubeError)) throw new Error(`expected a KubeError, not ${String(error)}`);
  return error;
}

const get = (path = '/api/v1/pods/x', timeoutSeconds = 5) =>
  client.request<unknown>({ method: 'GET', path, timeoutSeconds });

describe('a request', () => {
  test('carries token, user agent, query and JSON body, and answers the parsed reply with fields we do not know', async () => {
    server.script(json(200, { kind: 'Pod', invented: { later: true } }));
    const answer = await client.request({
      method: 'PATCH',
      path: '/api/v1/namespaces/a/pods/x',
      query: { fieldManager: 'proffer', force: true, absent: undefined },
      contentType: 'application/apply-patch+yaml',
      body: { kind: 'Pod', text: 'žluť' },
    });
    expect(answer).toEqual({ kind: 'Pod', invented: { later: true } });
    const [received] = server.received;
    expect(received?.query.toString()).toBe('fieldManager=proffer&force=true');
    expect(received?.body).toEqual({ kind: 'Pod', text: 'žluť' });
    expect(received?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'user-agent': 'proffer/test',
      'content-type': 'application/apply-patch+yaml',
    });
  });

  test('reuses its connection', async () => {
    const ports = new Set<number | undefined>();
    server.otherwise((received, response) => {
      ports.add(response.socket?.remotePort);
      return json(200, {})(received, response);
    });
    await get();
    await get();
    expect(ports.size).toBe(1);
  });

  test.each([
    [failure(409, 'AlreadyExists'), 'alreadyExists'],
    [failure(409, 'Conflict'), 'conflict'],
    [failure(410, 'Expired'), 'gone'],
    [failure(422, 'Invalid'), 'terminal'],
    [failure(404, 'NotFound'), 'notFound'],
    [failure(401, 'Unauthorized'), 'unauthorized'],
    [failure(503, 'ServiceUnavailable'), 'transient'],
  ] as const)('that is refused throws what the Status says (%#)', async (reply, expected) => {
    server.script(reply);
    expect(classify(await failureOf(get()))).toBe(expected);
  });

  test('that is throttled says how long to wait', async () => {
    server.script(failure(429, 'TooManyRequests', 'slow down', {}, { 'retry-after': '7' }));
    const error = await failureOf(get());
    expect([classify(error), error.retryAfterSeconds]).toEqual(['throttled', 7]);
  });

  test('answered by something that is no API server quotes it', async () => {
    server.script((_received, response) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
    });
    const error = await failureOf(get());
    expect([error.status, classify(error)]).toEqual([502, 'transient']);
    expect(error.message).toContain('<h1>Bad Gateway</h1>');
  });

  test('answered 200 with half a JSON body fails', async () => {
    server.script((_received, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":');
    });
    expect((await failureOf(get())).reason).toBe('BadReply');
  });

  test('that gets no headers fails in time', async () => {
    server.script(silence);
    const error = await failureOf(get('/slow', 0.03));
    expect(error.reason).toBe('Timeout');
    expect(error.message).toMatch(/GET \/slow at http.*: no complete reply within 0.03 s/);
  });

  test('whose body never ends fails in time', async () => {
    server.script((_received, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":');
    });
    expect((await failureOf(get('/slow', 0.03))).reason).toBe('Timeout');
  });

  test('whose reply is lost is a transient failure, for the caller to do again', async () => {
    server.script(lose());
    const error = await failureOf(get());
    expect([error.status, error.reason, classify(error)]).toEqual([0, 'Network', 'transient']);
  });

  test('that meets an idle connection the server has just closed is sent again over a new one', async () => {
    server.script(json(200, {}), lose(), json(200, { second: true }));
    await get();
    expect(await get()).toEqual({ second: true });
  });

  test('ends when its caller stops', async () => {
    server.script(silence);
    const stop = new AbortController();
    const answer = failureOf(client.request({ method: 'GET', path: '/x', signal: stop.signal }));
    stop.abort();
    expect((await answer).reason).toBe('Aborted');
  });

  test('to a server that is not there says so', async () => {
    await server.stop();
    expect((await failureOf(get())).message).toContain('ECONNREFUSED');
    await server.start();
  });
});

describe('a stream', () => {
  const lines: string[] = [];
  const stream = (inactivitySeconds = 5, signal = new AbortController().signal) => {
    lines.length = 0;
    return client.stream({ path: '/watch', signal, inactivitySeconds }, (line) => lines.push(line));
  };

  test('gives whole lines, also when a character comes in two chunks, and the last line without a line feed', async () => {
    const text = Buffer.from('{"a":"ž"}\n{"b":1}\n\n{"c":2}');
    server.script(watch({ write: text.subarray(0, 7) }, { waitMs: 5 }, { write: text.subarray(7) }));
    await stream();
    expect(lines).toEqual(['{"a":"ž"}', '{"b":1}', '{"c":2}']);
  });

  test('cut in the middle of a line fails, and withholds the half', async () => {
    server.script(watch({ write: '{"a":1}\n{"b":' }, { waitMs: 5 }, 'cut'));
    expect((await failureOf(stream())).reason).toBe('Network');
    expect(lines).toEqual(['{"a":1}']);
  });

  test('that falls silent fails', async () => {
    server.script(watch({ write: '{"a":1}\n' }, 'silence'));
    const error = await failureOf(stream(0.04));
    expect([error.reason, lines.length]).toEqual(['Silent', 1]);
  });

  test('goes on for as long as something arrives', async () => {
    const drip = Array.from({ length: 8 }, () => [{ waitMs: 50 }, { write: '1\n' }]).flat();
    server.script(watch(...drip));
    await stream(0.35);
    expect(lines.length).toBe(8);
  });

  test('that is refused throws what the Status says', async () => {
    server.script(failure(410, 'Expired'));
    expect(classify(await failureOf(stream()))).toBe('gone');
  });

  test('ends with what the reader of lines throws', async () => {
    server.script(watch({ write: '1\n2\n' }, 'silence'));
    const refusal = new KubeError({ status: 0, reason: 'Mine', message: 'enough' });
    const promise = client.stream(
      { path: '/watch', signal: new AbortController().signal, inactivitySeconds: 5 },
      () => {
        throw refusal;
      },
    );
    expect(await failureOf(promise)).toBe(refusal);
  });
});
