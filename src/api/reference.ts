import { objectSchema } from './crd.ts';
import { NOT_SUPPORTED_YET } from './feature-support.ts';
import { API_VERSION, GROUP } from './group.ts';
import type { Kind } from './kind.ts';
import type { StructuralSchema } from './structural.ts';

const GENERATED = '<!-- Generated from src/api by npm run generate. Do not edit. -->';

interface Row {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly required: boolean;
}

/** The reference page of a kind, in Markdown: its names, its columns, and every field with type, default and meaning. */
export function referencePage(kind: Kind): string {
  const schema = objectSchema(kind);
  return [
    GENERATED,
    `# ${kind.kind}`,
    schema.description ?? '',
    wholeKindNote(kind),
    names(kind),
    '## What you write',
    table(kind, rowsOf(schema.properties?.['spec'], 'spec')),
    '## What is checked',
    checks(schema),
    '## What Proffer answers',
    table(kind, rowsOf(schema.properties?.['status'], 'status')),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

/** The page that lists the kinds. */
export function referenceIndex(kinds: readonly Kind[]): string {
  const rows = kinds.map((kind) => {
    const names = [kind.plural, ...kind.shortNames].map((name) => `\`${name}\``).join(', ');
    return `| [${kind.kind}](${kind.singular}.md) | ${names} | ${cell(kind.schema.description ?? '')} |`;
  });
  return [
    GENERATED,
    '# Reference',
    `All kinds belong to \`${API_VERSION}\`; \`kubectl get proffer\` lists the objects of all of them.`,
    ['| kind | kubectl | what it is |', '|---|---|---|', ...rows].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function wholeKindNote(kind: Kind): string {
  const whole = NOT_SUPPORTED_YET[kind.kind]?.[kind.kind] !== undefined;
  return whole
    ? '**Not supported yet**: objects of this kind are accepted, and a condition says that nothing is done.'
    : '';
}

function names(kind: Kind): string {
  const columns = kind.printerColumns.map(({ name, wide }) => (wide === true ? `${name} (wide)` : name)).join(', ');
  return [
    `- \`apiVersion: ${API_VERSION}\`, \`kind: ${kind.kind}\`; CRD \`${kind.plural}.${GROUP}\``,
    `- ${kind.scope === 'Namespaced' ? 'in a namespace' : 'for the whole cluster'}; \`kubectl get ${kind.shortNames[0] ?? kind.plural}\` prints: ${columns}`,
    ...(kind.scale === undefined ? [] : ['- has the scale subresource: `kubectl scale` and autoscalers work']),
  ].join('\n');
}

/**
 * A row per field, depth first, in the order of the schema. What is Kubernetes' own is not told again: conditions, and the inside
 * of what a pod template holds.
 */
function rowsOf(schema: StructuralSchema | undefined, path: string): readonly Row[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, field]) => {
    const inner = `${path}.${name}`;
    const row = { path: inner, schema: field, required: schema?.required?.includes(name) === true };
    return inner === 'status.conditions' || schema?.['x-kubernetes-preserve-unknown-fields'] === true
      ? [row]
      : [row, ...rowsOf(field, inner), ...rowsOf(field.items, `${inner}[]`)];
  });
}

function table(kind: Kind, rows: readonly Row[]): string {
  const notYet = NOT_SUPPORTED_YET[kind.kind] ?? {};
  const lines = rows.map(({ path, schema, required }) => {
    const note = notYet[path] === undefined ? '' : ` *${notYet[path]}*`;
    return `| \`${path}\` | ${typeOf(schema)} | ${defaultOf(schema, required)} | ${cell(schema.description ?? '')}${note} |`;
  });
  return ['| field | type | default | meaning |', '|---|---|---|---|', ...lines].join('\n');
}

function typeOf(schema: StructuralSchema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.type === 'array') return listOf(schema);
  if (schema.additionalProperties !== undefined) return `map of ${typeOf(schema.additionalProperties)}`;
  if (schema.format === 'date-time') return 'time';
  if (schema.type === 'integer') return `integer${range(schema)}`;
  return schema.type ?? 'any';
}

function listOf(schema: StructuralSchema): string {
  const item = schema.items === undefined ? 'any' : typeOf(schema.items);
  const keys = schema['x-kubernetes-list-map-keys'];
  return `list of ${item}${keys === undefined ? '' : `, by \`${keys.join('`, `')}\``}`;
}

/** Bounds that only keep a number finite are not worth a reader's time. */
const LARGE = 10_000_000;

function range({ minimum, maximum = LARGE }: StructuralSchema): string {
  if (maximum < LARGE) return ` ${minimum ?? 0}–${maximum}`;
  return minimum === undefined ? '' : ` ≥ ${minimum}`;
}

function defaultOf(schema: StructuralSchema, required: boolean): string {
  if (required) return 'required';
  if (schema.default === undefined || isEmptyDefault(schema.default)) return '';
  return `\`${JSON.stringify(schema.default)}\``;
}

/** Objects that are filled field by field show it there. */
function isEmptyDefault(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

const PATHS_SHOWN = 3;

/** The rules of what a user writes, each once, with the fields that it is about. */
function checks(schema: StructuralSchema): string {
  const paths = new Map<string, string[]>();
  const { description: _, ...root } = schema;
  for (const { path, message } of messagesOf(
    { ...root, properties: { spec: schema.properties?.['spec'] ?? {} } },
    '',
  )) {
    paths.set(message, [...(paths.get(message) ?? []), path]);
  }
  return [...paths].map(([message, fields]) => `- ${fieldNames(fields)}${message}`).join('\n');
}

function fieldNames(paths: readonly string[]): string {
  const named = paths
    .filter((path) => path !== '')
    .slice(0, PATHS_SHOWN)
    .map((path) => `\`${path}\``);
  if (named.length === 0) return '';
  return `${named.join(', ')}${paths.length > PATHS_SHOWN ? ' and others' : ''}: `;
}

function messagesOf(
  schema: StructuralSchema,
  path: string,
): readonly { readonly path: string; readonly message: string }[] {
  const below = (inner: StructuralSchema | undefined, name: string) =>
    inner === undefined ? [] : messagesOf(inner, name);
  return [
    ...(schema['x-kubernetes-validations'] ?? []).map(({ message, fieldPath = '' }) => ({
      path: `${path}${fieldPath}`.replace(/^\./, ''),
      message,
    })),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
      below(field, path === '' ? name : `${path}.${name}`),
    ),
    ...below(schema.items, `${path}[]`),
    ...below(schema.additionalProperties, `${path}.*`),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
