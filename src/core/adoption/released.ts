import { LABEL_APP, LABEL_APP_UID, SCHEDULER_NAME } from '../../api/labels.ts';
import type { KubeObject } from '../app/plan.ts';
import { readList, readString } from '../app/read-field.ts';

const DEFAULT_SCHEDULER = 'default-scheduler';

/** A StatefulSet that an app was made of, or made, and that nobody owns (any more). */
export function isLetGo(statefulSet: KubeObject): boolean {
  const { labels = {}, name } = statefulSet.metadata;
  const isOwned = readList(statefulSet, 'metadata', 'ownerReferences').length > 0;
  return !isOwned && labels[LABEL_APP] === name && labels[LABEL_APP_UID] !== undefined;
}

/** What is left of us in the template of a StatefulSet that was let go and would keep its next pods from starting without us. */
export interface Leftover {
  readonly field: string;
  readonly from: string;
  /** Null: the field is removed. */
  readonly to: string | null;
}

/** `isOurClass`: the PriorityClass of the template is the one that Proffer was installed with. `scheduler`: what members were scheduled by. */
export function leftovers(
  statefulSet: KubeObject,
  { isOurClass, scheduler = SCHEDULER_NAME }: { readonly isOurClass: boolean; readonly scheduler?: string | undefined },
): readonly Leftover[] {
  const spec = (field: string) => readString(statefulSet, 'spec', 'template', 'spec', field);
  return [
    ...(spec('schedulerName') === scheduler
      ? [{ field: 'schedulerName', from: scheduler, to: DEFAULT_SCHEDULER }]
      : []),
    ...(isOurClass ? [{ field: 'priorityClassName', from: spec('priorityClassName'), to: null }] : []),
  ];
}

/** The merge patch that takes them out. No pod restarts for it: the StatefulSet's updateStrategy is OnDelete, and the patch says so again. */
export function releasePatch(found: readonly Leftover[]): Readonly<Record<string, unknown>> {
  const spec = Object.fromEntries(found.map(({ field, to }) => [field, to]));
  return { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null }, template: { spec } } };
}
