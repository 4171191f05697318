// The chart installed by the real Helm, running as pods on real nodes with its own rights; a three-member etcd with real volumes.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { playEtcd, type EtcdSummary } from '../../demo/etcd-scenario.ts';
import { RELEASE_NAMESPACE, installProffer } from '../../demo/install-proffer.ts';
import { createScreen } from '../../demo/screen.ts';
import { doubleWriters } from '../cluster/array/writers.ts';
import { startCluster } from '../cluster/embedded.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { auditPosition, writesSince } from '../support/audit-writes.ts';
import { startSafetyMonitor, type SafetyMonitor } from '../support/safety-monitor.ts';

const REST_SECONDS = 60;

let cluster: TestCluster;
let client: KubeClient;
let monitor: SafetyMonitor;
let story: EtcdSummary;

beforeAll(async () => {
  cluster = await startCluster({ realNodes: 3, array: true });
  await installProffer(cluster);
  client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-e2e' });
  monitor = await startSafetyMonitor(cluster.kubeconfigPath);
  story = await playEtcd(cluster, client, 'array', createScreen(process.stderr, performance.now()));
}, 1_200_000);

afterAll(async () => {
  await monitor?.stop();
  client?.close();
  await cluster?.down();
}, 120_000);

describe('a three-member etcd on real nodes', () => {
  test('all members are ready, on three different nodes, each on its slot', async () => {
    expect({ members: story.members, ready: story.ready, slotKept: story.slotKept }).toEqual({
      members: 3,
      ready: 3,
      slotKept: true,
    });
    const nodes = await cluster.kubectl([
      'get',
      'pods',
      '-l',
      'proffer.dev/app=etcd',
      '-o',
      'jsonpath={.items[*].spec.nodeName}',
    ]);
    expect(new Set(nodes.split(' ')).size).toBe(3);
  });

  test('a deleted pod returns with the same claim and volume, and every acknowledged record is there', () => {
    expect(story.sameClaim).toBe(true);
    expect(story.recordsReadBack).toBe(story.recordsWritten);
  });

  test('the array saw one writer at a time', async () => {
    const handles = await cluster.kubectl(['get', 'pv', '-o', 'jsonpath={.items[*].spec.csi.volumeHandle}']);
    const spans = await Promise.all(
      handles.split(' ').map(async (handle) => (await cluster.array?.writers(handle)) ?? []),
    );
    expect(spans.map((ofVolume) => ofVolume.length > 0)).toEqual([true, true, true]);
    expect(spans.flatMap((ofVolume) => doubleWriters(ofVolume))).toEqual([]);
  });

  test(`nothing is written for ${REST_SECONDS} s at rest, by the API server's audit log`, async () => {
    const position = await auditPosition(cluster.auditLogPath ?? '');
    await new Promise((resolve) => setTimeout(resolve, REST_SECONDS * 1000));
    expect(
      await writesSince(cluster.auditLogPath ?? '', position, `system:serviceaccount:${RELEASE_NAMESPACE}:`),
    ).toEqual([]);
  }, 90_000);

  test('deletionProtection refuses kubectl delete, and says how to turn it off', async () => {
    await cluster.kubectl(['patch', 'papp', 'etcd', '--type', 'merge', '-p', '{"spec":{"deletionProtection":true}}']);
    await expect(cluster.kubectl(['delete', 'papp', 'etcd', '--wait=false'])).rejects.toThrow(
      /deletionProtection is on.*kubectl patch papp etcd/s,
    );
    await cluster.kubectl(['patch', 'papp', 'etcd', '--type', 'merge', '-p', '{"spec":{"deletionProtection":false}}']);
  });

  test('helm uninstall leaves CRDs, the app, its pods and its volumes', async () => {
    await cluster.helm(['uninstall', 'proffer', '--namespace', RELEASE_NAMESPACE, '--wait'], { timeoutSeconds: 90 });
    expect(await cluster.kubectl(['get', 'papp', 'etcd', '-o', 'name'])).toContain('etcd');
    expect((await cluster.kubectl(['get', 'pods,pvc', '-o', 'name'])).trim().split('\n')).toHaveLength(6);
    expect(await cluster.kubectl(['get', 'priorityclass', 'proffer-member', '-o', 'name'])).toContain('proffer-member');
  }, 120_000);

  test('no rule of safety was broken', () => {
    expect(monitor.violations).toEqual([]);
  });
});
