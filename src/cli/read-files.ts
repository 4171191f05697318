import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { isRecord } from '../kube/kube-object.ts';
import { UsageError } from './usage-error.ts';

/** One object of a file, and where it stands, for messages. */
export interface FileObject {
  readonly object: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/**
 * The objects of a file of YAML or JSON, one or several documents, Lists taken apart; `-` is standard input.
 * @throws UsageError that names file, document and line.
 */
export function readObjects(path: string): readonly FileObject[] {
  const documents = parseDocuments(path, textOf(path));
  return documents.flatMap(({ value, where }) => {
    if (value === null || value === undefined) return [];
    return itemsOf(value, where).map((item) => checked(item.value, item.where));
  });
}

interface Place {
  readonly value: unknown;
  readonly where: string;
}

function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be read: ${said}`, { cause: error });
  }
}

/** Dumps are large, and JSON is read much faster as what it is. */
function parseDocuments(path: string, text: string): readonly Place[] {
  if (text.trimStart().startsWith('{')) {
    try {
      return [{ value: JSON.parse(text), where: path }];
    } catch {
      // Several documents, or YAML in braces.
    }
  }
  const documents = parseAllDocuments(text, { uniqueKeys: false });
  const list = Array.isArray(documents) ? documents : [];
  return list.map((document, at) => {
    const where = list.length === 1 ? path : `${path}, document ${at + 1}`;
    const [error] = document.errors;
    if (error !== undefined) throw new UsageError(`${where} is no YAML: ${error.message.split('\n')[0] ?? ''}`);
    return { value: document.toJS({ maxAliasCount: 1000 }), where };
  });
}

function itemsOf(value: unknown, where: string): readonly Place[] {
  if (!isRecord(value) || !String(value['kind']).endsWith('List') || !Array.isArray(value['items']))
    return [{ value, where }];
  return value['items'].flatMap((item: unknown, at) => itemsOf(item, `${where}, item ${at + 1}`));
}

function checked(value: unknown, where: string): FileObject {
  if (!isRecord(value) || typeof value['kind'] !== 'string' || !isRecord(value['metadata'])) {
    throw new UsageError(`${where} is no Kubernetes object: it needs apiVersion, kind and metadata.name`);
  }
  if (typeof value['metadata']['name'] !== 'string') {
    throw new UsageError(`${where}: ${value['kind']} without metadata.name: give it a name`);
  }
  return { object: value, where };
}
