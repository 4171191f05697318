// Apps with one mistake each, and what a user must read about it: where, which numbers, what to do. Part of bad-input.ts.

export const LONG_NAME = `a${'b'.repeat(50)}c`;

export interface AppParts {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly container?: Readonly<Record<string, unknown>>;
  readonly pod?: Readonly<Record<string, unknown>>;
}

export const volume = (parts: Readonly<Record<string, unknown>> = {}) => ({
  name: 'data',
  mountPath: '/data',
  size: '1Gi',
  storageClassName: 'array',
  ...parts,
});

export const UNIQUE = { key: '@hostname', operator: 'Unique' };

/** A small app with one volume a member, right but for `parts`. */
export function app(namespace: string, name: string, { spec, container, pod }: AppParts = {}): object {
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  const containers = [{ name: 'main', image: 'localhost/busybox:1', resources, ...container }];
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      template: { spec: { terminationGracePeriodSeconds: 1, containers, ...pod } },
      volumeClaims: [volume()],
      placement: { constraints: [UNIQUE] },
      update: { minReadySeconds: 0 },
      ...spec,
    },
  };
}

export const framework = (name: string, spec: object) => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'Framework',
  metadata: { name },
  spec,
});

/** A class of the array; the driver publishes no capacity for one whose pool it does not know. */
export const storageClass = (name: string, pool: string) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'array.proffer.dev',
  parameters: { pool },
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Retain',
});

/** A pool over the class of its name. */
export const storagePool = (name: string) => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'StoragePool',
  metadata: { name },
  spec: { storageClassName: name },
});

export interface BadApp {
  readonly what: string;
  readonly name: string;
  readonly parts: AppParts;
  readonly condition: string;
  readonly reason: string;
  readonly says: RegExp;
}

const onNode = (name: string) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
      },
    },
  },
});

const asking = (cpu: string) => ({ container: { resources: { requests: { cpu, memory: '64Mi' } } } });

