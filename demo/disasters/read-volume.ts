import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { NAMESPACE } from './workload.ts';

/** The file `log` of a volume that nobody uses any more, read by a pod that does nothing else. */
export async function readVolume(cluster: TestCluster, claimName: string): Promise<string> {
  const name = `reader-of-${claimName}`.slice(0, 63).replace(/-+$/, '');
  const container = {
    name: 'reader',
    image: 'localhost/busybox:1',
    imagePullPolicy: 'Never',
    command: ['cat', '/data/log'],
    volumeMounts: [{ name: 'old', mountPath: '/data' }],
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'OnFailure',
      containers: [container],
      volumes: [{ name: 'old', persistentVolumeClaim: { claimName } }],
    },
  };
  await cluster.kubectl(['apply', '-n', NAMESPACE, '-f', '-'], { input: JSON.stringify(pod) });
  const phase = 'jsonpath={.status.phase}';
  const isRead = async (): Promise<boolean> =>
    (await cluster.kubectl(['get', 'pod', name, '-n', NAMESPACE, '-o', phase])) === 'Succeeded';
  await waitUntil(`the volume of ${claimName} being read`, isRead, { timeoutSeconds: 90, everyMilliseconds: 500 });
  return cluster.kubectl(['logs', name, '-n', NAMESPACE]);
}
