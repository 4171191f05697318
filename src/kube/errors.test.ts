import { describe, expect, test } from '@jest/globals';
import { KubeError, classify, errorFromStatus, fieldConflicts, isReplaced } from './errors.ts';

const status = (code: number, reason: string, message: string, causes: readonly object[] = []) =>
  errorFromStatus({ kind: 'Status', code, reason, message, details: { causes } }, code);

// Messages as Kubernetes 1.36 sends them.
const REPLACED_ON_PATCH = status(
  422,
  'Invalid',
  'ConfigMap "a" is invalid: metadata.uid: Invalid value: field is immutable',
  [{ reason: 'FieldValueInvalid', message: 'field is immutable', field: 'metadata.uid' }],
);
const REPLACED_ON_DELETE = status(
  409,
  'Conflict',
  'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (0) does not match the UID in record (1).',
);
const GONE_ON_APPLY = status(
  409,
  'Conflict',
  'Operation cannot be fulfilled on configmaps "b": uid mismatch: the provided object specified uid 0, and no existing object was found',
);
const APPLY_CONFLICT = status(
  409,
  'Conflict',
  'Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.x',
  [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.x' }],
);

describe('the class of an error', () => {
  test.each([
    ['a lost compare-and-swap', status(409, 'Conflict', 'the object has been modified'), 'conflict'],
    ['an apply that others own fields of', APPLY_CONFLICT, 'terminal'],
    ['a patch of an object that was replaced', REPLACED_ON_PATCH, 'conflict'],
    ['a deletion of an object that was replaced', REPLACED_ON_DELETE, 'conflict'],
    ['an apply to an object that is gone', GONE_ON_APPLY, 'conflict'],
    [
      'an apply with an unknown field',
      status(500, '', 'failed to create typed patch object (/z; v1, Kind=Pod): .a'),
      'terminal',
    ],
    [
      'an apply with a bad quantity',
      status(500, '', 'failed to convert new object (/z; v1, Kind=Pod) to proper'),
      'terminal',
    ],
    ['a storage failure', status(500, '', 'etcdserver: request timed out'), 'transient'],
    ['a full quota', status(403, 'Forbidden', 'exceeded quota'), 'terminal'],
    ['a network failure', new KubeError({ status: 0, reason: 'Network', message: 'reset' }), 'transient'],
    ['a mistake of ours', new TypeError('x is undefined'), 'transient'],
  ] as const)('%s', (_what, error, expected) => {
    expect(classify(error)).toBe(expected);
  });
});

test('an apply conflict names the fields and who manages them', () => {
  expect(fieldConflicts(APPLY_CONFLICT)).toEqual([
    { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.x' },
  ]);
});

test('an object that was replaced under its name is told from one that merely changed', () => {
  const changed = status(
    409,
    'Conflict',
    'the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (2).',
  );
  expect([REPLACED_ON_PATCH, REPLACED_ON_DELETE, GONE_ON_APPLY, changed, APPLY_CONFLICT].map(isReplaced)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('the seconds to wait come from the header, else from the Status', () => {
  const raw = { code: 429, details: { retryAfterSeconds: 3 } };
  expect([errorFromStatus(raw, 429, 9).retryAfterSeconds, errorFromStatus(raw, 429).retryAfterSeconds]).toEqual([9, 3]);
});

test('something that is no Status at all still makes an error', () => {
  expect(errorFromStatus(null, 500)).toMatchObject({ status: 500, reason: '', message: 'the API server answered 500' });
});
