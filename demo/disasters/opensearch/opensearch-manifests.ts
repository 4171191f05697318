// The example as it is, and the same as a plain StatefulSet.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { plainStatefulSet } from '../record-workload.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', '..', 'examples', 'opensearch.yaml');

interface Example {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
    readonly volumeClaims: readonly { readonly name: string; readonly mountPath: string; readonly size: string }[];
  };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

/** `recovery` becomes the app's. */
export function openSearchApp(recovery: object): object {
  const example = parse(readFileSync(EXAMPLE, 'utf8')) as Example;
  return { ...example, spec: { ...example.spec, recovery } };
}

/** The example's pods and volumes without Proffer: the same names in the environment, given by hand. */
export function plainOpenSearch(name: string): readonly object[] {
  const { spec } = parse(
    readFileSync(EXAMPLE, 'utf8')
      .replaceAll(/\bopensearch-(\d)/g, `${name}-$1`)
      .replaceAll('.opensearch', `.${name}`),
  ) as Example;
  const member = { name: 'PROFFER_MEMBER', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
  const volumeMounts = spec.volumeClaims.map(({ name: volume, mountPath }) => ({ name: volume, mountPath }));
  const containers = spec.template.spec.containers.map((container) => ({
    ...container,
    env: [member, ...container.env],
    volumeMounts,
  }));
  const claims = spec.volumeClaims.map(({ name: volume, size }) => ({
    metadata: { name: volume },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'data', resources: { requests: { storage: size } } },
  }));
  return plainStatefulSet(name, { ...spec.template.spec, containers }, claims);
}
