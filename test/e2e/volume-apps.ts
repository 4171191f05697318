// Apps whose volumes grow, fill up and fail, for volumes.test.ts.

/** Says of the array what a completed detach proves. */
export const POOL = {
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'StoragePool',
  metadata: { name: 'array' },
  spec: { storageClassName: 'array', fencing: 'AttachExclusive' },
};

/** The three mounts of `asked`, each a volume of this size. */
export const ASKED_MOUNTS = ['data', 'log', 'index'] as const;

export function askedVolumes(size: string): readonly object[] {
  return ASKED_MOUNTS.map((name) => ({ name, mountPath: `/${name}`, size, storageClassName: 'array' }));
}

/** Three members that do nothing with three volumes each. */
export const ASKED = app(
  'asked',
  { replicas: 3, volumeClaims: askedVolumes('320Mi') },
  { command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1; done'] },
);

/** One that writes until nothing more can be written, says that it is not ready, and goes on when there is room again. */
export const FULL = app(
  'full',
  {
    replicas: 1,
    volumeClaims: [
      {
        name: 'data',
        mountPath: '/data',
        size: '320Mi',
        storageClassName: 'array',
        autoGrow: { enabled: true, maxSize: '1Gi', incrementPercent: 25 },
      },
    ],
  },
  {
    command: ['sh', '-c', 'dd if=/dev/zero of=/data/fill bs=1M; trap exit TERM; while :; do sleep 1; done'],
    readinessProbe: {
      exec: {
        command: [
          'sh',
          '-c',
          'dd if=/dev/zero of=/data/try bs=64k count=1 2>/dev/null; done=$?; rm -f /data/try; exit $done',
        ],
      },
      periodSeconds: 1,
    },
  },
);

/** Goes on where the file ends, and ends at the first error of the disk, whose text becomes the termination message. */
const APPENDS = [
  'n=0; [ -s /data/log ] && n=$(tail -n1 /data/log)',
  'while :; do n=$((n+1)); { echo $n >> /data/log && sync /data/log; } || exit 1; sleep 0.5; done',
].join('\n');

/** Three members that write numbers, and get new volumes for lost ones. */
export const LOG = app(
  'log',
  {
    replicas: 3,
    volumeClaims: [{ name: 'data', mountPath: '/data', size: '320Mi', pool: 'array' }],
    recovery: { volumeFailure: { policy: 'Rebuild', rebuildAfterSeconds: 5 } },
    update: { minReadySeconds: 1 },
  },
  { command: ['sh', '-c', APPENDS], terminationMessagePolicy: 'FallbackToLogsOnError' },
);

/** A pod that says what `log` wrote on the volume of this claim. */
export function reader(claimName: string): object {
  const container = {
    name: 'reader',
    image: 'localhost/busybox:1',
    imagePullPolicy: 'Never',
    command: ['cat', '/data/log'],
    volumeMounts: [{ name: 'old', mountPath: '/data' }],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'reader', namespace: 'default' },
    spec: {
      restartPolicy: 'OnFailure',
      containers: [container],
      volumes: [{ name: 'old', persistentVolumeClaim: { claimName } }],
    },
  };
}

function app(name: string, spec: object, container: object): object {
  const main = {
    name: 'main',
    image: 'localhost/busybox:1',
    imagePullPolicy: 'Never',
    resources: { requests: { cpu: '20m', memory: '16Mi' } },
    ...container,
  };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace: 'default' },
    spec: { ...spec, template: { spec: { terminationGracePeriodSeconds: 0, containers: [main] } } },
  };
}
