// Three members that append numbered records to their volumes, each fsynced and then told to a recorder outside of the cluster.
import { join } from 'node:path';
import { addressesOf, indexFromEnvironment } from '../../test/cluster/addresses.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { type AcknowledgedRecord, readRecords, startRecorder, type Recorder } from '../../test/e2e/recorder.ts';
import { addVerdicts, judgeRecords } from '../../test/support/record-oracle.ts';
import type { Return } from './cluster-watch.ts';
import { failedWrites } from './fenced-writes.ts';
import { readVolume } from './read-volume.ts';
import {
  type LateWrites,
  NAMESPACE,
  PLAIN,
  type Rebuilt,
  type Workload,
  type WorkloadOptions,
  type WorkloadVerdict,
} from './workload.ts';

const APP = 'recorder';
const MEMBERS = 3;
const POOL = join(import.meta.dirname, '..', '..', 'examples', 'pools', 'array.yaml');

export class RecordWorkload implements Workload {
  readonly app = APP;
  readonly extraSeconds = 0;
  readonly #options: WorkloadOptions;
  #recorder: Recorder | undefined;

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { cluster, screen, compare, recovery } = this.#options;
    const recorder = await startRecorder(addressesOf(indexFromEnvironment()).bridgeIp);
    this.#recorder = recorder;
    await cluster.kubectl(['apply', '-f', POOL]);
    const manifests = [appOf(recorder.script, recovery), ...(compare ? plainOf(recorder.script) : [])];
    const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    await cluster.kubectl(['apply', '-n', NAMESPACE, '-f', '-'], { input });
    const names = [APP, ...(compare ? [PLAIN] : [])].flatMap((name) =>
      Array.from({ length: MEMBERS }, (_, ordinal) => `${name}-${ordinal}`),
    );
    screen.say(`${names.length} members write numbered records to their volumes, and tell each one after its fsync`);
    const told = (name: string): number => recorder.acknowledged.filter(({ member }) => member === name).length;
    const all = async (): Promise<boolean> => names.every((name) => told(name) >= 5);
    await waitUntil('five records of every member', all, { timeoutSeconds: 150, everyMilliseconds: 250 }).catch(
      async (error: unknown) => {
        const seen = await cluster.kubectl(['get', 'papp,rsv,pods,pvc', '-n', NAMESPACE, '-o', 'wide']);
        throw new Error(`${String(error)}\n${seen}`, { cause: error });
      },
    );
  }

  async untilWorking(member: string, { to: node, boundAt }: Return, timeoutSeconds: number): Promise<string> {
    const isItsOwn = (record: AcknowledgedRecord): boolean =>
      record.member === member && record.node === node && record.at >= boundAt;
    const first = await waitUntil(
      `a record of ${member} from ${node}`,
      () => this.#recorder?.acknowledged.find(isItsOwn),
      { timeoutSeconds, everyMilliseconds: 100 },
    );
    const how = first.number === 1 ? 'it begins anew on its empty volume' : 'it goes on where it left off';
    return `${member} acknowledges record ${first.number} from ${node}: ${how}`;
  }

  /** It gives up at the first error, and says so in its log. */
  async lateWrites(node: string, member: string): Promise<LateWrites> {
    const refused = failedWrites(node, { namespace: NAMESPACE, name: member });
    return { tried: refused, refused };
  }

  async check(rebuilt?: Rebuilt): Promise<WorkloadVerdict> {
    const { cluster } = this.#options;
    // What is told from now on may be missing in what is read from now on.
    const acknowledged = (this.#recorder?.acknowledged ?? []).slice();
    const verdicts = await Promise.all(
      Array.from({ length: MEMBERS }, async (_, ordinal) => {
        const member = `${APP}-${ordinal}`;
        const text = await cluster.kubectl(['exec', '-n', NAMESPACE, member, '--', 'cat', '/data/log']);
        const own = acknowledged.filter((record) => record.member === member);
        if (rebuilt?.member !== member) return judgeRecords(own, readRecords(text));
        const old = await readVolume(cluster, rebuilt.retiredClaim);
        return addVerdicts([
          judgeRecords(
            own.filter(({ at }) => at < rebuilt.at),
            readRecords(old),
          ),
          judgeRecords(
            own.filter(({ at }) => at >= rebuilt.at),
            readRecords(text),
          ),
        ]);
      }),
    );
    // A record that was written late is out of order.
    return { ...addVerdicts(verdicts), lateWritesFound: false, more: {} };
  }

  async stop(): Promise<void> {
    await this.#recorder?.stop();
  }
}

const POD = {
  name: 'recorder',
  image: 'localhost/busybox:1',
  imagePullPolicy: 'Never',
  // So that the cluster is told of errors of the disk.
  terminationMessagePolicy: 'FallbackToLogsOnError',
  resources: { requests: { cpu: '20m', memory: '16Mi' } },
} as const;

function appOf(script: string, recovery: object): object {
  const container = { ...POD, command: ['sh', '-c', script] };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name: APP },
    spec: {
      replicas: MEMBERS,
      // Not Unique by host: with three nodes the member of a lost one would have nowhere to go.
      placement: { policies: [{ name: 'spread', weight: 1 }] },
      recovery,
      template: { spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '512Mi', pool: 'data' }],
    },
  };
}

/**
 * The same as a plain StatefulSet. It tolerates the taint with which Proffer declares a lost node out of service: else Proffer's taint would
 * free its pod too, and it would not show how things go without Proffer.
 */
export function plainStatefulSet(
  name: string,
  spec: Readonly<Record<string, unknown>>,
  claims: readonly object[],
): readonly object[] {
  const labels = { app: name };
  const near = { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' };
  const apart = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near }] };
  const tolerations = [{ key: 'node.kubernetes.io/out-of-service', operator: 'Exists' }];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: labels, ports: [{ name: 'any', port: 80 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: {
        serviceName: name,
        replicas: MEMBERS,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { affinity: { podAntiAffinity: apart }, tolerations, ...spec } },
        volumeClaimTemplates: claims,
      },
    },
  ];
}

function plainOf(script: string): readonly object[] {
  const container = {
    ...POD,
    command: ['sh', '-c', script],
    env: [{ name: 'PROFFER_NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'data', resources: { requests: { storage: '512Mi' } } },
  };
  return plainStatefulSet(PLAIN, { terminationGracePeriodSeconds: 0, containers: [container] }, [claim]);
}
