import { describe, expect, test } from '@jest/globals';
import { loadObjects } from './load-objects.ts';

const node = (name: string, cpu = '4') => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu, memory: '8Gi', pods: '10' } },
});

const pod = (name: string, nodeName: string, cpu: string, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', ...rest },
  spec: { nodeName, containers: [{ name: 'main', resources: { requests: { cpu } } }] },
});

const owner = (kind: string, uid: string) => [{ apiVersion: 'x/v1', kind, name: 'db', uid, controller: true }];

describe('a cluster that is loaded from objects', () => {
  test('takes Lists apart, and counts kinds that say nothing to it', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [node('n1'), pod('web', 'n1', '1'), { kind: 'Secret', metadata: { name: 's' } }],
    };
    const { view, counts } = loadObjects([list]);
    expect(view.free('n1')).toMatchObject({ cpu: 3000, pods: 9 });
    expect(Object.fromEntries(counts)).toEqual({ Node: 1, Pod: 1, Secret: 1 });
  });

  test('lets a later object of a name stand for an earlier one', () => {
    const { view } = loadObjects([
      node('n1'),
      pod('web', 'n1', '1'),
      pod('web', 'n1', '2', { uid: 'other' }),
      node('n1', '8'),
    ]);
    expect(view.free('n1')['cpu']).toBe(6000);
  });

  test('charges a member once for its slot and its pod, as its StatefulSet proves whose it is', () => {
    const { view } = loadObjects([
      node('n1'),
      pod('db-0', 'n1', '1', { uid: 'p', ownerReferences: owner('StatefulSet', 'sts') }),
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db', namespace: 'shop', uid: 'sts', ownerReferences: owner('PersistentApp', 'app') },
      },
      {
        apiVersion: 'proffer.dev/v1alpha1',
        kind: 'Reservation',
        metadata: { name: 'db', namespace: 'shop', uid: 'r' },
        spec: {
          app: { name: 'db', uid: 'app' },
          slots: [
            {
              member: 'db-0',
              node: 'n1',
              state: 'Claimed',
              podUID: 'p',
              resources: { cpu: '1' },
              acceptedAt: '2026-01-01T00:00:00Z',
            },
          ],
        },
      },
    ]);
    expect(view.free('n1')['cpu']).toBe(3000);
  });

  test('takes a pool whose class is not made yet for the class that it will be', () => {
    const { view } = loadObjects([
      {
        apiVersion: 'proffer.dev/v1alpha1',
        kind: 'StoragePool',
        metadata: { name: 'fast' },
        spec: { provider: 'custom', custom: { provisioner: 'disks.example' } },
      },
    ]);
    expect(view.storage.facts.classOfPool('fast')).toBe('fast');
    expect(view.storage.facts.classes.get('fast')?.provisioner).toBe('disks.example');
  });

  test.each<[string, unknown, string]>([
    ['a list of nothing', { hello: 1 }, 'without kind or metadata.name'],
    ['a node of absurd size', node('n1', 'lots'), 'Node n1: cpu: "lots" is not a quantity'],
    [
      'a framework of the wrong shape',
      { apiVersion: 'proffer.dev/v1alpha1', kind: 'Framework', metadata: { name: 'f' }, spec: { weight: 0 } },
      'Framework f: spec.weight',
    ],
    [
      'a framework with an amount below zero',
      {
        apiVersion: 'proffer.dev/v1alpha1',
        kind: 'Framework',
        metadata: { name: 'f' },
        spec: { limit: { cpu: '-3' } },
      },
      'Framework f: cpu: "-3" is negative',
    ],
  ])('refuses %s by name', (_what, object, said) => {
    expect(() => loadObjects([object])).toThrow(said);
  });
});
