import { API_VERSION } from '../../api/group.ts';
import { ANNOTATION_ADOPT } from '../../api/labels.ts';
import { claimName } from '../app/claim-name.ts';
import type { KubeObject } from '../app/plan.ts';
import { readField, readList, readNumber, readString } from '../app/read-field.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { parseBytes, formatBytes } from '../resources/quantity.ts';
import { plainTemplate } from './plain-template.ts';

/** What an app is written from. */
export interface AppParts {
  readonly statefulSet: KubeObject;
  /** The claims of its pods. */
  readonly claims: readonly ClaimFacts[];
  /** There is a Service of the StatefulSet's name. */
  readonly hasService: boolean;
  /** A disruption budget selects its pods already. */
  readonly hasBudget: boolean;
  readonly framework: string | undefined;
}

/** The PersistentApp that says what the StatefulSet says, and by its UID that it is to be made of it. */
export function appManifest(parts: AppParts): KubeObject {
  const { statefulSet, framework, hasBudget } = parts;
  const { name, namespace = '', uid = '' } = statefulSet.metadata;
  const service = serviceOf(parts);
  const volumes = readList(statefulSet, 'spec', 'volumeClaimTemplates');
  const update = updateOf(statefulSet);
  return {
    apiVersion: API_VERSION,
    kind: 'PersistentApp',
    metadata: { name, namespace, annotations: { [ANNOTATION_ADOPT]: uid } },
    spec: {
      ...(framework === undefined ? {} : { framework }),
      replicas: readNumber(statefulSet, 'spec', 'replicas') ?? 1,
      ...(service === undefined ? {} : { serviceName: service }),
      template: plainTemplate(readField(statefulSet, 'spec', 'template')),
      ...(volumes.length === 0 ? {} : { volumeClaims: volumes.map((volume) => volumeOf(volume, parts)) }),
      ...(Object.keys(update).length === 0 ? {} : { update }),
      // Of two budgets for one pod, the API server takes neither: nobody could drain the node.
      ...(hasBudget ? { availability: { podDisruptionBudget: 'None' } } : {}),
    },
  };
}

/** Undefined: the app's own, as the StatefulSet has none. */
function serviceOf({ statefulSet, hasService }: AppParts): string | undefined {
  const named = readString(statefulSet, 'spec', 'serviceName');
  if (named !== '') return named;
  return hasService ? statefulSet.metadata.name : undefined;
}

function updateOf(statefulSet: KubeObject): object {
  const minReadySeconds = readNumber(statefulSet, 'spec', 'minReadySeconds') ?? 0;
  return {
    ...(readString(statefulSet, 'spec', 'updateStrategy', 'type') === 'OnDelete' ? { type: 'OnDelete' } : {}),
    ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
  };
}

function volumeOf(template: unknown, { statefulSet, claims }: AppParts): object {
  const name = readString(template, 'metadata', 'name');
  const own = claimsOf(name, statefulSet, claims);
  const attributes = readString(template, 'spec', 'volumeAttributesClassName');
  const [mode] = readList(template, 'spec', 'accessModes');
  return {
    name,
    mountPath: mountPathOf(name, statefulSet),
    size: sizeOf(template, own),
    storageClassName: readString(template, 'spec', 'storageClassName') || (own[0]?.storageClassName ?? ''),
    ...(typeof mode === 'string' ? { accessMode: mode } : {}),
    ...(attributes === '' ? {} : { volumeAttributesClassName: attributes }),
  };
}

/** The claims that the StatefulSet's pods have of a volume. */
export function claimsOf(
  volume: string,
  statefulSet: KubeObject,
  claims: readonly ClaimFacts[],
): readonly ClaimFacts[] {
  const replicas = readNumber(statefulSet, 'spec', 'replicas') ?? 1;
  const names = new Set(
    Array.from({ length: replicas }, (_, ordinal) => claimName(volume, statefulSet.metadata.name, ordinal)),
  );
  return claims.filter(({ name }) => names.has(name));
}

/** The largest that there is: no volume can shrink, and a new member is to hold as much. */
function sizeOf(template: unknown, claims: readonly ClaimFacts[]): string {
  const text = readString(template, 'spec', 'resources', 'requests', 'storage') || '0';
  const largest = Math.max(0, ...claims.map(({ bytes }) => bytes));
  return largest > parseBytes(text) ? formatBytes(largest) : text;
}

function mountPathOf(volume: string, statefulSet: KubeObject): string {
  const mounts = containersOf(statefulSet).flatMap((container) => readList(container, 'volumeMounts'));
  return (
    readString(
      mounts.find((mount) => readString(mount, 'name') === volume),
      'mountPath',
    ) || `/${volume}`
  );
}

/** All containers of the template, those that run first included. */
export function containersOf(statefulSet: KubeObject): readonly unknown[] {
  return ['containers', 'initContainers'].flatMap((list) => readList(statefulSet, 'spec', 'template', 'spec', list));
}
