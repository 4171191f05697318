import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Slot } from '../../api/reservation.ts';
import { ordinalOf } from '../app/member-name.ts';

/**
 * Where a member may go whose slot's node is gone while the operator is away: nodes, the best first. `message` says why there is none.
 */
export interface StandIn {
  readonly nodes: readonly string[];
  readonly message: string;
}

/** A member whose slot's node is gone and whose pod waits, and what decides whether it may go elsewhere without the operator. */
export interface LostMember {
  readonly app: PersistentApp;
  readonly slot: Slot;
  /** How many members have had a slot together (operator.md, launched). */
  readonly launched: number;
  /** Members of the app whose slot's node is gone and who have no pod elsewhere, this one included. */
  readonly lost: number;
}

/**
 * Why the member must wait for the operator; undefined: it may stand in elsewhere. What needs more than a look at one member is left to
 * whoever leads: new gangs, moves, recoveries, local data, several members at once.
 */
export function mustWait({ app, slot, launched, lost }: LostMember): string | undefined {
  const { spec, metadata, status } = app;
  const ordinal = ordinalOf(metadata.name, slot.member) ?? Number.POSITIVE_INFINITY;
  const reasons: readonly (readonly [boolean, string])[] = [
    [metadata.deletionTimestamp !== undefined, 'its app is being deleted'],
    [spec.paused, 'its app is paused'],
    [spec.suspend, 'its app is suspended'],
    [ordinal >= spec.replicas, 'it is being scaled in'],
    [ordinal >= launched, 'it has not started with its gang yet'],
    [slot.state !== 'Held' && slot.state !== 'Claimed', 'its slot is being moved'],
    [slot.volumes.some(({ pinned }) => pinned), 'it has a volume there'],
    [isRecovering(status), `the recovery of ${status?.lastRecovery?.member ?? ''} is not over`],
    [lost > 1, `${lost} members of its app lost their nodes`],
  ];
  return reasons.find(([holds]) => holds)?.[1];
}

function isRecovering(status: PersistentApp['status']): boolean {
  return status?.lastRecovery !== undefined && status.lastRecovery.readyAt === undefined;
}
