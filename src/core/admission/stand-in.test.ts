import { describe, expect, test } from '@jest/globals';
import { app, slot } from '../../../test/support/app-builders.ts';
import { mustWait, type LostMember } from './stand-in.ts';

const PINNED = { claim: 'data-db-0', pool: 'local', storageClassName: 'local', bytes: 1, pinned: true };

function lost(given: Partial<LostMember> = {}): LostMember {
  return { app: app(), slot: slot({ member: 'db-0', state: 'Held' }), launched: 3, lost: 1, ...given };
}

describe('while the operator is away, a member whose node is gone', () => {
  test.each<[string, Partial<LostMember>]>([
    ['has started', {}],
    ['had a pod there', { slot: slot({ member: 'db-2', state: 'Claimed' }) }],
    ['has a volume that can be reached from elsewhere', { slot: slot({ volumes: [{ ...PINNED, pinned: false }] }) }],
    [
      'recovered before',
      { app: app({ status: { lastRecovery: { member: 'db-1', readyAt: '2026-01-02T03:04:05Z' } } }) },
    ],
  ])('may go elsewhere when it %s', (_when, given) => {
    expect(mustWait(lost(given))).toBeUndefined();
  });

  test.each<[string, Partial<LostMember>]>([
    ['its app is being deleted', { app: app({ metadata: { deletionTimestamp: '2026-01-02T03:04:05Z' } }) }],
    ['its app is paused', { app: app({ spec: { paused: true } }) }],
    ['its app is suspended', { app: app({ spec: { suspend: true } }) }],
    ['it is being scaled in', { app: app({ spec: { replicas: 0 } }) }],
    ['it has not started with its gang yet', { launched: 0 }],
    ['it has not started with its gang yet', { slot: slot({ member: 'db-2' }), launched: 2 }],
    ['its slot is being moved', { slot: slot({ state: 'Moving' }) }],
    ['its slot is being moved', { slot: slot({ state: 'Proposed' }) }],
    ['it has a volume there', { slot: slot({ volumes: [PINNED] }) }],
    ['the recovery of db-1 is not over', { app: app({ status: { lastRecovery: { member: 'db-1' } } }) }],
    ['2 members of its app lost their nodes', { lost: 2 }],
  ])('must wait when %s', (why, given) => {
    expect(mustWait(lost(given))).toBe(why);
  });
});
