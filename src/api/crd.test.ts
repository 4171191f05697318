import { describe, expect, test } from '@jest/globals';
import { crdOf, objectSchema } from './crd.ts';
import { KINDS } from './kind.ts';
import type { StructuralSchema } from './structural.ts';

/** Whether a JSONPath of printer columns or the scale subresource leads to a field of the schema. */
function leadsToField(schema: StructuralSchema, path: string): boolean {
  const names = path
    .replace(/\[\?\(.*\)\]/, '')
    .split('.')
    .slice(1);
  let at: StructuralSchema | undefined = schema;
  for (const name of names) at = at?.properties?.[name] ?? at?.items?.properties?.[name];
  return at !== undefined;
}

function everySchema(schema: StructuralSchema): readonly StructuralSchema[] {
  const inner = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  return [schema, ...inner.flatMap((field) => (field === undefined ? [] : everySchema(field)))];
}

describe.each(KINDS.map((kind) => [kind.kind, kind] as const))('the CRD of %s', (_, kind) => {
  const schema = objectSchema(kind);

  test('is structural, and named after the plural', () => {
    expect(crdOf(kind).metadata.name).toBe(`${kind.plural}.proffer.dev`);
    expect(schema.properties?.['spec']?.type).toBe('object');
    expect(schema.properties?.['status']?.properties?.['conditions']).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    });
  });

  test('has columns and scale paths that lead to fields', () => {
    const paths = [...kind.printerColumns.map(({ path }) => path), ...Object.values(kind.scale ?? {})];
    const wrong = paths.filter((path) => !path.startsWith('.metadata') && !leadsToField(schema, path));
    expect(wrong).toEqual([]);
  });

  test('has a category, short names, and subresources', () => {
    expect(crdOf(kind).spec).toMatchObject({
      names: { categories: ['proffer'], shortNames: kind.shortNames },
      versions: [{ served: true, storage: true, subresources: { status: {} } }],
    });
  });

  test('has rules whose messages are sentences for people', () => {
    const messages = everySchema(schema).flatMap((part) =>
      (part['x-kubernetes-validations'] ?? []).map(({ message }) => message),
    );
    expect(messages.filter((message) => message.length < 20)).toEqual([]);
  });
});

test('no two kinds share a name', () => {
  const names = KINDS.flatMap((kind) => [kind.plural, kind.singular, ...kind.shortNames]);
  expect(new Set(names).size).toBe(names.length);
});

test('only PersistentApp scales', () => {
  expect(KINDS.filter((kind) => kind.scale !== undefined).map(({ kind }) => kind)).toEqual(['PersistentApp']);
});
