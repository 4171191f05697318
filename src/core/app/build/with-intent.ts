import { ANNOTATION_INTENT } from '../../../api/labels.ts';
import { differs } from '../differs.ts';
import { intentHash } from '../intent-hash.ts';
import type { Action, KubeObject } from '../plan.ts';
import { readMap } from '../read-field.ts';

/** The object with a hash of itself in an annotation, by which we know it again without comparing field by field. */
export function withIntent(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [ANNOTATION_INTENT]: intentHash(intentOf(object)) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Claim templates are no intent: a live StatefulSet keeps its own, with the defaults that the API server put there. */
function intentOf(object: KubeObject): object {
  return { ...object, spec: { ...readMap(object, 'spec'), volumeClaimTemplates: undefined } };
}

/**
 * The write that brings a live object to what we want; none when it is so already. The hash finds fields that we no longer want, the
 * comparison finds what others changed.
 */
export function applyIfNeeded(object: KubeObject, live: KubeObject | undefined): readonly Action[] {
  const desired = withIntent(object);
  return live !== undefined && !differs(desired, live) ? [] : [{ kind: 'apply', object: desired }];
}
