import { z } from 'zod';
import { AppBackup } from './app-backup.ts';
import { AppOperation } from './app-operation.ts';
import { Framework } from './framework.ts';
import { PersistentApp } from './persistent-app.ts';
import { Reservation } from './reservation.ts';
import { StoragePool } from './storage-pool.ts';

/** An object that is not what its schema says. The message names the object and every bad field by path. */
export class InvalidObjectError extends Error {
  override readonly name = 'InvalidObjectError';
}

function nameOf(raw: unknown): string {
  const found = z.object({ metadata: z.object({ name: z.string(), namespace: z.string().optional() }) }).safeParse(raw);
  if (!found.success) return 'object without a name';
  const { name, namespace } = found.data.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/** Unknown JSON into a typed object: defaults filled, unknown fields dropped (the pod template's kept). Throws InvalidObjectError. */
function parse<Schema extends z.ZodType>(kind: string, schema: Schema, raw: unknown): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${pathOf(issue.path)}: ${issue.message}`).join('; ');
  throw new InvalidObjectError(`${kind} ${nameOf(raw)}: ${problems}`);
}

/** A null means what an absent field means; the API server keeps it inside the pod template. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === null ? [] : [[key, withoutNulls(field)]])),
  );
}

export const parsePersistentApp = (raw: unknown): PersistentApp =>
  parse('PersistentApp', PersistentApp, withoutNulls(raw));
export const parseFramework = (raw: unknown): Framework => parse('Framework', Framework, raw);
export const parseStoragePool = (raw: unknown): StoragePool => parse('StoragePool', StoragePool, raw);
export const parseReservation = (raw: unknown): Reservation => parse('Reservation', Reservation, raw);
export const parseAppOperation = (raw: unknown): AppOperation => parse('AppOperation', AppOperation, raw);
export const parseAppBackup = (raw: unknown): AppBackup => parse('AppBackup', AppBackup, raw);
