/** Fields of a class, as the API server has them. */
export type ClassFields = Readonly<Record<string, unknown>>;

/** What Kubernetes lets nobody change in a StorageClass. */
export const FIXED_FIELDS = ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'] as const;
/** What we say beside that. */
export const LOOSE_FIELDS = ['allowVolumeExpansion'] as const;
/** All that we say in a VolumeSnapshotClass; nothing of it is fixed. */
export const SNAPSHOT_FIELDS = ['driver', 'deletionPolicy', 'parameters'] as const;

/** Where the live class is another one than the pool wants, with both values. Maps are compared whole: what is there beside counts too. */
export function classDrift(desired: ClassFields, live: ClassFields, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => fieldDrift(field, desired[field], live[field]));
}

function fieldDrift(path: string, desired: unknown, live: unknown): readonly string[] {
  if (isMap(desired) || isMap(live)) {
    const [wanted, found] = [isMap(desired) ? desired : {}, isMap(live) ? live : {}];
    const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
    return [...names].toSorted().flatMap((name) => fieldDrift(`${path}.${name}`, wanted[name], found[name]));
  }
  // The API server leaves false out of some objects, which says the same.
  return desired === live || (desired === false && live === undefined)
    ? []
    : [`${path} is ${show(live)} and the pool says ${show(desired)}`];
}

function show(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}

function isMap(value: unknown): value is ClassFields {
  return typeof value === 'object' && value !== null;
}
