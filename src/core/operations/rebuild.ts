import type { OperationStep, StepObject } from '../../api/app-operation.ts';
import type { Action } from '../app/plan.ts';
import type { Member, Situation } from '../app/situation.ts';
import { markFor } from '../recovery/retire-mark.ts';
import { memberOf, memberRefusal, podObject, stepPerMember, waitsForOthers } from './chosen-members.ts';
import type { OperationInput, OperationType, PlannedStep, Verdict, Wait } from './operation-type.ts';
import { newPodVerdict } from './restart.ts';
import { objectsOf } from './running-operation.ts';

/**
 * Members with new, empty volumes, one at a time and only while all others are healthy. What the step does is to mark the member's volumes;
 * the app's rebuild step (app/steps/rebuild.ts) does the rest by these marks.
 */
export const rebuild: OperationType = {
  isDisruptive: true,
  refusal: (input) => memberRefusal(input) ?? withoutVolumes(input),
  phases: (input) => [{ name: 'Rebuild', steps: stepPerMember('rebuild', input) }],
  waitsFor: (step, { situation }) => waitsForOthers(step, situation) ?? lackOf(step, situation),
  begin: (step, { situation }) => found(memberOf(step, situation)),
  judge: (step, input) => verdict(step, input),
  act: (step, { situation }) => marks(step, situation),
  mayStop: (step, { situation }) => {
    const rebuilt = situation.rebuilds.get(step.member);
    const isBegun = rebuilt?.volumes.some(({ stage, claim }) => stage !== 'marked' || claim?.deleting === true);
    return isBegun !== true && hasOldClaims(step, situation);
  },
};

function withoutVolumes({ situation: { app } }: OperationInput): string | undefined {
  return app.spec.volumeClaims.length > 0 ? undefined : 'the app has no volumes: use type Restart or Move';
}

/** Nothing is taken from a member as long as one of its volumes cannot be seen. */
function lackOf(step: PlannedStep, { members, facts }: Situation): Wait | undefined {
  const claims = members.find(({ name }) => name === step.member)?.claims ?? [];
  const known = new Set((facts.persistentVolumes ?? []).map((volume) => volume.name));
  const going = claims.find((claim) => claim.deleting);
  if (going !== undefined) return { check: 'ClaimGone', message: `claim ${going.name} is being deleted already` };
  const lost = claims.find(({ volumeName }) => volumeName !== '' && !known.has(volumeName));
  if (lost === undefined) return undefined;
  const message = `PersistentVolume ${lost.volumeName} of claim ${lost.name} does not exist, so there is nothing to keep: make it anew from the storage's own records, or delete the claim yourself for an empty volume (kubectl delete pvc ${lost.name} -n ${lost.namespace})`;
  return { check: 'VolumeGone', message };
}

/** Its pod, and its claims that have a volume. */
function found(member: Member | undefined): readonly StepObject[] {
  const claims = (member?.claims ?? []).filter(({ volumeName }) => volumeName !== '');
  return [
    ...podObject(member),
    ...claims.map(({ name, uid }): StepObject => ({ kind: 'PersistentVolumeClaim', name, uid })),
  ];
}

function hasOldClaims(step: OperationStep, situation: Situation): boolean {
  const uids = new Set(objectsOf(step, 'PersistentVolumeClaim').map(({ uid }) => uid));
  return memberOf(step, situation)?.claims.some(({ uid }) => uids.has(uid)) ?? false;
}

/** The volumes of the claims that the step found, as long as they are not marked. */
function marks(step: OperationStep, situation: Situation): readonly Action[] {
  const { app, facts } = situation;
  const claims = memberOf(step, situation)?.claims ?? [];
  return objectsOf(step, 'PersistentVolumeClaim').flatMap(({ name: claimName, uid: claimUid }): readonly Action[] => {
    const claim = claims.find(({ name, uid }) => name === claimName && uid === claimUid);
    const volume = facts.persistentVolumes?.find(({ name }) => name === claim?.volumeName);
    if (claim === undefined || volume === undefined || claim.deleting || volume.retiring !== undefined) return [];
    const { namespace, uid: appUid } = app.metadata;
    const mark = markFor(appUid, step.member, claim);
    return [{ kind: 'markVolume', name: volume.name, uid: volume.uid, namespace, mark }];
  });
}

function verdict(step: OperationStep, { situation }: OperationInput): Verdict {
  const rebuilt = situation.rebuilds.get(step.member);
  if (hasOldClaims(step, situation) || (rebuilt !== undefined && rebuilt.stage !== 'kept')) {
    const kept = rebuilt?.volumes.filter(({ stage }) => stage === 'kept').length ?? 0;
    const all = objectsOf(step, 'PersistentVolumeClaim').length;
    return { state: 'Running', message: `${kept} of ${all} old volumes are taken aside`, blockedBy: 'OldVolumes' };
  }
  const isNew = memberOf(step, situation)?.claims.every(({ phase }) => phase === 'Bound') ?? false;
  if (rebuilt === undefined && isNew) return newPodVerdict(step, situation);
  const said = newPodVerdict(step, situation);
  return said.state === 'Complete' ? { state: 'Running', message: 'waits for its new volumes' } : said;
}
