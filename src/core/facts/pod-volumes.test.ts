import { expect, test } from '@jest/globals';
import { readPod } from './read-pod.ts';

const pod = (...volumes: readonly object[]) =>
  readPod({
    metadata: { name: 'db-0' },
    spec: { volumes: volumes.map((given, at) => ({ name: `v${at}`, ...given })) },
  });

test('claims are those that are named, and those that the pod gets for itself', () => {
  const { claims } = pod({ persistentVolumeClaim: { claimName: 'data' } }, { ephemeral: {} }, { emptyDir: {} });
  expect(claims).toEqual(['data', 'db-0-v1']);
});

test.each<[string, object, boolean]>([
  ['an NFS export', { nfs: { server: 's', path: '/' } }, true],
  ['an NFS export that is only read', { nfs: { server: 's', path: '/', readOnly: true } }, false],
  ['an iSCSI disk', { iscsi: { targetPortal: 'p' } }, true],
  ['what nobody here knows', { newFileSystem: {} }, true],
  ['a share of a CSI driver', { csi: { driver: 'nfs.csi.k8s.io' } }, true],
  ['secrets of a CSI driver', { csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true } }, false],
  ['a folder of the node', { hostPath: { path: '/' } }, false],
  ['what ends with the pod', { emptyDir: {} }, false],
  ['a claim', { persistentVolumeClaim: { claimName: 'data' } }, false],
])('%s, mounted without a claim, may be written to from elsewhere: %s', (_what, volume, isShared) => {
  expect(pod(volume).sharedVolumes).toEqual(isShared ? ['v0'] : undefined);
});
