import { z } from 'zod';
import type { Rule } from './rules.ts';

/** A structural schema, as `openAPIV3Schema` of a CRD takes it. */
export interface StructuralSchema {
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly anyOf?: readonly { readonly type: string }[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly Rule[];
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords that are copied as they are; the others are handled one by one or refused. */
const COPIED = [
  'description',
  'type',
  'format',
  'enum',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
];
const HANDLED = [
  'properties',
  'items',
  'additionalProperties',
  'anyOf',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
];

/** A schema that no CRD can express. `path` says where, as a user would write the field. */
export class NotStructuralError extends Error {
  override readonly name = 'NotStructuralError';
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path === '' ? 'the schema' : path} ${problem}`);
    this.path = path;
  }
}

/**
 * The structural schema of a zod schema: what zod adds for its own ends is removed, open objects keep unknown fields, and what
 * cannot be expressed is refused with its path, as is a list or string without a bound (the API server computes CEL budgets
 * from bounds) and a field without a description (the reference page is made of them). Throws NotStructuralError.
 */
export function structural(schema: z.ZodType, path = ''): StructuralSchema {
  return convert(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }), path);
}

function convert(json: JsonSchema, path: string): StructuralSchema {
  refuseUnknownKeywords(json, path);
  if (json['x-kubernetes-int-or-string'] === true) return intOrString(json);
  if (json['x-kubernetes-preserve-unknown-fields'] === true) return anything(json);
  if (json['anyOf'] !== undefined)
    throw new NotStructuralError(path, 'is a union: use one type, or meta x-kubernetes-int-or-string');
  if (json['type'] === undefined) throw new NotStructuralError(path, 'has no type: give it one');
  refuseUnbounded(json, path);
  return { ...withoutSafeIntegerBounds(copied(json)), ...children(json, path) };
}

function refuseUnknownKeywords(json: JsonSchema, path: string): void {
  const unknown = Object.keys(json).filter((key) => !COPIED.includes(key) && !HANDLED.includes(key));
  if (unknown.length > 0) throw new NotStructuralError(path, `uses ${unknown.join(', ')}, which a CRD does not allow`);
}

function copied(json: JsonSchema): StructuralSchema {
  return Object.fromEntries(COPIED.filter((key) => json[key] !== undefined).map((key) => [key, json[key]]));
}

/** The types inside anyOf are the one form of union that Kubernetes allows. */
function intOrString(json: JsonSchema): StructuralSchema {
  return { ...copied(json), anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true };
}

/** Any value at all: the one case in which Kubernetes wants no type. */
function anything(json: JsonSchema): StructuralSchema {
  const { type: _type, ...rest } = copied(json);
  return { ...rest, 'x-kubernetes-preserve-unknown-fields': true };
}

/** zod bounds every integer by ±2^53; a CRD says that by the format, and the bounds would be noise. */
function withoutSafeIntegerBounds(schema: StructuralSchema): StructuralSchema {
  if (schema.type !== 'integer') return schema;
  const { minimum, maximum, ...rest } = schema;
  return {
    ...rest,
    format: 'int64',
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
}

function refuseUnbounded(json: JsonSchema, path: string): void {
  if (json['type'] === 'string' && json['maxLength'] === undefined && json['enum'] === undefined)
    throw new NotStructuralError(path, 'is a string without maxLength: give it a bound');
  if (json['type'] === 'array' && json['maxItems'] === undefined)
    throw new NotStructuralError(path, 'is a list without maxItems: give it a bound');
}

function children(json: JsonSchema, path: string): StructuralSchema {
  if (json['type'] === 'array') return { items: convert(json['items'] as JsonSchema, `${path}[]`) };
  if (json['type'] !== 'object') return {};
  const { properties } = json as { properties?: Readonly<Record<string, JsonSchema>> };
  const open = openness(json, path);
  if (properties === undefined) return open;
  const inner = fields(properties, path);
  return { properties: isOpen(open) ? nullableFields(inner, json) : inner, ...open };
}

function fields(properties: Readonly<Record<string, JsonSchema>>, path: string): Record<string, StructuralSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => {
      const inner = path === '' ? name : `${path}.${name}`;
      if (field['description'] === undefined)
        throw new NotStructuralError(inner, 'has no description: add .describe()');
      return [name, convert(field, inner)];
    }),
  );
}

function isOpen(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

/** In closed objects the API server takes a null for an absent field by itself; in open ones it refuses it, unlike in its own kinds. */
function nullableFields(
  inner: Readonly<Record<string, StructuralSchema>>,
  json: JsonSchema,
): Record<string, StructuralSchema> {
  const required = new Set((json as { required?: readonly string[] }).required);
  return Object.fromEntries(
    Object.entries(inner).map(([name, field]) => [name, required.has(name) ? field : { ...field, nullable: true }]),
  );
}

/** Maps keep their value schema; open objects (zod's looseObject) keep fields that are not listed. */
function openness(json: JsonSchema, path: string): StructuralSchema {
  const rest = json['additionalProperties'];
  if (rest === undefined || rest === false) return {};
  if (json['properties'] === undefined) return { additionalProperties: convert(rest as JsonSchema, `${path}.*`) };
  if (Object.keys(rest as JsonSchema).length > 0)
    throw new NotStructuralError(path, 'has both fields and a map of others: a CRD allows one of them');
  return { 'x-kubernetes-preserve-unknown-fields': true };
}
