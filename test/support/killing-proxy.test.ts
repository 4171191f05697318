import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startKillingProxy, type KillingProxy } from './killing-proxy.ts';

let arrived: string[];
let server: Server;
let proxy: KillingProxy;

beforeEach(async () => {
  arrived = [];
  server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  proxy = await startKillingProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined);
});

afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
});

const write = (path: string): Promise<string> =>
  fetch(`${proxy.url}${path}`, { method: 'PATCH', body: '{}' }).then((response) => response.text());

describe('the killing proxy', () => {
  test('passes reads and writes, and counts only writes that change something', async () => {
    await fetch(`${proxy.url}/api/v1/pods`);
    await write('/api/v1/namespaces/a/services/s');
    await write('/apis/coordination.k8s.io/v1/namespaces/a/leases/l');
    await write('/apis/events.k8s.io/v1/namespaces/a/events/e');
    await write('/apis/apps/v1/namespaces/a/statefulsets/s?dryRun=All');
    expect(arrived).toHaveLength(5);
    expect(proxy.writes).toEqual([{ method: 'PATCH', path: '/api/v1/namespaces/a/services/s', status: 200 }]);
  });

  test('killBefore: the write never arrives, and the program is killed at that moment', async () => {
    let killed = 0;
    proxy.arm(2, 'killBefore', () => (killed += 1));
    await write('/one');
    await expect(write('/two')).rejects.toThrow();
    expect(arrived).toEqual(['PATCH /one']);
    expect(killed).toBe(1);
  });

  test('killAfter: the write is committed, and nobody hears of it', async () => {
    let killed = 0;
    proxy.arm(1, 'killAfter', () => (killed += 1));
    await expect(write('/one')).rejects.toThrow();
    expect(arrived).toEqual(['PATCH /one']);
    expect(killed).toBe(1);
    await write('/two');
    expect(arrived).toEqual(['PATCH /one', 'PATCH /two']);
  });

  test('freeze: nothing passes until thaw', async () => {
    proxy.freeze();
    const pending = write('/one');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(arrived).toEqual([]);
    proxy.thaw();
    await pending;
    expect(arrived).toEqual(['PATCH /one']);
  });
});
