// Objects of the six kinds, right and wrong, and what a user must read about the wrong ones.
export interface Fields {
  readonly [field: string]: unknown;
}

export const manifest = (kind: string, name: string, spec: Fields) => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind,
  metadata: { name },
  spec,
});

export const volume = (fields: Fields = {}) => ({
  name: 'data',
  mountPath: '/data',
  size: '10Gi',
  pool: 'fast',
  ...fields,
});

export const app = (fields: Fields = {}, name = 'es') =>
  manifest('PersistentApp', name, {
    template: { spec: { containers: [{ name: 'es', image: 'es:9' }] } },
    volumeClaims: [volume()],
    ...fields,
  });

const constrained = (constraint: Fields) => app({ placement: { constraints: [{ key: '@zone', ...constraint }] } });

export const slot = (fields: Fields = {}) => ({
  member: 'es-0',
  node: 'n1',
  state: 'Held',
  acceptedAt: '2026-01-02T03:04:05Z',
  ...fields,
});

export const reservation = (slots: readonly Fields[], uid = 'u1') =>
  manifest('Reservation', 'es', { app: { name: 'es', uid }, slots });

/** Objects that the API server must take. */
export const GOOD: readonly Fields[] = [
  app(),
  app({}, 'e'.repeat(52)),
  app({ volumeClaims: [volume({ pool: undefined, storageClassName: 'gp3', size: 1_073_741_824 })] }),
  app({ gang: { apps: ['es', 'es-data'], minMembers: 2 } }),
  app({
    template: {
      metadata: { creationTimestamp: null },
      spec: { containers: [{ name: 'a', resources: { requests: { cpu: 0.5 } } }], nodeSelector: null, newField: {} },
    },
  }),
  constrained({ operator: 'MaxPer', value: '2' }),
  constrained({ operator: 'Like', value: 'eu-[a-c]' }),
  constrained({ operator: 'GroupBy' }),
  manifest('Framework', 'web', {}),
  manifest('Framework', 'web', {
    limit: { cpu: 4, memory: '8Gi', 'storage.proffer.dev/fast': '1Ti', 'nvidia.com/gpu': '2' },
  }),
  manifest('StoragePool', 'fast', { storageClassName: 'gp3' }),
  manifest('StoragePool', 'fast', { provider: 'aws-ebs', type: 'gp3', iops: 3000, fencing: 'None' }),
  manifest('StoragePool', 'fast', {
    provider: 'custom',
    custom: { provisioner: 'csi.example.com' },
    fencing: 'AttachExclusive',
  }),
  manifest('StoragePool', 'rook', {
    provider: 'ceph-rbd',
    driver: 'rook-ceph.rbd.csi.ceph.com',
    parameters: { clusterID: 'rook-ceph', pool: 'replicapool' },
    snapshots: { enabled: true, parameters: { snapshotNamePrefix: 'p-' } },
  }),
  reservation([slot(), slot({ member: 'es-1' })]),
  manifest('AppOperation', 'move', { type: 'Move', app: 'es', members: ['es-0'], targetNode: 'n2' }),
  manifest('AppOperation', 'restore', { type: 'Restore', app: 'es', backup: 'monday' }),
  manifest('AppBackup', 'monday', { app: 'es', member: 'es-0' }),
];

