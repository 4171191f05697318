import { PersistentAppStatus } from '../../../api/persistent-app.ts';
import type { PersistentApp } from '../../../api/persistent-app.ts';
import { mergeConditions } from './conditions.ts';

/**
 * Status of an app that we leave alone: what was said last, and why nothing changes. Its `observedGeneration` stays, since what has been
 * changed since then has not been looked at. `message`: what is being done all the same.
 */
export function statusAtRest(
  app: PersistentApp,
  word: 'Paused' | 'Deleting',
  now: number,
  message?: string,
): PersistentAppStatus {
  const before = app.status ?? PersistentAppStatus.parse({});
  const deleting = message === undefined ? DELETING : { ...DELETING, message: `the app is being deleted: ${message}` };
  const conditions = mergeConditions(app, [word === 'Paused' ? PAUSED : deleting], now);
  const order = new Map(before.conditions.map((condition, at) => [condition.type, at]));
  return {
    ...before,
    summary: { ...before.summary, status: word, reason: word },
    conditions: conditions.toSorted((a, b) => (order.get(a.type) ?? Infinity) - (order.get(b.type) ?? Infinity)),
  };
}

const PAUSED = {
  type: 'Suspended',
  status: 'True',
  reason: 'Paused',
  message: 'spec.paused is set: Proffer changes nothing until it is removed; members go on as they are',
} as const;

const DELETING = {
  type: 'Reconciling',
  status: 'True',
  reason: 'Deleting',
  message: 'the app is being deleted: its pods, slots and other objects go with it, its volumes stay',
} as const;
