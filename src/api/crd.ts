import { GROUP, VERSION } from './group.ts';
import type { Kind, PrinterColumn } from './kind.ts';
import { structural, type StructuralSchema } from './structural.ts';

/** A CustomResourceDefinition, as the API server takes it. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The CRD of a kind. Throws NotStructuralError when its schema cannot be expressed. */
export function crdOf(kind: Kind): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: kind.scope,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: kind.shortNames,
        categories: ['proffer'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: kind.printerColumns.map(printerColumn),
          subresources: { status: {}, ...(kind.scale === undefined ? {} : { scale: kind.scale }) },
          schema: { openAPIV3Schema: objectSchema(kind) },
        },
      ],
    },
  };
}

function printerColumn({ name, type, path, wide }: PrinterColumn) {
  return { name, type, jsonPath: path, ...(wide === true ? { priority: 1 } : {}) };
}

/** The schema of whole objects. The API server owns apiVersion, kind and metadata, and lets a CRD say next to nothing of them. */
export function objectSchema({ schema }: Kind): StructuralSchema {
  const { spec, status } = schema.shape;
  return {
    type: 'object',
    ...(schema.meta() as Pick<StructuralSchema, 'description' | 'x-kubernetes-validations'> | undefined),
    ...(spec.safeParse(undefined).success ? {} : { required: ['spec'] }),
    properties: {
      apiVersion: { type: 'string', description: 'Version of this shape of the object.' },
      kind: { type: 'string', description: 'The kind of the object.' },
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      spec: structural(spec, 'spec'),
      status: structural(status, 'status'),
    },
  };
}