/** What is wrong, and a part of what the user reads. */
export const BAD: readonly (readonly [string, Fields, string])[] = [
  ['a name of 53 characters', app({}, 'e'.repeat(53)), 'metadata.name may have 52 characters at most'],
  ['a name that no Service can have', app({}, '0es'), 'begin with a lower-case letter'],
  [
    'a volume name used twice',
    app({ volumeClaims: [volume(), volume({ mountPath: '/b' })] }),
    'spec.volumeClaims[1]: Duplicate value',
  ],
  [
    'a volume name that no claim can have',
    app({ volumeClaims: [volume({ name: 'Data' })] }),
    'must be lower-case letters, digits and -',
  ],
  [
    'a malformed size',
    app({ volumeClaims: [volume({ size: '10Gx' })] }),
    '"10Gx" is not a size above zero; write it like 500Mi, 10Gi or 2Ti',
  ],
  ['a size below zero', app({ volumeClaims: [volume({ size: '-1Gi' })] }), '"-1Gi" is not a size above zero'],
  ['a size of zero', app({ volumeClaims: [volume({ size: 0 })] }), '"0" is not a size above zero'],
  ['a pool and a class', app({ volumeClaims: [volume({ storageClassName: 'gp3' })] }), 'name exactly one of pool'],
  ['neither pool nor class', app({ volumeClaims: [volume({ pool: undefined })] }), 'name exactly one of pool'],
  ['a relative mount path', app({ volumeClaims: [volume({ mountPath: 'data' })] }), 'mountPath must be absolute'],
  ['growth without an end', app({ volumeClaims: [volume({ autoGrow: { enabled: true } })] }), 'autoGrow needs maxSize'],
  [
    'a value for Unique',
    constrained({ operator: 'Unique', value: '1' }),
    'Unique takes no value: remove it, or use MaxPer',
  ],
  [
    'MaxPer without a number',
    constrained({ operator: 'MaxPer', value: '0' }),
    'MaxPer needs a whole number from 1 to 9999',
  ],
  [
    'GroupBy with a word',
    constrained({ operator: 'GroupBy', value: 'three' }),
    'the value of GroupBy is how many groups there are',
  ],
  ['Is without a value', constrained({ operator: 'Is' }), 'Is on @zone needs a value: what the node must (not) have'],
  [
    'Unlike without a value',
    constrained({ operator: 'Unlike' }),
    'Unlike on @zone needs a value: a regular expression',
  ],
  ['Cluster with an empty value', constrained({ operator: 'Cluster', value: '' }), 'leave it out for any one value'],
  [
    'a broken regular expression',
    constrained({ operator: 'Like', value: 'a[' }),
    'must be a regular expression in RE2 syntax',
  ],
  ['an unknown operator', constrained({ operator: 'Near' }), 'supported values: "Unique", "Cluster", "GroupBy"'],
  [
    'a key that is no label',
    constrained({ key: '@rack', operator: 'Unique' }),
    'key must be @hostname, @zone, @region or the name of a node label',
  ],
  ['a gang without itself', app({ gang: { apps: ['es-data'] } }), 'spec.gang.apps must name this app too'],
  [
    'an unknown policy',
    app({ placement: { policies: [{ name: 'luck' }] } }),
    'Unsupported value: "luck": supported values: "spread", "pack"',
  ],
  ['fewer than no replicas', app({ replicas: -1 }), 'should be greater than or equal to 0'],
  ['more replicas than slots', app({ replicas: 1001 }), 'should be less than or equal to 1000'],
  ['no containers', app({ template: { spec: { containers: [] } } }), 'should have at least 1 items'],
  ['no pod at all', app({ template: {} }), 'spec.template.spec: Required value'],
  [
    'a resource that is none',
    manifest('Framework', 'web', { limit: { mem: '3Gi' } }),
    'resource names are cpu, memory, ephemeral-storage, pods, or contain a slash',
  ],
  [
    'a malformed limit',
    manifest('Framework', 'web', { limit: { memory: '3Gig' } }),
    '"3Gig" is not a Kubernetes quantity of zero or more',
  ],
  [
    'a negative guarantee',
    manifest('Framework', 'web', { guarantee: { cpu: -1 } }),
    '"-1" is not a Kubernetes quantity of zero or more',
  ],
  ['a weight of zero', manifest('Framework', 'web', { weight: 0 }), 'should be greater than or equal to 1'],
  ['a pool of nothing', manifest('StoragePool', 'fast', {}), 'name exactly one of storageClassName'],
  [
    'a pool of two things',
    manifest('StoragePool', 'fast', { storageClassName: 'gp3', provider: 'aws-ebs' }),
    'name exactly one of storageClassName',
  ],
  ['custom without a driver', manifest('StoragePool', 'fast', { provider: 'custom' }), 'provider custom needs it'],
  [
    'knobs on an existing class',
    manifest('StoragePool', 'fast', { storageClassName: 'gp3', iops: 3000 }),
    'the class itself says them',
  ],
  [
    'knobs on a custom driver',
    manifest('StoragePool', 'fast', { provider: 'custom', custom: { provisioner: 'a.b' }, iops: 3000 }),
    'write them into custom.parameters',
  ],
  [
    'an unknown provider',
    manifest('StoragePool', 'fast', { provider: 'floppy' }),
    'Unsupported value: "floppy": supported values: "aws-ebs", "gcp-pd"',
  ],
  [
    'parameters for an existing class',
    manifest('StoragePool', 'fast', { storageClassName: 'gp3', parameters: { a: 'b' } }),
    'an existing class has its own',
  ],
  [
    'another driver for provider custom',
    manifest('StoragePool', 'fast', { provider: 'custom', custom: { provisioner: 'a.b' }, driver: 'c.d' }),
    'with provider custom write them into custom',
  ],
  [
    'a budget of nothing',
    manifest('StoragePool', 'fast', { storageClassName: 'gp3', capacity: { source: 'Declared' } }),
    'a declared capacity needs perZone',
  ],
  [
    'a promise that the provider cannot keep',
    manifest('StoragePool', 'fast', { provider: 'ceph-rbd', fencing: 'AttachExclusive' }),
    'its detach does not prove that the old node stopped writing',
  ],
  ['two slots of one member', reservation([slot(), slot({ node: 'n2' })]), 'spec.slots[1]: Duplicate value'],
  ['a slot accepted at no time', reservation([slot({ acceptedAt: 'now' })]), 'must be of type date-time'],
  [
    'a move of nobody',
    manifest('AppOperation', 'op', { type: 'Move', app: 'es' }),
    'Move needs members: name those that are meant, such as es-0',
  ],
  [
    'a node for a restart',
    manifest('AppOperation', 'op', { type: 'Restart', app: 'es', targetNode: 'n2' }),
    'targetNode belongs to a Move of one member',
  ],
  [
    'a migration to nowhere',
    manifest('AppOperation', 'op', { type: 'MigrateStorage', app: 'es' }),
    'MigrateStorage needs targetPool',
  ],
  ['a restore of nothing', manifest('AppOperation', 'op', { type: 'Restore', app: 'es' }), 'Restore needs backup'],
  [
    'half an app parked',
    manifest('AppOperation', 'op', { type: 'Park', app: 'es', members: ['es-0'] }),
    'Park and Resume are for the whole app',
  ],
  [
    'a member of another app',
    manifest('AppOperation', 'op', { type: 'Restart', app: 'es', members: ['pg-0'] }),
    'members are named <app>-<ordinal>',
  ],
  [
    'a backup of a stranger',
    manifest('AppBackup', 'monday', { app: 'es', member: 'pg-0' }),
    'member is named <app>-<ordinal>',
  ],
];

