import type { KubeClient } from '../../src/kube/kube-client.ts';

// Stateful workloads of equal pods: plain StatefulSets, or the same under a PersistentApp whose members have slots.

export const APPS = 100;
export const MEMBERS = 10;
const CONCURRENCY = 32;

export interface WorkloadOptions {
  readonly client: KubeClient;
  /** All that one run makes lives here. */
  readonly namespace: string;
  readonly schedulerName: string;
  /** Where member k of all members has its slot; undefined: plain StatefulSets, no Proffer at all. */
  readonly slotNodes: readonly string[] | undefined;
}

/** Creates APPS × MEMBERS pods through StatefulSets, after their slots. Resolves when the StatefulSets exist, pods follow. */
export async function createWorkload(options: WorkloadOptions): Promise<void> {
  const { client, namespace } = options;
  await post(client, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const apps = Array.from({ length: APPS }, (_none, index) => index);
  const workers = Array.from({ length: CONCURRENCY }, async () => {
    for (let app = apps.shift(); app !== undefined; app = apps.shift()) await createApp(options, app);
  });
  await Promise.all(workers);
}

async function createApp(
  { client, namespace, schedulerName, slotNodes }: WorkloadOptions,
  index: number,
): Promise<void> {
  const name = `app-${index}`;
  const ours = `/apis/proffer.dev/v1alpha1/namespaces/${namespace}`;
  const template = { spec: podSpec(schedulerName) };
  const owners: object[] = [];
  if (slotNodes !== undefined) {
    const app = await post(client, `${ours}/persistentapps`, {
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'PersistentApp',
      metadata: { name, namespace },
      spec: { replicas: MEMBERS, template },
    });
    const { uid } = app.metadata;
    const slots = Array.from({ length: MEMBERS }, (_none, ordinal) =>
      slotOf(`${name}-${ordinal}`, slotNodes[index * MEMBERS + ordinal] ?? ''),
    );
    const spec = { app: { name, uid }, slots };
    await post(client, `${ours}/reservations`, {
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'Reservation',
      metadata: { name, namespace },
      spec,
    });
    owners.push({ apiVersion: 'proffer.dev/v1alpha1', kind: 'PersistentApp', name, uid, controller: true });
  }
  const labels = { app: name };
  await post(client, `/apis/apps/v1/namespaces/${namespace}/statefulsets`, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace, ownerReferences: owners },
    spec: {
      replicas: MEMBERS,
      serviceName: name,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, ...template },
    },
  });
}

function podSpec(schedulerName: string): object {
  const container = {
    name: 'main',
    image: 'localhost/none',
    resources: { requests: { cpu: '500m', memory: '256Mi' } },
  };
  return {
    schedulerName,
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    containers: [container],
  };
}

function slotOf(member: string, node: string): object {
  const resources = { cpu: '500m', memory: '256Mi', pods: '1' };
  return { member, node, resources, state: 'Held', epoch: 1, acceptedAt: '2026-01-02T03:04:05Z' };
}

function post(
  client: KubeClient,
  path: string,
  body: object,
): Promise<{ readonly metadata: { readonly uid: string } }> {
  return client.request({ method: 'POST', path, body });
}
