import { describe, expect, test } from '@jest/globals';
import { appsOfClaim, appsOfObject, appsOfPod } from './app-keys.ts';

const named = (name: string, labels: Record<string, string> = {}) => ({ namespace: 'shop', name, labels });

const object = (name: string, ownerReferences: readonly unknown[]) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name, ownerReferences },
});

describe('which app an object may belong to', () => {
  test.each([
    ['by name', named('db-0'), ['shop/db']],
    ['by label', named('odd', { 'proffer.dev/app': 'db' }), ['shop/db']],
    ['by both, once', named('db-12', { 'proffer.dev/app': 'db' }), ['shop/db']],
    ['by two that disagree', named('db-0', { 'proffer.dev/app': 'other' }), ['shop/other', 'shop/db']],
    ['not at all', named('web-7d4b9-x2x1z'), []],
  ])('a pod %s', (_how, pod, apps) => {
    expect(appsOfPod(pod)).toEqual(apps);
  });

  test('a claim belongs to every app that its name can be split for', () => {
    expect(appsOfClaim(named('data-log-db-0'))).toEqual(['shop/log-db', 'shop/db']);
    expect(appsOfClaim(named('scratch'))).toEqual([]);
  });

  test('a child belongs to its controller, and concerns the app of its name', () => {
    const owner = { apiVersion: 'proffer.dev/v1alpha1', kind: 'PersistentApp', name: 'db', uid: 'u', controller: true };
    expect(appsOfObject(object('db', [owner]))).toEqual(['shop/db']);
    expect(appsOfObject(object('db-peers', [owner]))).toEqual(['shop/db', 'shop/db-peers']);
    expect(appsOfObject(object('db', []))).toEqual(['shop/db']);
  });
});
