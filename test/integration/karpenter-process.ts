// The real Karpenter with its kwok provider, as a process: it adds and removes fake nodes as it would add and remove machines of a cloud.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTools } from '../cluster/build-tools.ts';
import { untilEstablished } from '../cluster/established.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { startCommand } from '../support/program.ts';

export interface Karpenter {
  /** What it said last, for a failing test's message. */
  output(): string;
  stop(): Promise<void>;
}

interface NodePool {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const ZONES = ['z1', 'z2', 'z3'];

/** One kind of machine, in every zone. */
const INSTANCE_TYPES = [
  {
    name: 'c-4x-amd64-linux',
    architecture: 'amd64',
    operatingSystems: ['linux'],
    resources: { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' },
    offerings: ZONES.map((zone) => ({
      Price: 0.1,
      Available: true,
      Requirements: [
        { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
        { key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] },
      ],
    })),
  },
];

const NODE_POOL = [
  { apiVersion: 'karpenter.kwok.sh/v1alpha1', kind: 'KWOKNodeClass', metadata: { name: 'default' } },
  {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name: 'default' },
    spec: {
      template: {
        spec: {
          requirements: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] }],
          nodeClassRef: { group: 'karpenter.kwok.sh', kind: 'KWOKNodeClass', name: 'default' },
          expireAfter: 'Never',
        },
      },
      disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: '5s', budgets: [{ nodes: '100%' }] },
    },
  },
];

/** Installs its CRDs and one NodePool whose empty nodes are removed after 5 s, and starts it. Builds it first if need be (minutes, once). */
export async function startKarpenter(cluster: TestCluster, onProgress: (line: string) => void): Promise<Karpenter> {
  const [toolDir = ''] = await buildTools(['karpenter'], onProgress);
  const crds = join(toolDir, 'share', 'karpenter-crds');
  await cluster.kubectl([
    'apply',
    '--server-side',
    ...readdirSync(crds).map((file) => `--filename=${join(crds, file)}`),
  ]);
  await untilEstablished((args) => cluster.kubectl(args), ['nodepools.karpenter.sh']);
  const folder = mkdtempSync(join(tmpdir(), 'proffer-karpenter-'));
  const types = join(folder, 'instance-types.json');
  writeFileSync(types, JSON.stringify(INSTANCE_TYPES));
  const args = ['--disable-leader-election=true', '--metrics-port=0', '--health-probe-port=0'];
  const program = startCommand('karpenter', join(toolDir, 'karpenter'), args, {
    KUBECONFIG: cluster.kubeconfigPath,
    KUBERNETES_MIN_VERSION: '1.19.0-0',
    KARPENTER_SERVICE: 'karpenter',
    SYSTEM_NAMESPACE: 'kube-system',
    INSTANCE_TYPES_FILE_PATH: types,
    BATCH_IDLE_DURATION: '1s',
    BATCH_MAX_DURATION: '3s',
  });
  const karpenter: Karpenter = {
    output: () => program.output(),
    async stop() {
      await program.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const input = NODE_POOL.map((object) => JSON.stringify(object)).join('\n---\n');
  await cluster.kubectl(['apply', '-f', '-'], { input });
  try {
    const isReady = async () => {
      const pool = JSON.parse(await cluster.kubectl(['get', 'nodepool', 'default', '-o', 'json'])) as NodePool;
      return pool.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
    };
    await waitUntil('the NodePool is ready', isReady, { timeoutSeconds: 60, everyMilliseconds: 500 });
  } catch (error) {
    await karpenter.stop();
    throw new Error(`${String(error)}\nKarpenter said last:\n${program.output().slice(-3000)}`, { cause: error });
  }
  return karpenter;
}
