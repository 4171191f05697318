import { describe, expect, test } from '@jest/globals';
import { PersistentAppStatus } from '../api/persistent-app.ts';
import { withRefusal } from './refused-write.ts';

const condition = (type: string, status: 'True' | 'False', lastTransitionTime = '2026-01-01T00:00:00Z') => ({
  type,
  status,
  reason: 'R',
  message: '',
  observedGeneration: 3,
  lastTransitionTime,
});
const planned = PersistentAppStatus.parse({
  observedGeneration: 3,
  conditions: [condition('Stalled', 'False'), condition('Ready', 'True')],
});
const refusal = { reason: 'WriteRefused', message: 'the API server refused: spec is invalid' } as const;
const NOW = 1_767_323_045;

describe('a refused write', () => {
  test('makes the app stalled, from now', () => {
    const status = withRefusal(planned, undefined, refusal, NOW);
    expect(status.conditions).toEqual([
      {
        type: 'Stalled',
        status: 'True',
        observedGeneration: 3,
        lastTransitionTime: '2026-01-02T03:04:05Z',
        reason: 'WriteRefused',
        message: refusal.message,
      },
      condition('Ready', 'True'),
    ]);
    expect(status.summary).toMatchObject({ status: 'Stalled', reason: 'WriteRefused' });
  });

  test('keeps its time while it lasts, so that nothing is written again', () => {
    const first = withRefusal(planned, undefined, refusal, NOW);
    expect(withRefusal(planned, first, refusal, NOW + 60)).toEqual(first);
  });

  test('cuts what is too long for a message', () => {
    const status = withRefusal(planned, undefined, { ...refusal, message: 'x'.repeat(9000) }, NOW);
    expect(status.conditions[0]?.message).toHaveLength(1024);
  });
});
