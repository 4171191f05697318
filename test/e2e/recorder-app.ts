import { expect } from '@jest/globals';
import { DRIVER } from '../cluster/array/driver-name.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { type Recorder, type WrittenRecord, readRecords } from './recorder.ts';

/** A class of the array's volumes, and a pool that says of it what a completed detach proves. */
export function poolOf(name: string, fencing: 'AttachExclusive' | 'None'): readonly object[] {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: `of-${name}` },
    provisioner: DRIVER,
    parameters: { pool: 'shared' },
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
  };
  const pool = {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'StoragePool',
    metadata: { name },
    spec: { storageClassName: `of-${name}`, fencing },
  };
  return [storageClass, pool];
}

/** One member that runs the script with a volume of that pool at /data. */
export function recorderApp(name: string, pool: string, script: string): object {
  const container = {
    name: 'recorder',
    image: 'localhost/busybox:1',
    imagePullPolicy: 'Never',
    command: ['sh', '-c', script],
    resources: { requests: { cpu: '50m', memory: '32Mi' } },
  };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      template: { spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '512Mi', pool }],
    },
  };
}

/** Every record once and in order, and every acknowledged one among them, written by the node that told of it. */
export async function checkedRecords(
  cluster: TestCluster,
  recorder: Recorder,
  member: string,
): Promise<readonly WrittenRecord[]> {
  const acknowledged = recorder.acknowledged.filter((record) => record.member === member);
  const written = readRecords(await cluster.kubectl(['exec', member, '--', 'cat', '/data/log']));
  expect(written.map((record) => record.number)).toEqual(written.map((_, index) => index + 1));
  const missing = acknowledged.filter(({ number, node }) => written[number - 1]?.node !== node);
  expect(missing).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(10);
  return written;
}

/** The number of the node's last record; 0 without one. */
export function lastOf(written: readonly WrittenRecord[], node: string): number {
  return written.findLast((record) => record.node === node)?.number ?? 0;
}

/** The number of its first. */
export function firstOf(written: readonly WrittenRecord[], node: string): number {
  return written.find((record) => record.node === node)?.number ?? 0;
}
