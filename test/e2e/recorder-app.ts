import { DRIVER } from '../cluster/array/driver-name.ts';
import type { WrittenRecord } from './recorder.ts';

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

/** The number of the node's last record; 0 without one. */
export function lastOf(written: readonly WrittenRecord[], node: string): number {
  return written.findLast((record) => record.node === node)?.number ?? 0;
}

/** The number of its first. */
export function firstOf(written: readonly WrittenRecord[], node: string): number {
  return written.find((record) => record.node === node)?.number ?? 0;
}
