import { ANNOTATION_RETIRED, ANNOTATION_RETIRED_FROM, ANNOTATION_RETIRED_MEMBER } from '../../../api/labels.ts';
import type { MemberRebuild, RetiringNow } from '../../recovery/rebuild.ts';
import { selectorLabels } from '../build/owned-metadata.ts';
import type { Action, KubeObject } from '../plan.ts';
import { formatTime } from '../rfc3339.ts';
import type { Member, Situation } from '../situation.ts';
import { DONE, type Step } from './step.ts';

/**
 * Members whose volumes are marked get new ones; the old ones are kept, each under a claim of its own. What is next for each volume is read
 * off the volume and its claims alone, so that nothing is lost whenever this stops. No volume is ever deleted here.
 */
export const rebuild: Step = {
  name: 'rebuild',
  run: ({ situation }) => {
    const rebuilds = [...situation.rebuilds.values()];
    if (rebuilds.length === 0) return DONE;
    const actions = rebuilds.flatMap((item) => actionsOf(item, situation));
    const told = rebuilds.filter((item) => item.stage === 'release');
    if (told.length === 0) return actions.length === 0 ? DONE : { state: 'do', actions };
    const message = told.map((item) => `${item.member}: ${messageOf(item, situation)}`).join('; ');
    return {
      state: actions.length === 0 ? 'waiting' : 'do',
      actions,
      operation: {
        type: 'Rebuild',
        progress: '',
        blockedBy: blockOf(told, situation),
        message: message.slice(0, 1024),
      },
    };
  },
};

function memberOf(rebuild: MemberRebuild, { members }: Situation): Member | undefined {
  return members.find((member) => member.name === rebuild.member);
}

function actionsOf(item: MemberRebuild, situation: Situation): readonly Action[] {
  const member = memberOf(item, situation);
  if (item.stage === 'undo') return unmarked(item, situation);
  // Marks stay until the slot has ended too: without them nobody would know that it must.
  if (item.stage === 'kept') return member?.slot?.state === 'Moving' ? [] : unmarked(item, situation);
  const held = member === undefined ? undefined : heldBack(item, member);
  if (held !== undefined) return held;
  return item.volumes.flatMap((volume) => nextWrite(volume, situation));
}

/** What is written before its claims may go; undefined: they may. One that was scaled in meanwhile has nothing that holds them. */
function heldBack(item: MemberRebuild, member: Member): readonly Action[] | undefined {
  if (!isMarkedWhole(item, member)) return [];
  // The slot lets nobody in: that is written down before the pod goes.
  if (member.slot !== undefined && member.slot.state !== 'Moving') return [];
  return isOnNode(member) ? stopped(member) : undefined;
}

/** Every volume that the member still has is marked: nothing is taken from it before. */
function isMarkedWhole({ volumes }: MemberRebuild, { claims }: Member): boolean {
  const marked = new Set(volumes.map(({ volume }) => volume.name));
  const begun = volumes.some(({ stage }) => stage !== 'marked');
  return begun || claims.every(({ volumeName }) => volumeName === '' || marked.has(volumeName));
}

/** A pod that has a node uses its claims, whatever its phase. */
function isOnNode({ pod }: Member): boolean {
  return pod !== undefined && pod.nodeName !== '';
}

function stopped({ pod }: Member): readonly Action[] {
  if (pod === undefined || pod.deleting) return [];
  const { namespace, name, uid } = pod;
  return [{ kind: 'deletePod', namespace, name, uid, why: 'it gets new volumes; the old ones are kept' }];
}

function nextWrite({ volume, mark, stage, claim }: RetiringNow, situation: Situation): readonly Action[] {
  const { namespace } = situation.app.metadata;
  const { name, uid } = volume;
  if (stage === 'marked') {
    if (claim === undefined || claim.deleting) return [];
    const why = `its volume ${name} is kept as claim ${mark.as}`;
    const { member } = mark;
    return [{ kind: 'releaseClaim', namespace, name: claim.name, uid: claim.uid, volumeName: name, member, why }];
  }
  if (stage === 'freed') return [{ kind: 'rereferVolume', name, uid, namespace }];
  if (stage !== 'renamed') return [];
  return [
    { kind: 'create', object: keeperOf({ volume, mark }, situation), why: `keeps the old volume of ${mark.member}` },
  ];
}

function unmarked({ volumes }: MemberRebuild, { app }: Situation): readonly Action[] {
  const { namespace } = app.metadata;
  return volumes.map(({ volume: { name, uid } }) => ({ kind: 'markVolume', name, uid, namespace, mark: undefined }));
}

/** The claim that keeps an old volume. Nobody owns it; it goes when a person deletes it. */
function keeperOf({ volume, mark }: Pick<RetiringNow, 'volume' | 'mark'>, { app, now }: Situation): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: mark.as,
      namespace: app.metadata.namespace,
      labels: selectorLabels(app),
      annotations: {
        [ANNOTATION_RETIRED]: formatTime(now),
        [ANNOTATION_RETIRED_FROM]: app.metadata.uid,
        [ANNOTATION_RETIRED_MEMBER]: mark.member,
      },
    },
    spec: {
      accessModes: mark.accessModes,
      volumeMode: mark.volumeMode,
      storageClassName: volume.storageClassName,
      volumeName: volume.name,
      resources: { requests: { storage: String(volume.bytes) } },
    },
  };
}

function messageOf(item: MemberRebuild, situation: Situation): string {
  const member = memberOf(item, situation);
  if (member !== undefined && isOnNode(member)) return `waits for its pod on ${member.pod?.nodeName} to be gone`;
  const kept = item.volumes.filter(({ stage }) => stage === 'kept').length;
  const names = item.volumes.map(({ mark }) => mark.as).join(', ');
  return `${kept} of ${item.volumes.length} old volumes are kept as ${names}`;
}

function blockOf(items: readonly MemberRebuild[], situation: Situation): string {
  const stopping = items.some((item) => {
    const member = memberOf(item, situation);
    return member !== undefined && isOnNode(member);
  });
  return stopping ? 'PodGone' : '';
}
