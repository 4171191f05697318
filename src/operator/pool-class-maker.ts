import type { StoragePool } from '../api/storage-pool.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { differs } from '../core/app/differs.ts';
import { classDrift } from '../core/pools/class-drift.ts';
import { KubeError, classify, fieldConflicts } from '../kube/errors.ts';
import { typeOf } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import { isClassOf } from './build-storage-class.ts';

/** What is wrong with a class that a pool wants; `usable`: volumes can be made with it all the same. */
export interface ClassProblem {
  readonly reason: 'ForeignObject' | 'ClassCannotChange' | 'ClassEdited' | 'WriteRefused';
  readonly message: string;
  readonly usable: boolean;
}

/** Which fields of a class are ours to say: those that nobody can change, and those that we would. */
export interface ClassFieldNames {
  readonly fixed: readonly string[];
  readonly loose: readonly string[];
}

/**
 * Makes a class of a pool what it should be, if nothing stands against it. Nothing is ever deleted, and no field is taken from somebody who
 * set it: both are told.
 */
export async function makeClass(
  writer: Pick<Writer, 'get' | 'apply'>,
  pool: StoragePool,
  desired: KubeObject,
  fields: ClassFieldNames,
): Promise<ClassProblem | undefined> {
  const { apiVersion, kind, metadata } = desired;
  const live = (await writer.get(typeOf(apiVersion, kind), undefined, metadata.name)) as KubeObject | undefined;
  if (live === undefined) return applyClass(writer, desired, undefined, fields);
  if (!isClassOf(pool, live)) return foreign(desired);
  const changed = classDrift(desired, live, fields.fixed);
  if (changed.length > 0) return cannotChange(desired, changed);
  const isSame = !differs(desired, live) && classDrift(desired, live, fields.loose).length === 0;
  return isSame ? undefined : applyClass(writer, desired, live, fields);
}

async function applyClass(
  writer: Pick<Writer, 'apply'>,
  desired: KubeObject,
  live: KubeObject | undefined,
  { loose }: ClassFieldNames,
): Promise<ClassProblem | undefined> {
  const uid = live?.metadata.uid;
  const object = uid === undefined ? desired : { ...desired, metadata: { ...desired.metadata, uid } };
  try {
    const answer = (await writer.apply(object, { force: false })) as KubeObject;
    // What is left was added beside our fields by somebody else.
    const left = classDrift(desired, answer, loose);
    return left.length === 0 ? undefined : edited(desired, left, '');
  } catch (error) {
    return problemOf(error, desired, live === undefined ? undefined : classDrift(desired, live, loose));
  }
}

/** Throws what is worth another try. `drift` is undefined when there is no such class yet. */
function problemOf(error: unknown, desired: KubeObject, drift: readonly string[] | undefined): ClassProblem {
  if (!(error instanceof KubeError) || classify(error) !== 'terminal') throw error;
  const conflicts = fieldConflicts(error);
  if (conflicts.length > 0) {
    const told =
      drift !== undefined && drift.length > 0
        ? drift
        : conflicts.map(({ field }) => `${field} is not what the pool says`);
    return edited(desired, told, conflicts[0]?.message ?? '');
  }
  const message = `${nameOf(desired)} is refused by the API server: ${error.message}`;
  return { reason: 'WriteRefused', message, usable: drift !== undefined };
}

function edited(desired: KubeObject, drift: readonly string[], who: string): ClassProblem {
  const by = who === '' ? '' : ` (${who})`;
  const message = `${nameOf(desired)} was changed by somebody else${by}: ${drift.join('; ')}; it stays as it is: set it back, or make the pool say the same`;
  return { reason: 'ClassEdited', message, usable: true };
}

function cannotChange(desired: KubeObject, changed: readonly string[]): ClassProblem {
  const message = `${nameOf(desired)} is another one than the pool describes: ${changed.join('; ')}; Kubernetes lets nobody change that, and the class stays as it is: set the pool back, or make a new pool`;
  return { reason: 'ClassCannotChange', message, usable: true };
}

function foreign(desired: KubeObject): ClassProblem {
  const field = desired.kind === 'StorageClass' ? 'spec.storageClassName' : 'spec.snapshots.snapshotClassName';
  const message = `${nameOf(desired)} exists and was not made for this pool: name it in ${field}, or make the pool under another name`;
  return { reason: 'ForeignObject', message, usable: false };
}

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} "${metadata.name}"`;
}
