import { afterEach, describe, expect, test } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { startHttp, type HttpServer } from './http.ts';

describe('health and metrics over HTTP', () => {
  let server: HttpServer | undefined;
  afterEach(() => server?.close());

  async function serve(unready: string | undefined, sick?: string): Promise<string> {
    const registry = new Registry();
    new Counter({ name: 'proffer_test_total', help: 'counts', registers: [registry] }).inc(3);
    server = await startHttp('127.0.0.1', 0, registry, { sick: () => sick, unready: () => unready });
    return `http://127.0.0.1:${server.port}`;
  }

  test('metrics are in the Prometheus text format', async () => {
    const response = await fetch(`${await serve(undefined)}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('proffer_test_total 3');
  });

  test('not ready says what it waits for, and is alive all the same', async () => {
    const base = await serve('waiting for the first list of pods');
    const ready = await fetch(`${base}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, 'waiting for the first list of pods\n']);
    expect((await fetch(`${base}/livez`)).status).toBe(200);
  });

  test('ready answers ok', async () => {
    expect((await fetch(`${await serve(undefined)}/readyz`)).status).toBe(200);
  });

  test('sick answers 503 with the reason', async () => {
    expect((await fetch(`${await serve(undefined, 'no renewal for 60 s')}/livez`)).status).toBe(503);
  });
});
