import { type RemovalWord, saysRemove } from '../../backup/claim-removal.ts';
import { type Removal, removal, removalActions } from '../../backup/remove-claims.ts';
import { ordinalOfClaim } from '../claim-name.ts';
import { holdOf, isHeld } from '../finish-replacement.ts';
import type { Action } from '../plan.ts';
import { type Situation, hasForeignStatefulSet } from '../situation.ts';
import { DONE, type Operation, type Step, doing } from './step.ts';

/**
 * What the app says of volumes that it has no member for: those that were left go, where it says so, and old ones that are in a returning
 * member's way are wiped. An app that takes its volumes along is held until they are seen to.
 */
export const retention: Step = {
  name: 'retention',
  run: ({ situation, unfinished }) => {
    const removals = claimRemovals(situation);
    const actions = [
      ...holdActions(situation, unfinished.has('replace') || unfinished.has('adopt')),
      ...removalActions(removals),
    ];
    const operation = operationOf(removals);
    if (operation === undefined) return actions.length === 0 ? DONE : doing(actions);
    return { state: 'waiting', operation, actions };
  },
};

/** Claims that the app says are to go while it lives. */
export function claimRemovals(situation: Situation): readonly Removal[] {
  const { app, facts } = situation;
  return facts.claims.flatMap((claim) => {
    const ordinal = app.spec.volumeClaims
      .map((volume) => ordinalOfClaim(volume.name, app.metadata.name, claim.name))
      .find((found) => found !== undefined);
    if (ordinal === undefined) return [];
    const word = WORDS.find((one) => saysRemove(one, { claim, ordinal }, app));
    return word === undefined || isStillCounted(ordinal, word, situation)
      ? []
      : [removal(word, { claim, ordinal }, facts)];
  });
}

const WORDS: readonly RemovalWord[] = ['whenScaled', 'wipe'];

/** The StatefulSet would give a pod of this ordinal a new claim at once; or it is not ours, and the claim is its pod's. */
function isStillCounted(ordinal: number, word: RemovalWord, situation: Situation): boolean {
  return word === 'wipe' ? hasForeignStatefulSet(situation) : ordinal < situation.livePods;
}

function operationOf(removals: readonly Removal[]): Operation | undefined {
  const [first] = [...removals.filter(({ stage }) => stage !== 'going'), ...removals];
  if (first === undefined) return undefined;
  const more = removals.length === 1 ? '' : ` (and ${removals.length - 1} more)`;
  const blockedBy = first.stage === 'snapshotting' ? 'BackupNotReady' : first.stage === 'inUse' ? 'PodGone' : '';
  return {
    type: 'RemoveVolumes',
    progress: `${removals.length} left`,
    blockedBy,
    message: `${first.message}${more}`.slice(0, 1024),
  };
}

/** The finalizer is there only where there is work for it. While a StatefulSet is being replaced, that step has it. */
function holdActions({ app }: Situation, isReplacing: boolean): readonly Action[] {
  if (app.status?.replacement !== undefined) return [];
  const hold = app.spec.retention.whenDeleted !== 'Retain' && app.spec.volumeClaims.length > 0;
  return hold === isHeld(app) || (!hold && isReplacing) ? [] : [holdOf(app, hold)];
}
