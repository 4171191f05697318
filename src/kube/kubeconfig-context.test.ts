import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { systemClock } from './clock.ts';
import { KubeconfigConnection, namespaceOfContext } from './kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'proffer-context-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, 'config');
const clusters = ['one', 'two'].map((name) => ({ name, cluster: { server: `https://${name}.example` } }));
const contexts = [
  { name: 'first', context: { cluster: 'one', user: 'u' } },
  { name: 'second', context: { cluster: 'two', user: 'u', namespace: 'shop' } },
];
const config = { apiVersion: 'v1', kind: 'Config', clusters, contexts, users: [{ name: 'u', user: {} }] };
writeFileSync(path, JSON.stringify({ ...config, 'current-context': 'first' }));

describe('a context of the kubeconfig', () => {
  test('that is named stands for the current one', () => {
    expect(new KubeconfigConnection(path, systemClock).server).toBe('https://one.example');
    expect(new KubeconfigConnection(path, systemClock, 'second').server).toBe('https://two.example');
  });

  test('says the namespace of commands that are given none', () => {
    expect(namespaceOfContext(path)).toBeUndefined();
    expect(namespaceOfContext(path, 'second')).toBe('shop');
  });

  test('that is not there is refused, and those that are there are named', () => {
    expect(() => namespaceOfContext(path, 'third')).toThrow('no context "third": it has first, second');
  });
});
