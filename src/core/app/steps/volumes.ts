import {
  ANNOTATION_RETENTION,
  ANNOTATION_RETIRED,
  ANNOTATION_RETIRED_FROM,
  LABEL_APP,
  LABEL_APP_UID,
} from '../../../api/labels.ts';
import { saysRemove } from '../../backup/claim-removal.ts';
import type { ClaimFacts } from '../../facts/storage-facts.ts';
import { leftClaims, removedVolumeOf } from '../left-claims.ts';
import type { Action } from '../plan.ts';
import { formatTime } from '../rfc3339.ts';
import { type Member, type Situation, hasForeignStatefulSet, isOfOtherName, isStale } from '../situation.ts';
import { blockedByStaleVolume, staleVolumeMessage } from '../stale-volume.ts';
import { growing } from './grow.ts';
import type { Finding, Step } from './step.ts';

/**
 * Claims grow; those of members that are gone, or going, and of volumes that the app has no more are marked retired; those of a member that
 * may return to its data are unmarked. The mark comes before the StatefulSet is made smaller, so that no crash in between can lose it.
 * Nothing that is found about an app, and nothing that another step waits for, holds this step back: a full disk must be able to grow.
 * No claim is ever deleted here.
 */
export const volumes: Step = {
  name: 'volumes',
  run: ({ situation }) => {
    const { actions: growths, findings, operation, wakeAtSeconds } = growing(situation);
    const actions = [...growths, ...(areTheirs(situation) ? [] : [...retire(situation), ...takeBack(situation)])];
    const effects = {
      actions,
      findings: [...staleFindings(situation), ...findings],
      ...(wakeAtSeconds.length === 0 ? {} : { wakeAtSeconds: Math.min(...wakeAtSeconds) }),
    };
    if (operation !== undefined) return { state: 'waiting', operation, ...effects };
    return { state: actions.length === 0 ? 'done' : 'do', ...effects };
  },
};

/** The claims of members belong to pods of a StatefulSet that is not ours and that nobody said is to become ours. */
function areTheirs(situation: Situation): boolean {
  return hasForeignStatefulSet(situation) && situation.adoption.kind !== 'adopting';
}

function retire(situation: Situation): readonly Action[] {
  return (
    leftClaims(situation)
      .filter((claim) => !claim.deleting && claim.annotations[ANNOTATION_RETIRED] === undefined)
      // What never carried an app's UID was not made for a member of ours: it is not for us to mark. Nor is what carries another app's
      // name: volume `data-log` of app `db` and volume `data` of app `log-db` have claims of the same names.
      .filter(({ labels }) => labels[LABEL_APP_UID] !== undefined && labels[LABEL_APP] === situation.app.metadata.name)
      .map((claim) =>
        mark(claim, {
          unlessAnnotated: ANNOTATION_RETIRED,
          annotations: {
            [ANNOTATION_RETIRED]: formatTime(situation.now),
            [ANNOTATION_RETIRED_FROM]: claim.labels[LABEL_APP_UID] ?? null,
            ...retentionMark(claim, situation),
          },
        }),
      )
  );
}

/** What the app says now of volumes of members that leave; a volume that was taken out of its list is kept. */
function retentionMark(claim: ClaimFacts, { app }: Situation): Readonly<Record<string, string>> {
  const { whenScaled } = app.spec.retention;
  const isOwn = claim.labels[LABEL_APP_UID] === app.metadata.uid && removedVolumeOf(app, claim) === undefined;
  return whenScaled === 'Retain' || !isOwn ? {} : { [ANNOTATION_RETENTION]: whenScaled };
}

/** With Adopt the old volume becomes the member's own again; and so does one that was marked while its member never left it. */
function takeBack({ app, members }: Situation): readonly Action[] {
  return members
    .filter((member) => member.wanted)
    .flatMap((member) =>
      member.claims.filter(
        (claim) =>
          !claim.deleting &&
          isStale(claim, app) &&
          !isOfOtherName(claim, app) &&
          (app.spec.retention.reuse === 'Adopt' || isUsed(claim, member)),
      ),
    )
    .map((claim) =>
      mark(claim, {
        labels: { [LABEL_APP]: app.metadata.name, [LABEL_APP_UID]: app.metadata.uid },
        annotations: {
          [ANNOTATION_RETIRED]: null,
          [ANNOTATION_RETIRED_FROM]: null,
          ...(claim.annotations[ANNOTATION_RETENTION] === undefined ? {} : { [ANNOTATION_RETENTION]: null }),
        },
      }),
    );
}

/** A volume that was removed from the app and comes back under its old name is not used before its member has restarted with it. */
function isUsed({ name }: ClaimFacts, { bound, pod }: Member): boolean {
  return bound && pod !== undefined && !pod.deleting && pod.claims.includes(name);
}

function mark(
  { namespace, name, uid }: ClaimFacts,
  marks: Pick<Extract<Action, { kind: 'mark' }>, 'labels' | 'annotations' | 'unlessAnnotated'>,
): Action {
  return { kind: 'mark', target: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid }, ...marks };
}

function staleFindings(situation: Situation): readonly Finding[] {
  const blocked = blockedByStaleVolume(situation).filter((member) => !isWiped(member, situation));
  if (blocked.length === 0) return [];
  return [{ reason: 'StaleVolume', message: staleVolumeMessage(blocked, situation), stalls: true, holds: [] }];
}

/** Nobody needs to decide anything: the retention step deletes what is in the way. */
function isWiped({ staleClaims, ordinal }: Member, { app }: Situation): boolean {
  return staleClaims.every((claim) => saysRemove('wipe', { claim, ordinal }, app));
}
