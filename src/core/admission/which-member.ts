import { LABEL_APP_UID, LABEL_MEMBER } from '../../api/labels.ts';
import { ordinalOf } from '../app/member-name.ts';
import type { AdmissionWorld, AskingPod, Member } from './admission-world.ts';

/** Who a pod is to us. `unresolved`: it claims to be a member and cannot prove it (yet); `message` says what is missing. */
export type Whose =
  | { readonly kind: 'member'; readonly member: Member }
  | { readonly kind: 'other' }
  | { readonly kind: 'unresolved'; readonly message: string };

const OTHER: Whose = { kind: 'other' };

/**
 * Follows the chain of controlling owners by UID: pod → StatefulSet → PersistentApp, and wants the name `<app>-<ordinal>`. Labels
 * prove nothing, as anybody may write them. But a pod with a member's labels is never let in as a stranger: it may mount a member's volumes,
 * and a member's own pod has no owner while its StatefulSet is being replaced.
 */
export function whichMember(pod: AskingPod, world: AdmissionWorld): Whose {
  const { owner } = pod;
  if (owner?.kind !== 'StatefulSet' || !owner.apiVersion.startsWith('apps/')) {
    return ownerless(pod, world);
  }
  const workload = world.workload(owner.uid);
  if (workload === undefined)
    return unresolved(
      `its StatefulSet ${owner.name} (UID ${owner.uid}) is not known yet: it was just created, or is gone`,
    );
  if (workload.appUid === '') {
    return pod.labels[LABEL_MEMBER] === undefined
      ? OTHER
      : unresolved(
          `carries the label ${LABEL_MEMBER}, but no PersistentApp controls its StatefulSet ${owner.name}: remove the label`,
        );
  }
  const app = world.app(workload.appUid);
  if (app === undefined)
    return unresolved(`its PersistentApp (UID ${workload.appUid}) is not known yet: it was just created, or is gone`);
  return memberOf(pod, { app: app.ref, member: pod.name });
}

/** A member's pod has no owner while its StatefulSet is replaced; one of an app that is there may be one. */
function ownerless({ labels }: AskingPod, world: AdmissionWorld): Whose {
  if (labels[LABEL_MEMBER] !== undefined)
    return unresolved(`carries the label ${LABEL_MEMBER}, but no StatefulSet controls it: remove the label`);
  const uid = labels[LABEL_APP_UID];
  const app = uid === undefined ? undefined : world.app(uid);
  if (app === undefined) return OTHER;
  return unresolved(
    `carries the labels of PersistentApp ${app.ref.name}, but no StatefulSet controls it: it is being replaced, or the label ${LABEL_APP_UID} is to be removed`,
  );
}

function memberOf(pod: AskingPod, member: Member): Whose {
  const { namespace, name } = member.app;
  if (pod.namespace !== namespace)
    return unresolved(`lives in namespace ${pod.namespace}, its PersistentApp ${name} in ${namespace}`);
  if (ordinalOf(name, pod.name) === undefined)
    return unresolved(`is not named ${name}-<ordinal>, as members of PersistentApp ${name} are`);
  return { kind: 'member', member };
}

function unresolved(message: string): Whose {
  return { kind: 'unresolved', message };
}
