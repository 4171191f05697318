import type { Framework, FrameworkSpec } from './framework.ts';
import type { PersistentApp, PersistentAppSpec } from './persistent-app.ts';

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

const APP: readonly Missing<PersistentAppSpec>[] = [
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
};
