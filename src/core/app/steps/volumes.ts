import { ANNOTATION_RETIRED, ANNOTATION_RETIRED_FROM, LABEL_APP, LABEL_APP_UID } from '../../../api/labels.ts';
import type { ClaimFacts } from '../../facts/storage-facts.ts';
import { showBytes } from '../../resources/show-amount.ts';
import { claimName, ordinalOfClaim } from '../claim-name.ts';
import type { Action } from '../plan.ts';
import { readList, readString } from '../read-field.ts';
import { formatTime } from '../rfc3339.ts';
import { type Member, type Situation, isStale } from '../situation.ts';
import { blockedByStaleVolume, staleVolumeMessage } from '../stale-volume.ts';
import type { WantedVolume } from '../wanted-volume.ts';
import { type Finding, type Step, doing } from './step.ts';

/**
 * Claims of members that are gone, or going, are marked retired; those of a member that may return to its data are unmarked. The mark
 * comes before the StatefulSet is made smaller, so that no crash in between can lose it. No claim is ever deleted here.
 */
export const volumes: Step = {
  name: 'volumes',
  run: ({ situation }) =>
    doing([...retire(situation), ...takeBack(situation)], {
      findings: [...staleFindings(situation), ...sizeFindings(situation), ...listFindings(situation)],
    }),
};

/** Claims of this app's volumes whose ordinal is not wanted. */
export function leftClaims({ facts, app }: Situation): readonly ClaimFacts[] {
  return facts.claims.filter((claim) => {
    const ordinals = app.spec.volumeClaims.map((volume) => ordinalOfClaim(volume.name, app.metadata.name, claim.name));
    return ordinals.some((ordinal) => ordinal !== undefined && ordinal >= app.spec.replicas);
  });
}

function retire(situation: Situation): readonly Action[] {
  return (
    leftClaims(situation)
      .filter((claim) => !claim.deleting && claim.annotations[ANNOTATION_RETIRED] === undefined)
      // What never carried an app's UID was not made for a member of ours: it is not for us to mark.
      .filter((claim) => claim.labels[LABEL_APP_UID] !== undefined)
      .map((claim) =>
        mark(claim, {
          annotations: {
            [ANNOTATION_RETIRED]: formatTime(situation.now),
            [ANNOTATION_RETIRED_FROM]: claim.labels[LABEL_APP_UID] ?? null,
          },
        }),
      )
  );
}

/** With Adopt the old volume becomes the member's own again; and so does one that was marked while its member never left. */
function takeBack({ app, members }: Situation): readonly Action[] {
  return members
    .filter((member) => member.wanted && (app.spec.retention.reuse === 'Adopt' || isRunning(member)))
    .flatMap((member) => member.claims.filter((claim) => !claim.deleting && isStale(claim, app)))
    .map((claim) =>
      mark(claim, {
        labels: { [LABEL_APP]: app.metadata.name, [LABEL_APP_UID]: app.metadata.uid },
        annotations: { [ANNOTATION_RETIRED]: null, [ANNOTATION_RETIRED_FROM]: null },
      }),
    );
}

function isRunning({ bound, pod }: Member): boolean {
  return bound && pod !== undefined && !pod.deleting;
}

function mark(
  { namespace, name, uid }: ClaimFacts,
  marks: Pick<Extract<Action, { kind: 'mark' }>, 'labels' | 'annotations'>,
): Action {
  return { kind: 'mark', target: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid }, ...marks };
}

function staleFindings(situation: Situation): readonly Finding[] {
  const blocked = blockedByStaleVolume(situation);
  if (blocked.length === 0) return [];
  return [{ reason: 'StaleVolume', message: staleVolumeMessage(blocked, situation), stalls: true, holds: [] }];
}

/** What differs between the sizes that are asked for and those that claims ask for. */
function sizeFindings({ app, members, volumes }: Situation): readonly Finding[] {
  return volumes.flatMap((volume) => {
    const claims = members
      .filter((member) => member.wanted)
      .flatMap(({ claims, ordinal }) =>
        claims.filter(({ name }) => name === claimName(volume.claim.name, app.metadata.name, ordinal)),
      );
    const larger = claims.find((claim) => claim.bytes > volume.bytes);
    const smaller = claims.find((claim) => claim.bytes < volume.bytes);
    return [
      ...(larger === undefined ? [] : [mayNotShrink(volume, larger)]),
      ...(smaller === undefined ? [] : [growsLater(volume, smaller)]),
    ];
  });
}

function mayNotShrink({ claim, bytes }: WantedVolume, larger: ClaimFacts): Finding {
  const has = showBytes(larger.bytes);
  const message = `volume ${claim.name} asks for ${showBytes(bytes)}, and claim ${larger.name} has ${has}: no volume can shrink; ask for ${has} or more, the claim stays as it is`;
  return { reason: 'VolumeMayNotShrink', message, stalls: true, holds: [] };
}

function growsLater({ claim, bytes }: WantedVolume, smaller: ClaimFacts): Finding {
  const message = `growing volume ${claim.name} from ${showBytes(smaller.bytes)} to ${showBytes(bytes)}; for now claim ${smaller.name} keeps its size`;
  return notSupportedYet(message);
}

/** Volumes that the app has and its StatefulSet has not, or the other way round: claim templates of a live one cannot change. */
function listFindings({ app, statefulSet }: Situation): readonly Finding[] {
  if (statefulSet === undefined) return [];
  const live = readList(statefulSet, 'spec', 'volumeClaimTemplates').map((item) =>
    readString(item, 'metadata', 'name'),
  );
  const wanted = app.spec.volumeClaims.map((volume) => volume.name);
  const added = wanted.filter((name) => !live.includes(name));
  const removed = live.filter((name) => !wanted.includes(name));
  return [
    ...added.map((name) =>
      notSupportedYet(`adding volume ${name} to a running app; for now its members have the volumes that they had`),
    ),
    ...removed.map((name) =>
      notSupportedYet(
        `removing volume ${name} from a running app; for now its claims stay, and no container mounts them`,
      ),
    ),
  ];
}

function notSupportedYet(what: string): Finding {
  return { reason: 'NotSupportedYet', message: `not supported yet: ${what}`, stalls: false, holds: [] };
}
