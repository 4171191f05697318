import { ACCESS_MODES } from '../../api/volume-claim.ts';
import type { KubeObject } from '../app/plan.ts';
import { readField, readList, readNumber, readString } from '../app/read-field.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { formatBytes } from '../resources/quantity.ts';
import { claimsOf } from './app-manifest.ts';

/** Longest name of an app: a StatefulSet adds eleven characters for its revision label. */
const LONGEST_NAME = 52;

/** What no PersistentApp can say of this StatefulSet: one sentence each. Beside `adoptionProblems`, which judge an app that was written. */
export function unadoptable(statefulSet: KubeObject, claims: readonly ClaimFacts[]): readonly string[] {
  const { name } = statefulSet.metadata;
  const replicas = readNumber(statefulSet, 'spec', 'replicas') ?? 1;
  return [
    ...(name.length <= LONGEST_NAME
      ? []
      : [`its name has ${name.length} characters, and the name of an app may have ${LONGEST_NAME}`]),
    ...(replicas > 0
      ? []
      : ['it has no replicas, so nothing runs that could be adopted: make an app, and its pods, anew']),
    ...readList(statefulSet, 'spec', 'volumeClaimTemplates').flatMap((template) =>
      volumeUnadoptable(template, claimsOf(readString(template, 'metadata', 'name'), statefulSet, claims)),
    ),
  ];
}

const UNKNOWN_FIELDS = ['selector', 'dataSource', 'dataSourceRef', 'volumeName'];

function volumeUnadoptable(template: unknown, claims: readonly ClaimFacts[]): readonly string[] {
  const volume = `volume ${readString(template, 'metadata', 'name')}`;
  const modes = readList(template, 'spec', 'accessModes');
  const isKnown = modes.length === 1 && ACCESS_MODES.some((mode) => mode === modes[0]);
  const fields = UNKNOWN_FIELDS.filter((field) => readField(template, 'spec', field) !== undefined);
  const className = readField(template, 'spec', 'storageClassName') ?? claims[0]?.storageClassName;
  return [
    ...(readString(template, 'spec', 'volumeMode') === 'Block'
      ? [`${volume} is a block device, and apps have file systems`]
      : []),
    ...(isKnown
      ? []
      : [`${volume} has access modes ${modes.join(', ')}, and apps have one of ${ACCESS_MODES.join(', ')}`]),
    ...fields.map((field) => `${volume} has a ${field}, and volumes of apps have none`),
    ...(typeof className === 'string' && className !== ''
      ? []
      : [`${volume} has no StorageClass, and volumes of apps have one`]),
    ...sizeProblems(volume, claims),
  ];
}

function sizeProblems(volume: string, claims: readonly ClaimFacts[]): readonly string[] {
  const sorted = claims.toSorted((a, b) => a.bytes - b.bytes);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined || least.bytes === most.bytes) return [];
  return [
    `${volume} has claims of different sizes: ${least.name} ${formatBytes(least.bytes)}, ${most.name} ${formatBytes(most.bytes)}; ` +
      `raise the smaller ones first: kubectl patch pvc ${least.name} -n ${least.namespace} -p '{"spec":{"resources":{"requests":{"storage":"${formatBytes(most.bytes)}"}}}}'`,
  ];
}
