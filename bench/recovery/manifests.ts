// What runs while nodes are lost.
const BUSYBOX = {
  image: 'localhost/busybox:1',
  imagePullPolicy: 'Never',
  resources: { requests: { cpu: '20m', memory: '16Mi' } },
} as const;

/** One member that appends records to its exclusive-attach volume. */
export function recorderApp(script: string): object {
  const container = { ...BUSYBOX, name: 'recorder', command: ['sh', '-c', script] };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name: 'recorder' },
    spec: {
      replicas: 1,
      template: { spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '512Mi', pool: 'data' }],
    },
  };
}

/**
 * The same as a plain StatefulSet, near the member. It tolerates the taint with which Proffer declares a node out of service, which would
 * free it, too.
 */
export function plainApp(script: string): readonly object[] {
  const near = {
    labelSelector: { matchLabels: { 'proffer.dev/app': 'recorder' } },
    topologyKey: 'kubernetes.io/hostname',
  };
  const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near }] };
  const container = {
    ...BUSYBOX,
    name: 'recorder',
    command: ['sh', '-c', script],
    env: [{ name: 'PROFFER_NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const spec = {
    terminationGracePeriodSeconds: 0,
    affinity: { podAffinity: preferred },
    tolerations: [{ key: 'node.kubernetes.io/out-of-service', operator: 'Exists' }],
    containers: [container],
  };
  return [statefulSet('plain', { replicas: 1, spec, storageClass: 'data' })];
}

/** Three pods that do nothing, one on each node, with volumes of a class that no StoragePool speaks for. */
export function bystanders(): readonly object[] {
  const apart = { labelSelector: { matchLabels: { app: 'bystander' } }, topologyKey: 'kubernetes.io/hostname' };
  const container = {
    ...BUSYBOX,
    name: 'sleeper',
    command: ['sh', '-c', 'sleep 1000000'],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const spec = {
    terminationGracePeriodSeconds: 0,
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apart] } },
    // A node that was declared out of service a short time ago is still tainted.
    tolerations: [{ key: 'node.kubernetes.io/out-of-service', operator: 'Exists' }],
    containers: [container],
  };
  return [statefulSet('bystander', { replicas: 3, spec, storageClass: 'array' })];
}

interface Parts {
  readonly replicas: number;
  readonly spec: object;
  readonly storageClass: string;
}

function statefulSet(name: string, { replicas, spec, storageClass }: Parts): object {
  const labels = { app: name };
  const claim = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: storageClass,
    resources: { requests: { storage: '512Mi' } },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      serviceName: name,
      replicas,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
    },
  };
}
