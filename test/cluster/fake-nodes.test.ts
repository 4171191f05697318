import { describe, expect, test } from '@jest/globals';
import { fakeNode } from './fake-nodes.ts';

describe('a fake node', () => {
  const driver = {
    topologyLabels: (node: string, zone: string) => ({ 'topology.test/zone': zone, 'topology.test/node': node }),
    fakeCsiNode: () => ({}),
  };

  test('says before any pod that its volumes are attached by the controller', () => {
    expect(fakeNode('fake-0', 0, { count: 1 }, undefined)).toMatchObject({
      metadata: {
        annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', 'kwok.x-k8s.io/node': 'fake' },
      },
    });
  });

  test.each([
    [0, 'z1'],
    [1, 'z2'],
    [2, 'z1'],
  ])('number %p of two zones is in %s, for the driver too', (number, zone) => {
    expect(fakeNode('n', number, { count: 1, zones: 2 }, driver)).toMatchObject({
      metadata: {
        labels: { 'topology.kubernetes.io/zone': zone, 'topology.test/zone': zone, 'topology.test/node': 'n' },
      },
    });
  });

  test('has the resources that were asked for, extended ones too', () => {
    const spec = { count: 1, cpu: '8', memory: '32Gi', pods: 20, extendedResources: { 'nvidia.com/gpu': '2' } };
    const resources = { cpu: '8', memory: '32Gi', pods: '20', 'nvidia.com/gpu': '2' };
    expect(fakeNode('n', 0, spec, undefined)).toMatchObject({
      status: { capacity: resources, allocatable: resources },
    });
  });
});