/** New apps on three nodes of 4 CPUs, in a namespace of their own: nothing of theirs runs, and each says why. */
export const BAD_APPS: readonly BadApp[] = [
  {
    what: 'a constraint that no node can meet',
    name: 'mars',
    parts: { spec: { placement: { constraints: [{ key: '@zone', operator: 'Is', value: 'mars' }] } } },
    condition: 'Reserved',
    reason: 'ConstraintIs',
    says: /0 of 1 members have a slot; .*0 of 3 nodes fit: 3 ConstraintIs \(fake-0: .*mars/,
  },
  {
    what: 'constraints that exclude each other',
    name: 'torn',
    parts: {
      spec: {
        replicas: 2,
        placement: { constraints: [UNIQUE, { key: '@hostname', operator: 'Is', value: 'fake-0' }] },
      },
    },
    condition: 'Stalled',
    reason: 'ConstraintUnique',
    says: /Is on @hostname \(fake-0\) puts all 2 members on one value, and Unique on @hostname allows 1 there: remove one of the two, or ask for 1 replicas/,
  },
  {
    what: 'more CPU than any node has',
    name: 'vast',
    parts: asking('100'),
    condition: 'Reserved',
    reason: 'InsufficientCPU',
    says: /0 of 3 nodes fit: 3 InsufficientCPU \(needs 100000m, most free [0-9]+m on fake-[0-2]\)/,
  },
  {
    what: 'a node, by field, that does not exist',
    name: 'nowhere',
    parts: { pod: onNode('fake-99') },
    condition: 'Reserved',
    reason: 'NodeAffinityMismatch',
    says: /0 of 3 nodes fit: 3 NodeAffinityMismatch/,
  },
  {
    what: 'a class whose pool the array does not have',
    name: 'ghost',
    parts: { spec: { volumeClaims: [volume({ storageClassName: 'ghost' })] } },
    condition: 'Reserved',
    reason: 'InsufficientPoolCapacity',
    says: /needs 1Gi: driver array.proffer.dev publishes capacity, and none for StorageClass ghost on this node/,
  },
  {
    what: 'a framework that is no leaf',
    name: 'inner',
    parts: { spec: { framework: 'org' } },
    condition: 'Stalled',
    reason: 'FrameworkNotLeaf',
    says: /Framework "org" has others below it \(team\).*name one of these in spec.framework/,
  },
  {
    what: 'a framework that does not allow the namespace',
    name: 'closed',
    parts: { spec: { framework: 'team' } },
    condition: 'Stalled',
    reason: 'NamespaceNotAllowed',
    says: /Framework "team" does not allow namespace bad: label the namespace/,
  },
  {
    what: 'a malformed quantity in the pod template',
    name: 'garbled',
    parts: asking('1 core'),
    condition: 'Stalled',
    reason: 'InvalidTemplate',
    says: /refuses the pod template: requests of a container: cpu: .*1 core/,
  },
];

/** Right ones beside them, which must not suffer. */
export const GOOD_APPS: readonly { readonly what: string; readonly name: string; readonly parts: AppParts }[] = [
  { what: 'a name of 52 characters', name: LONG_NAME, parts: {} },
  { what: 'a node named by field', name: 'chosen', parts: { pod: onNode('fake-2') } },
  {
    what: 'a class that was made in the same breath, so that its capacity is published later',
    name: 'late',
    parts: { spec: { volumeClaims: [volume({ storageClassName: 'late' })] } },
  },
];

export interface BadChange {
  readonly what: string;
  readonly parts: AppParts;
  readonly reason: string;
  readonly says: RegExp;
}

/** Changes of an app that runs with two members: each stalls, and what runs keeps running. */
export const BAD_CHANGES: readonly BadChange[] = [
  {
    what: 'an unknown framework',
    parts: { spec: { framework: 'nobody' } },
    reason: 'FrameworkNotFound',
    says: /there is no Framework "nobody": create it, or correct spec.framework/,
  },
  {
    what: 'an unknown pool for one volume more',
    parts: { spec: { volumeClaims: [volume(), { name: 'log', mountPath: '/log', size: '1Gi', pool: 'nopool' }] } },
    reason: 'PoolNotFound',
    says: /volume log asks for StoragePool "nopool", which does not exist: create it, or name another one of/,
  },
  {
    what: 'a field that no pod has',
    parts: { container: { comand: ['sleep'] } },
    reason: 'InvalidTemplate',
    says: /the API server refuses the pod template: .*spec\.containers.*comand.*; correct spec.template, what runs already keeps running/s,
  },
  {
    what: 'a value that the API server refuses',
    parts: { container: { imagePullPolicy: 'Sometimes' } },
    reason: 'InvalidTemplate',
    says: /imagePullPolicy: Unsupported value: "Sometimes"/,
  },
  {
    what: 'a constraint that cannot hold beside another',
    parts: { spec: { placement: { constraints: [UNIQUE, { key: '@hostname', operator: 'Cluster' }] } } },
    reason: 'ConstraintUnique',
    says: /Cluster on @hostname puts all 2 members on one value/,
  },
];

/** Changes that admission refuses. */
export const REFUSED_CHANGES: readonly (readonly [what: string, parts: AppParts, says: RegExp])[] = [
  [
    'a size that shrinks',
    { spec: { volumeClaims: [volume({ size: '512Mi' })] } },
    /a volume may not shrink: it has 1Gi, 512Mi was asked; keep 1Gi or make it larger/,
  ],
  [
    'a volume name used twice',
    { spec: { volumeClaims: [volume(), volume({ mountPath: '/again' })] } },
    /spec\.volumeClaims.*Duplicate value/s,
  ],
  [
    'a malformed size',
    { spec: { volumeClaims: [volume(), volume({ name: 'log', mountPath: '/log', size: '1 GB' })] } },
    /"1 GB" is not a size above zero; write it like 500Mi, 10Gi or 2Ti/,
  ],
];
