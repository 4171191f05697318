import { expect, test } from '@jest/globals';
import { schedulerConfig } from './scheduler-config.ts';

test('the extender sees every node, is not ignorable, and speaks over loopback', () => {
  expect(schedulerConfig({ extenderPort: 10262, leaseNamespace: 'proffer-system' })).toMatchObject({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    percentageOfNodesToScore: 100,
    leaderElection: { leaderElect: true, resourceName: 'proffer-scheduler', resourceNamespace: 'proffer-system' },
    profiles: [{ schedulerName: 'proffer-scheduler' }],
    extenders: [{ urlPrefix: 'http://127.0.0.1:10262/', nodeCacheCapable: true, ignorable: false, httpTimeout: '2s' }],
  });
});

test('it binds nothing by itself, and names credentials only when there is a file of them', () => {
  const config = schedulerConfig({ extenderPort: 1, leaseNamespace: 'a' }) as { extenders: object[] };
  expect(config.extenders[0]).not.toHaveProperty('bindVerb');
  expect(config).toMatchObject({ clientConnection: { qps: 500, burst: 1000 } });
  expect(config).not.toHaveProperty('clientConnection.kubeconfig');
  expect(schedulerConfig({ extenderPort: 1, leaseNamespace: 'a', kubeconfigPath: '/x' })).toMatchObject({
    clientConnection: { kubeconfig: '/x' },
  });
});