/** What was there, what is asked, and a part of the answer. */
export const FIXED: readonly (readonly [string, Fields, Fields, string])[] = [
  [
    'the pool of a volume',
    app(),
    app({ volumeClaims: [volume({ pool: 'slow' })] }),
    'pool cannot change while volumes exist',
  ],
  [
    'the access mode of a volume',
    app({ volumeClaims: [volume({ accessMode: 'ReadWriteOnce' })] }),
    app({ volumeClaims: [volume({ accessMode: 'ReadWriteMany' })] }),
    'accessMode cannot change',
  ],
  [
    'the parent of a framework',
    manifest('Framework', 'web', { parent: 'org' }),
    manifest('Framework', 'web', { parent: 'top' }),
    'parent cannot change',
  ],
  [
    'the provider of a pool',
    manifest('StoragePool', 'fast', { provider: 'aws-ebs' }),
    manifest('StoragePool', 'fast', { provider: 'gcp-pd' }),
    'provider cannot change once the pool is made',
  ],
  [
    'the disk type of a pool',
    manifest('StoragePool', 'fast', { provider: 'aws-ebs', type: 'gp3' }),
    manifest('StoragePool', 'fast', { provider: 'aws-ebs', type: 'io2' }),
    'type cannot change once the pool is made',
  ],
  [
    'the parameters of a pool',
    manifest('StoragePool', 'fast', { provider: 'longhorn', parameters: { diskSelector: 'ssd' } }),
    manifest('StoragePool', 'fast', { provider: 'longhorn', parameters: { diskSelector: 'hdd' } }),
    'parameters cannot change once the pool is made',
  ],
  ['the app of a reservation', reservation([]), reservation([], 'u2'), 'app cannot change'],
  [
    'the type of an operation',
    manifest('AppOperation', 'op', { type: 'Restart', app: 'es' }),
    manifest('AppOperation', 'op', { type: 'Park', app: 'es' }),
    'type cannot change',
  ],
  [
    'what a backup is of',
    manifest('AppBackup', 'monday', { app: 'es' }),
    manifest('AppBackup', 'monday', { app: 'pg' }),
    'a backup cannot change',
  ],
];
