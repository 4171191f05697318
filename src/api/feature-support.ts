import type { AppBackup } from './app-backup.ts';
import type { AppOperation } from './app-operation.ts';
import type { Framework, FrameworkSpec } from './framework.ts';
import type { PersistentApp, PersistentAppSpec } from './persistent-app.ts';
import { Recovery } from './recovery.ts';
import type { VolumeClaim } from './volume-claim.ts';

/** A field that is set and has no behaviour in this version. `path` is the field as the user wrote it. */
export interface UnsupportedField {
  readonly path: string;
  readonly message: string;
}

/** A field without behaviour: `path` as in the reference, `used` the paths at which this spec sets it, `instead` what happens now. */
interface Missing<Spec> {
  readonly path: string;
  readonly used: (spec: Spec) => readonly string[];
  readonly instead: string;
  /** The values that are missing, when others work. */
  readonly values?: string;
}

function field<Spec>(path: string, isUsed: (spec: Spec) => boolean, instead: string, values?: string): Missing<Spec> {
  return { path, used: (spec) => (isUsed(spec) ? [path] : []), instead, ...(values === undefined ? {} : { values }) };
}

function volumeField(
  name: string,
  isUsed: (claim: VolumeClaim) => boolean,
  instead: string,
): Missing<PersistentAppSpec> {
  return {
    path: `spec.volumeClaims[].${name}`,
    used: (spec) =>
      spec.volumeClaims.flatMap((claim, index) => (isUsed(claim) ? [`spec.volumeClaims[${index}].${name}`] : [])),
    instead,
  };
}

/** The fields of one object, each of which is missing when it is not what the schema fills in by itself. */
function changed<Spec, Part extends object>(
  path: string,
  partOf: (spec: Spec) => Part,
  defaults: Part,
  instead: string,
): readonly Missing<Spec>[] {
  return (Object.keys(defaults) as (keyof Part & string)[]).map((key) =>
    field(`${path}.${key}`, (spec) => partOf(spec)[key] !== defaults[key], instead),
  );
}

const RECOVERY = Recovery.parse({});
const NO_REBUILD = 'a member waits for its volume';

const APP: readonly Missing<PersistentAppSpec>[] = [
  volumeField(
    'volumeAttributesClassName',
    (claim) => claim.volumeAttributesClassName !== undefined,
    'only new volumes get it, and a change reaches none',
  ),
  {
    ...volumeField(
      'dataSourceRef',
      (claim) => claim.dataSourceRef?.kind === 'AppBackup',
      'name the VolumeSnapshot itself',
    ),
    values: 'kind AppBackup',
  },
  volumeField('autoGrow.enabled', (claim) => claim.autoGrow.enabled, 'volumes keep their size'),
  field(
    'spec.retention.whenScaled',
    (spec) => spec.retention.whenScaled !== 'Retain',
    'volumes are retained',
    'Delete, SnapshotThenDelete',
  ),
  field(
    'spec.retention.whenDeleted',
    (spec) => spec.retention.whenDeleted !== 'Retain',
    'volumes are retained',
    'Delete, SnapshotThenDelete',
  ),
  field('spec.retention.reuse', (spec) => spec.retention.reuse === 'Wipe', 'reuse is refused', 'Wipe'),
  field(
    'spec.update.maxUnavailable',
    (spec) => spec.update.maxUnavailable !== 1,
    'one member is restarted at a time, and the disruption budget lets so many go',
    'more than 1',
  ),
  field(
    'spec.update.canary',
    (spec) => spec.update.canary !== 0,
    'the update goes on to the last member',
    'more than 0',
  ),
  field(
    'spec.update.progressDeadlineSeconds',
    (spec) => spec.update.progressDeadlineSeconds !== 600,
    'an update waits for each member without a deadline',
  ),
  ...changed<PersistentAppSpec, Recovery['localVolumeLoss']>(
    'spec.recovery.localVolumeLoss',
    (spec) => spec.recovery.localVolumeLoss,
    RECOVERY.localVolumeLoss,
    NO_REBUILD,
  ),
  ...changed<PersistentAppSpec, Recovery['volumeFailure']>(
    'spec.recovery.volumeFailure',
    (spec) => spec.recovery.volumeFailure,
    RECOVERY.volumeFailure,
    NO_REBUILD,
  ),
  field('spec.backup', (spec) => spec.backup !== undefined, 'no snapshots are taken'),
];

const FRAMEWORK: readonly Missing<FrameworkSpec>[] = [
  field(
    'spec.scheduler',
    (spec) => spec.scheduler === 'External',
    'Proffer accepts offers by the placement policies',
    'External',
  ),
];

function missing<Spec>(list: readonly Missing<Spec>[], spec: Spec): readonly UnsupportedField[] {
  return list.flatMap(({ used, instead }) =>
    used(spec).map((path) => ({ path, message: `not supported yet: ${path}; for now ${instead}` })),
  );
}

/** Fields of the app that are set to something this version does nothing with, in the order of the schema. */
export function unsupportedFields(app: PersistentApp): readonly UnsupportedField[] {
  return missing(APP, app.spec);
}

/** The same for a Framework. */
export function unsupportedFrameworkFields(framework: Framework): readonly UnsupportedField[] {
  return missing(FRAMEWORK, framework.spec);
}

const WHOLE_KINDS = {
  AppOperation: 'not supported yet: AppOperation; for now nothing is done to the app, and this object can be deleted',
  AppBackup: 'not supported yet: AppBackup; for now no snapshots are taken, and this object can be deleted',
} as const;

/** What to say about an object of a kind that this version does nothing with. */
export function unsupportedKind(object: AppOperation | AppBackup): string {
  return WHOLE_KINDS[object.kind];
}

function notes<Spec>(list: readonly Missing<Spec>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.map(({ path, instead, values }) => [
      path,
      values === undefined
        ? `Not supported yet: for now ${instead}.`
        : `Not supported yet: ${values}; for now ${instead}.`,
    ]),
  );
}

/** What the reference says at a path that has no behaviour yet, by kind. A kind's own name stands for the whole of it. */
export const NOT_SUPPORTED_YET: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PersistentApp: notes(APP),
  Framework: notes(FRAMEWORK),
  AppOperation: { AppOperation: WHOLE_KINDS.AppOperation },
  AppBackup: { AppBackup: WHOLE_KINDS.AppBackup },
};
