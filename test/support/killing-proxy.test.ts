import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitUntil } from '../cluster/wait-until.ts';
import { startKillingProxy, type KillingProxy } from './killing-proxy.ts';

let arrived: string[];
let server: Server;
let proxy: KillingProxy;

beforeEach(async () => {
  arrived = [];
  server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    const isRefused = request.url === '/later' && arrived.length === 1;
    response.writeHead(isRefused ? 429 : 200).end(isRefused ? 'later' : '{}');
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

  test('killAfter: what is refused for now is heard of, and the next write is the one that nobody hears of', async () => {
    let killed = 0;
    proxy.arm(1, 'killAfter', () => (killed += 1));
    expect([await write('/later'), killed]).toEqual(['later', 0]);
    await expect(write('/later')).rejects.toThrow();
    expect([arrived, killed]).toEqual([['PATCH /later', 'PATCH /later'], 1]);
  });

  test('stopAt: each stands still at its own write and sends no more, the others go on, until they are let go', async () => {
    const before = proxy.stopAt('/namespaces/a/', 2, 'killBefore');
    const after = proxy.stopAt('/namespaces/b/', 1, 'killAfter');
    await write('/namespaces/a/one');
    const stopped = ['/namespaces/a/two', '/namespaces/a/three', '/namespaces/b/one', '/namespaces/b/two'].map(write);
    const broken = Promise.allSettled(stopped);
    await write('/namespaces/c/one');
    await waitUntil('both faults', () => before.hit !== undefined && after.hit !== undefined, { timeoutSeconds: 5 });
    expect(before.hit).toMatchObject({ path: '/namespaces/a/two', status: undefined });
    expect(after.hit).toMatchObject({ path: '/namespaces/b/one', status: 200 });
    expect(arrived.toSorted()).toEqual([
      'PATCH /namespaces/a/one',
      'PATCH /namespaces/b/one',
      'PATCH /namespaces/c/one',
    ]);
    proxy.letGo();
    expect((await broken).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    await write('/namespaces/a/two');
    expect(arrived).toContain('PATCH /namespaces/a/two');
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
