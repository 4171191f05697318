// The example with its members held apart, and the same as a plain StatefulSet.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { plainStatefulSet } from '../record-workload.ts';
import type { HigherLimit } from './open-files.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', '..', 'examples', 'opensearch.yaml');

/** There is a node more than members. Two that are lost together would be the majority, and none of the rest would answer. */
const APART = { constraints: [{ key: '@hostname', operator: 'Unique' }] };

interface Example {
  readonly spec: {
    readonly placement: object;
    readonly template: { readonly spec: PodSpec };
    readonly volumeClaims: readonly { readonly name: string; readonly mountPath: string; readonly size: string }[];
  };
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes?: readonly object[];
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts?: readonly object[];
}

/** `recovery` becomes the app's. `limit`: what its pods need to hear of more open files. */
export function openSearchApp(recovery: object, limit: HigherLimit | undefined): object {
  const example = parse(readFileSync(EXAMPLE, 'utf8')) as Example;
  const template = { ...example.spec.template, spec: withLimit(example.spec.template.spec, limit) };
  const placement = { ...example.spec.placement, ...APART };
  return { ...example, spec: { ...example.spec, placement, recovery, template } };
}

/** The example's pods and volumes without Proffer: the same names in the environment, given by hand. */
export function plainOpenSearch(name: string, limit: HigherLimit | undefined): readonly object[] {
  const { spec } = parse(
    readFileSync(EXAMPLE, 'utf8')
      .replaceAll(/\bopensearch-(\d)/g, `${name}-$1`)
      .replaceAll('.opensearch', `.${name}`),
  ) as Example;
  const member = { name: 'PROFFER_MEMBER', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
  const volumeMounts = spec.volumeClaims.map(({ name: volume, mountPath }) => ({ name: volume, mountPath }));
  const pod = withLimit(spec.template.spec, limit);
  const containers = pod.containers.map((container) => ({
    ...container,
    env: [member, ...container.env],
    volumeMounts: [...volumeMounts, ...(container.volumeMounts ?? [])],
  }));
  const claims = spec.volumeClaims.map(({ name: volume, size }) => ({
    metadata: { name: volume },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'data', resources: { requests: { storage: size } } },
  }));
  return plainStatefulSet(name, { ...pod, containers, affinity: apart(name) }, claims);
}

/** The constraint above in Kubernetes' words. */
function apart(name: string): object {
  const others = { labelSelector: { matchLabels: { app: name } }, topologyKey: 'kubernetes.io/hostname' };
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [others] } };
}

function withLimit(spec: PodSpec, limit: HigherLimit | undefined): PodSpec {
  if (limit === undefined) return spec;
  const containers = spec.containers.map((container) => ({
    ...container,
    env: [...container.env, limit.variable],
    volumeMounts: [limit.mount],
  }));
  return { ...spec, containers, volumes: [limit.volume] };
}
