import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { addressesOf, indexFromEnvironment } from './addresses.ts';
import { whyNoRealNodes } from './debian-packages.ts';
import { leftovers } from './down.ts';
import { startCluster } from './embedded.ts';
import type { TestCluster } from './test-cluster.ts';
import { waitUntil } from './wait-until.ts';

jest.setTimeout(60_000);

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': 'real-1' },
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'web',
        image: 'localhost/busybox:1',
        imagePullPolicy: 'Never',
        command: ['sh', '-c', 'echo started; echo served > /tmp/index.html; httpd -f -p 8080 -h /tmp'],
        resources: { requests: { cpu: '10m', memory: '16Mi' } },
      },
    ],
  },
};

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'site' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const CA = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
const ASK_API = `fetch('https://kubernetes.default.svc/version',{headers:{authorization:'Bearer '+require('fs').readFileSync('${TOKEN}','utf8')}}).then(r=>console.log(r.status))`;

const why = whyNoRealNodes();
const withRealNodes = why === undefined ? describe : describe.skip;
if (why !== undefined) process.stderr.write(`Skipped: the cluster with a real node. ${why}\n`);

withRealNodes('an embedded cluster with one real node', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ realNodes: 1, onProgress: (line) => process.stderr.write(`${line}\n`) });
    await cluster.kubectl(['create', '-f', '-'], {
      input: [POD, SERVICE].map((object) => JSON.stringify(object)).join('\n'),
    });
    await cluster.kubectl(['wait', '--for=condition=Ready', 'pod/web', '--timeout=60s'], { timeoutSeconds: 70 });
  }, 1_800_000);

  afterAll(() => cluster?.down(), 120_000);

  const inPod = (...command: readonly string[]): Promise<string> =>
    cluster.kubectl(['exec', 'web', '--', ...command], { timeoutSeconds: 15 });

  test('calls itself by its version, which Helm reads', async () => {
    expect(await cluster.kubectl(['version'])).toMatch(/Server Version: v1\.36\.\d+/);
  });

  test('gives a pod a token, and shows its log', async () => {
    expect((await inPod('cat', TOKEN)).split('.')).toHaveLength(3);
    expect(await cluster.kubectl(['logs', 'web'])).toBe('started\n');
  });

  test('resolves the names of Services, and forwards their addresses', async () => {
    expect(await inPod('nslookup', 'site.default.svc.cluster.local')).toMatch(/Address: 10\.0\.0\.\d+/);
    const served = await waitUntil('an answer through the ClusterIP', () => inPod('wget', '-qO-', 'http://site'), {
      timeoutSeconds: 20,
    });
    expect(served).toBe('served\n');
  });

  test('runs the image of Proffer as nobody special, which reaches the API with the certificate it was given', async () => {
    const command = [
      '--command',
      '--',
      '/app/node_modules/.bin/node',
      '-e',
      `console.log(process.getuid());${ASK_API}`,
    ];
    const image = [
      '--image=localhost/proffer:dev',
      '--image-pull-policy=Never',
      '--restart=Never',
      `--env=NODE_EXTRA_CA_CERTS=${CA}`,
    ];
    await cluster.kubectl(['run', 'proffer', ...image, ...command]);
    await cluster.kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/proffer', '--timeout=30s']);
    expect(await cluster.kubectl(['logs', 'proffer'])).toBe('65532\n200\n');
  }, 60_000);

  test('gives a service account a kubeconfig with no more rights than it has', async () => {
    const kubeconfigPath = await cluster.serviceAccountKubeconfig('default', 'default');
    expect(await cluster.kubectl(['auth', 'whoami'], { kubeconfigPath })).toContain(
      'system:serviceaccount:default:default',
    );
    await expect(cluster.kubectl(['get', 'pods'], { kubeconfigPath })).rejects.toThrow('forbidden');
  });

  test('writes each write to the audit log, with its user, and no reads', async () => {
    const events = readFileSync(cluster.auditLogPath ?? '', 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map(
        (line) =>
          JSON.parse(line) as {
            verb: string;
            user: { username: string };
            objectRef?: { resource: string; name?: string };
          },
      );
    expect(events.some(({ verb }) => verb === 'get' || verb === 'list' || verb === 'watch')).toBe(false);
    expect(events).toContainEqual(
      expect.objectContaining({
        verb: 'create',
        user: expect.objectContaining({ username: 'admin' }),
        objectRef: expect.objectContaining({ resource: 'pods' }),
      }),
    );
    expect(events.some(({ user }) => user.username === 'system:node:real-1')).toBe(true);
  });

  test('has fake nodes beside the real one, with attach limits, and loses them again', async () => {
    const names = await cluster.addFakeNodes({
      count: 2,
      attachLimit: 3,
      taints: [{ key: 'fake', effect: 'NoSchedule' }],
    });
    const count = ['get', 'csinode', names[0] ?? '', '--output', 'jsonpath={.spec.drivers[0].allocatable.count}'];
    expect(await cluster.kubectl(count)).toBe('3');
    await cluster.removeFakeNodes(names);
    expect(await cluster.kubectl(['get', 'nodes', '--output', 'name'])).toBe('node/real-1\n');
  }, 60_000);

  test('cuts a node off, and joins it again, while its containers run on', async () => {
    await cluster.partition('real-1');
    await expect(cluster.kubectl(['exec', 'web', '--', 'true'], { timeoutSeconds: 3 })).rejects.toThrow();
    await cluster.heal('real-1');
    await waitUntil('exec working again', async () => (await inPod('echo', 'back')) === 'back\n', {
      timeoutSeconds: 60,
    });
    const restarts = ['get', 'pod', 'web', '--output', 'jsonpath={.status.containerStatuses[0].restartCount}'];
    expect(await cluster.kubectl(restarts)).toBe('0');
  }, 120_000);

  test('kills all of a node at once, and boots it again with the pod back on it', async () => {
    await cluster.powerCut('real-1');
    expect(
      leftovers(addressesOf(indexFromEnvironment())).filter(
        (what) => what.includes('shim') || what.includes('kubelet)'),
      ),
    ).toEqual([]);
    await cluster.powerOn('real-1');
    await waitUntil('the pod serving again', async () => (await inPod('wget', '-qO-', 'http://site')) === 'served\n', {
      timeoutSeconds: 90,
    });
    const restarts = ['get', 'pod', 'web', '--output', 'jsonpath={.status.containerStatuses[0].restartCount}'];
    expect(await cluster.kubectl(restarts)).toBe('1');
  }, 180_000);

  test('leaves nothing behind when it is taken down, also the second time', async () => {
    await cluster.down();
    await cluster.down();
    expect(leftovers(addressesOf(indexFromEnvironment()))).toEqual([]);
  }, 120_000);
});
