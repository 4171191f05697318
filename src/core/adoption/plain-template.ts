import { GROUP } from '../../api/group.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the API server fills in where nothing was said, wherever in a pod template the field is. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  protocol: 'TCP',
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  scheme: 'HTTP',
  defaultMode: 420,
  dnsPolicy: 'ClusterFirst',
};

/** The same, of the pod itself: a container or a probe means something else by the same word. */
const POD_DEFAULTS: Readonly<Record<string, unknown>> = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
};

/** Maps whose keys are the user's: nothing in them is a default. */
const FREE = new Set([
  'labels',
  'annotations',
  'nodeSelector',
  'matchLabels',
  'limits',
  'requests',
  'volumeAttributes',
]);

/** Fields that say nothing when they are empty. */
const EMPTY = new Set(['resources', 'securityContext']);

/**
 * A pod template (of a StatefulSet, or of an app) without what the API server fills in, and without the scheduler: what the user wrote, as
 * far as that can be told. Two templates that make the same containers are equal then.
 */
export function plainTemplate(template: unknown): { readonly metadata?: Json; readonly spec: Json } {
  const { metadata, spec } = mapOf(template);
  const marks = plain({
    labels: withoutOurs(mapOf(metadata)['labels']),
    annotations: withoutOurs(mapOf(metadata)['annotations']),
  });
  const { schedulerName: _scheduler, serviceAccount, ...rest } = mapOf(spec);
  const pod = keep(rest, (key, value) => POD_DEFAULTS[key] !== value);
  // The old name of serviceAccountName, which the API server always fills in beside it.
  const old = serviceAccount === undefined || pod['serviceAccountName'] === serviceAccount ? {} : { serviceAccount };
  return {
    ...(Object.keys(marks).length === 0 ? {} : { metadata: marks }),
    spec: plain({ ...pod, ...old }),
  };
}

/** A StatefulSet that was released has marks of ours still; each app puts its own there. */
function withoutOurs(marks: unknown): Json {
  return keep(mapOf(marks), (key) => !key.startsWith(`${GROUP}/`));
}

function plain(map: Json): Json {
  const kept = keep(map, (key, value) => !isDefault(key, value, map));
  return Object.fromEntries(
    Object.entries(kept).map(([key, value]) => [key, FREE.has(key) ? value : plainValue(value)]),
  );
}

function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  return isMap(value) ? plain(value) : value;
}

function isDefault(key: string, value: unknown, { image, fieldPath }: Json): boolean {
  if (value === null || value === undefined || DEFAULTS[key] === value) return true;
  if (EMPTY.has(key) || FREE.has(key)) return isMap(value) && Object.keys(value).length === 0;
  if (key === 'imagePullPolicy') return value === pullPolicyOf(image);
  if (key === 'apiVersion') return value === 'v1' && fieldPath !== undefined;
  // Of hostPath and grpc.
  return (key === 'type' || key === 'service') && value === '';
}

/** https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting */
function pullPolicyOf(image: unknown): string {
  const text = typeof image === 'string' ? image : '';
  const tag = /:([^/:@]+)$/.exec(text)?.[1];
  return !text.includes('@') && (tag === undefined || tag === 'latest') ? 'Always' : 'IfNotPresent';
}

function keep(map: Json, isKept: (key: string, value: unknown) => boolean): Json {
  return Object.fromEntries(Object.entries(map).filter(([key, value]) => isKept(key, value)));
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapOf(value: unknown): Json {
  return isMap(value) ? value : {};
}
