import { describe, expect, test } from '@jest/globals';
import { podRequests } from './pod-requests.ts';

const asks = (cpu: string, more: object = {}) => ({ resources: { requests: { cpu } }, ...more });
const sidecar = { restartPolicy: 'Always' };

const container = (allocated: string, used?: string) => ({
  containerStatuses: [
    {
      name: 'db',
      allocatedResources: { cpu: allocated },
      ...(used === undefined ? {} : { resources: { requests: { cpu: used } } }),
    },
  ],
});

describe('a pod is charged', () => {
  test.each<[string, object, object]>([
    ['one pod and nothing else when it asks for nothing', {}, { pods: 1 }],
    ['the sum of its containers', { containers: [asks('1'), asks('500m')] }, { cpu: 1500, pods: 1 }],
    [
      'its largest init container when that is more',
      { containers: [asks('1')], initContainers: [asks('2'), asks('3')] },
      { cpu: 3000, pods: 1 },
    ],
    [
      'sidecars beside its containers',
      { containers: [asks('1')], initContainers: [asks('200m', sidecar)] },
      { cpu: 1200, pods: 1 },
    ],
    [
      'init containers beside the sidecars started before them',
      { containers: [asks('1')], initContainers: [asks('200m', sidecar), asks('2'), asks('900m', sidecar)] },
      { cpu: 2200, pods: 1 },
    ],
    ['its overhead on top', { containers: [asks('1')], overhead: { cpu: '100m' } }, { cpu: 1100, pods: 1 }],
    [
      'pod-level requests instead of the sum, for cpu and memory only',
      {
        containers: [{ resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } } }],
        resources: { requests: { cpu: '4', 'ephemeral-storage': '9Gi' } },
      },
      { cpu: 4000, 'ephemeral-storage': 2 ** 30, pods: 1 },
    ],
    [
      'a pod-level limit as its request, when no container asks',
      { containers: [{}], resources: { limits: { cpu: '2' } } },
      { cpu: 2000, pods: 1 },
    ],
    [
      'a limit as its request, as the API server defaults it',
      { containers: [{ resources: { limits: { cpu: '2', memory: '1Ki' }, requests: { cpu: '1' } } }] },
      { cpu: 1000, memory: 1024, pods: 1 },
    ],
    [
      'extended resources',
      { containers: [{ resources: { limits: { 'nvidia.com/gpu': '1' } } }] },
      { 'nvidia.com/gpu': 1, pods: 1 },
    ],
  ])('%s', (_what, spec, requests) => {
    expect(podRequests(spec)).toEqual(requests);
  });

  const spec = { containers: [asks('1', { name: 'db' })] };

  test.each<[string, object, number]>([
    ['what it was allotted while it shrinks', container('3'), 3000],
    ['what it still uses while it shrinks', container('1', '2'), 2000],
    ['what it asks while it grows', container('500m'), 1000],
    [
      'what it has when what it asks can never fit',
      { ...container('500m'), conditions: [{ type: 'PodResizePending', reason: 'Infeasible' }] },
      500,
    ],
  ])('in-place resize: %s', (_what, status, cpu) => {
    expect(podRequests(spec, status)).toEqual({ cpu, pods: 1 });
  });

  test('a malformed quantity is named', () => {
    expect(() => podRequests({ containers: [asks('lots')] })).toThrow('cpu: "lots" is not a quantity');
  });
});
