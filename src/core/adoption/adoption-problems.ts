import type { PersistentApp } from '../../api/persistent-app.ts';
import { claimName, ordinalOfClaim } from '../app/claim-name.ts';
import type { AppFacts } from '../app/facts.ts';
import { memberName } from '../app/member-name.ts';
import type { KubeObject } from '../app/plan.ts';
import { isOutdated } from '../app/readiness.ts';
import { readField, readList, readNumber, readString } from '../app/read-field.ts';
import { type WantedVolume, wantedVolumes } from '../app/wanted-volume.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { formatBytes } from '../resources/quantity.ts';
import { firstDifference } from './first-difference.ts';
import { plainTemplate } from './plain-template.ts';

/** What an adoption is judged by. */
export type AdoptionFacts = Pick<AppFacts, 'app' | 'claims' | 'pods' | 'pools' | 'storageClasses'>;

/**
 * Why this app cannot be made of this StatefulSet without changing what runs: one sentence each, with what to do. None: it can. The same
 * for the command that is asked to do it and for the operator that does it.
 */
export function adoptionProblems(facts: AdoptionFacts, statefulSet: KubeObject): readonly string[] {
  const { app } = facts;
  return [
    ...ownerProblems(statefulSet),
    ...countProblems(app, statefulSet),
    ...ruleProblems(app, statefulSet),
    ...templateProblems(app, statefulSet),
    ...volumeListProblems(app, statefulSet),
    ...wantedVolumes(facts).flatMap((volume) => volumeProblems(volume, facts)),
  ];
}

function ownerProblems({ metadata }: KubeObject): readonly string[] {
  const owners = readList({ metadata }, 'metadata', 'ownerReferences');
  if (owners.length === 0) return [];
  const names = owners.map((owner) => `${readString(owner, 'kind')} ${readString(owner, 'name')}`).join(', ');
  return [`it belongs to ${names}, which would make it again: take it out of the hands of that one first`];
}

function countProblems({ spec }: PersistentApp, statefulSet: KubeObject): readonly string[] {
  const replicas = readNumber(statefulSet, 'spec', 'replicas') ?? 1;
  const start = readNumber(statefulSet, 'spec', 'ordinals', 'start') ?? 0;
  return [
    ...(replicas === spec.replicas
      ? []
      : [`it has ${replicas} replicas and the app ${spec.replicas}: adopt it with as many, and scale afterwards`]),
    ...(start === 0 ? [] : [`its ordinals start at ${start}, and members count from 0`]),
    ...(spec.suspend ? ['spec.suspend is set, which would stop what is to be adopted running'] : []),
  ];
}

/** What would take data or names away from what runs. */
function ruleProblems({ metadata, spec }: PersistentApp, statefulSet: KubeObject): readonly string[] {
  const { namespace, name } = metadata;
  const policy = ['whenDeleted', 'whenScaled'].filter(
    (when) => readString(statefulSet, 'spec', 'persistentVolumeClaimRetentionPolicy', when) === 'Delete',
  );
  const service = readString(statefulSet, 'spec', 'serviceName');
  const wanted = spec.serviceName ?? name;
  return [
    ...(policy.length === 0
      ? []
      : [
          `its persistentVolumeClaimRetentionPolicy deletes claims (${policy.join(', ')}): set it to Retain first, kubectl patch statefulset ${name} -n ${namespace} -p '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"}}}'`,
        ]),
    ...(service === '' || service === wanted
      ? []
      : [`its pods are named by Service ${service} and the app's by ${wanted}: set spec.serviceName to ${service}`]),
  ];
}

function templateProblems({ spec }: PersistentApp, statefulSet: KubeObject): readonly string[] {
  const template = readField(statefulSet, 'spec', 'template');
  const found = firstDifference(plainTemplate(template), plainTemplate(spec.template));
  if (found === undefined) return [];
  const { path, left, right } = found;
  return [
    `its pods would have to restart: template.${path} is ${left} in the StatefulSet and ${right} in the app; adopt it as it is, and change it afterwards`,
  ];
}

function volumeListProblems({ spec }: PersistentApp, statefulSet: KubeObject): readonly string[] {
  const live = readList(statefulSet, 'spec', 'volumeClaimTemplates').map((item) =>
    readString(item, 'metadata', 'name'),
  );
  const wanted = spec.volumeClaims.map(({ name }) => name);
  const missing = live.filter((name) => !wanted.includes(name));
  const extra = wanted.filter((name) => !live.includes(name));
  return [
    ...missing.map((name) => `it has volume ${name}, and spec.volumeClaims of the app does not name it`),
    ...extra.map((name) => `the app has volume ${name}, and it does not: add it afterwards`),
  ];
}

function volumeProblems(volume: WantedVolume, { app, claims }: AdoptionFacts): readonly string[] {
  const { claim, bytes, storageClassName, problem } = volume;
  if (problem !== undefined) return [problem.message];
  const own = claims.filter(
    ({ name }) => (ordinalOfClaim(claim.name, app.metadata.name, name) ?? Infinity) < app.spec.replicas,
  );
  return own.flatMap((found) => [
    ...claimProblems(found),
    ...(found.bytes <= bytes
      ? []
      : [
          `claim ${found.name} has ${formatBytes(found.bytes)} and the app asks for ${claim.size}: no volume can shrink`,
        ]),
    ...(found.storageClassName === storageClassName
      ? []
      : [
          `claim ${found.name} is of StorageClass ${found.storageClassName || '(none)'} and the app's volume of ${storageClassName}: name the class that it has`,
        ]),
  ]);
}

function claimProblems({ name, deleting, phase }: ClaimFacts): readonly string[] {
  return [
    ...(deleting ? [`claim ${name} is being deleted, and goes when its pod does`] : []),
    ...(phase === 'Lost' ? [`claim ${name} has lost its volume`] : []),
  ];
}

/** What has to come by itself, or be finished by somebody, before pods may be without a StatefulSet for a moment. */
export function notYetAdoptable({ app, pods, claims }: AdoptionFacts, statefulSet: KubeObject): string | undefined {
  const { name } = app.metadata;
  const revision = readString(statefulSet, 'status', 'updateRevision');
  for (let ordinal = 0; ordinal < app.spec.replicas; ordinal += 1) {
    const member = memberName(name, ordinal);
    const pod = pods.find((candidate) => candidate.name === member);
    if (pod === undefined || pod.owner?.uid !== statefulSet.metadata.uid)
      return `waits for pod ${member} of the StatefulSet`;
    if (pod.deleting) return `waits for pod ${member} to be gone and made again`;
    if (pod.nodeName === '') return `waits for pod ${member} to be on a node`;
    // Of one that was released, pods from before differ in scheduling fields alone, and carry the same mark.
    if (isOutdated(pod, statefulSet)) {
      return `waits for pod ${member} to have the StatefulSet's newest template (${revision}): end its update first`;
    }
    const missing = app.spec.volumeClaims
      .map((claim) => claimName(claim.name, name, ordinal))
      .find((claim) => !claims.some((found) => found.name === claim));
    if (missing !== undefined) return `waits for claim ${missing}`;
  }
  return undefined;
}
