// What a change of an object says, in a sentence for the timeline. Pure; undefined: nothing worth telling.
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { Reservation, Slot } from '../../src/api/reservation.ts';
import { objectOf, textOf } from '../../src/core/facts/json.ts';
import type { NodeFacts } from '../../src/core/facts/node-facts.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type { AttachmentFacts } from '../../src/core/facts/storage-facts.ts';
import { TAINT_OUT_OF_SERVICE } from '../../src/core/recovery/node-trouble.ts';
import type { Actor } from './timeline.ts';

export interface News {
  readonly who: Actor;
  readonly what: string;
}

export function nodeNews(next: NodeFacts | undefined, previous: NodeFacts | undefined): readonly News[] {
  if (next === undefined) return [{ who: 'kubernetes', what: `the Node object ${previous?.name} is gone` }];
  if (previous === undefined) return [{ who: 'kubernetes', what: `node ${next.name} is registered` }];
  return NODE_CHANGES.flatMap((change) => change(next, previous) ?? []);
}

type NodeChange = (next: NodeFacts, before: NodeFacts) => News | undefined;

const isOut = ({ taints }: NodeFacts): boolean => taints.some(({ key }) => key === TAINT_OUT_OF_SERVICE);

const NODE_CHANGES: readonly NodeChange[] = [
  ({ name, ready }, before) =>
    ready === before.ready ? undefined : { who: 'kubernetes', what: `node ${name} is ${ready ? 'Ready' : 'NotReady'}` },
  ({ name, unschedulable }, before) =>
    unschedulable === before.unschedulable
      ? undefined
      : { who: 'kubernetes', what: `node ${name} is ${unschedulable ? '' : 'no longer '}cordoned` },
  (next, before) => (isOut(next) === isOut(before) ? undefined : outOfServiceNews(next)),
];

function outOfServiceNews(node: NodeFacts): News {
  if (!isOut(node)) return { who: 'proffer', what: `${node.name} is in service again` };
  const who = node.fencedByUs === undefined ? 'disaster' : 'proffer';
  return { who, what: `declares ${node.name} out of service: Kubernetes detaches its volumes at once` };
}

export function podNews(next: PodFacts | undefined, previous: PodFacts | undefined): readonly string[] {
  if (next === undefined) return [`pod ${previous?.name} on ${previous?.nodeName || 'no node'} is gone`];
  const before = previous?.uid === next.uid ? previous : undefined;
  return POD_CHANGES.flatMap((change) => change(next, before) ?? []);
}

/** `before`: undefined for a pod that is new, whatever its name. */
type PodChange = (next: PodFacts, before: PodFacts | undefined) => string | undefined;

const POD_CHANGES: readonly PodChange[] = [
  ({ name }, before) => (before === undefined ? `pod ${name} is created anew` : undefined),
  ({ name, nodeName }, before) =>
    nodeName !== '' && nodeName !== before?.nodeName ? `${name} is bound to ${nodeName}` : undefined,
  ({ name, nodeName, ready }, before) =>
    ready && before?.ready !== true ? `${name} is Ready on ${nodeName}` : undefined,
  ({ name, nodeName, ready }, before) =>
    !ready && before?.ready === true ? `${name} on ${nodeName} is not Ready` : undefined,
  ({ name, nodeName, deleting }, before) =>
    deleting && before?.deleting !== true ? `${name} on ${nodeName} is Terminating` : undefined,
];

/** `claim`: the name of the volume's claim. */
export function attachmentNews(
  next: AttachmentFacts | undefined,
  previous: AttachmentFacts | undefined,
  claim: string,
): string | undefined {
  if (next === undefined) return `the volume of ${claim} is detached from ${previous?.nodeName}`;
  if (next.attached && previous?.attached !== true) return `the volume of ${claim} is attached to ${next.nodeName}`;
  return undefined;
}

export function slotNews(next: Reservation | undefined, previous: Reservation | undefined): readonly string[] {
  const before = new Map(previous?.spec.slots.map((slot) => [slot.member, slot]));
  return (next?.spec.slots ?? []).flatMap((slot) => {
    const old = before.get(slot.member);
    return old?.node === slot.node && old.state === slot.state ? [] : slotSentence(slot, old);
  });
}

function slotSentence({ member, node, state }: Slot, old: Slot | undefined): readonly string[] {
  switch (state) {
    case 'Moving':
      return node === old?.node && old.state !== 'Held'
        ? [`looks for another slot for ${member}; nothing is taken from ${node} yet`]
        : [`keeps a slot for ${member} on ${node}; nobody is let in until the old writer is cut off`];
    case 'Held':
      return [
        old?.state === 'Moving' && old.node === node
          ? `opens the slot of ${member} on ${node}`
          : `found a slot for ${member} on ${node}`,
      ];
    case 'Claimed':
      return [`${member} has claimed its slot on ${node}`];
    default:
      return [`the slot of ${member} on ${node} is ${state}`];
  }
}

/** What Proffer tells as an event of an app. */
export function eventNews(raw: unknown): string | undefined {
  const event = objectOf(raw);
  if (textOf(objectOf(event['regarding'])['kind']) !== 'PersistentApp') return undefined;
  return `${textOf(event['reason'])}: ${textOf(event['note'])}`;
}

/** Conditions that say what is wrong and what a person can do, when they come, go, or change their reason. */
export function conditionNews(next: PersistentApp | undefined, previous: PersistentApp | undefined): readonly string[] {
  return TOLD.flatMap((type) => {
    const [is, was] = [next, previous].map((app) =>
      app?.status?.conditions.find((condition) => condition.type === type),
    );
    if (is === undefined || (is.status === was?.status && is.reason === was.reason)) return [];
    return [`${type} is ${is.status} (${is.reason}): ${is.message}`];
  });
}

const TOLD = ['FencingRequired', 'VolumesHealthy', 'Supported'] as const;

/** What holds operations up, when that changes. */
export function operationNews(next: PersistentApp | undefined, previous: PersistentApp | undefined): readonly string[] {
  const before = previous?.status?.operations ?? [];
  return (next?.status?.operations ?? [])
    .filter(
      ({ type, blockedBy }) =>
        blockedBy !== '' && !before.some((was) => was.type === type && was.blockedBy === blockedBy),
    )
    .map(({ type, blockedBy, message }) => `${type} waits (${blockedBy}): ${message}`);
}
