/** On the StatefulSet: how many members (from ordinal 0) have had a slot together. They are recovered one by one, without their gang. */
export const ANNOTATION_LAUNCHED = 'proffer.dev/launched';

/** On the StatefulSet: since when (RFC 3339) the API server takes pods of the app that it had refused. */
export const ANNOTATION_PODS_TAKEN = 'proffer.dev/pods-taken';

/** On the pod template: hash of all of it but its scheduling fields, whose change alone makes no running member outdated. */
export const ANNOTATION_TEMPLATE = 'proffer.dev/template';
