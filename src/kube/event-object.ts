import { createHash } from 'node:crypto';
import type { KubeObject } from './kube-object.ts';
import { microTime } from './micro-time.ts';
import { EVENT } from './resource-type.ts';

/** What an event is about. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase. */
  readonly reason: string;
  /** What a person reads: what happened, with numbers, and what to do. */
  readonly message: string;
  /** What we did about it, in CamelCase; default `Reconcile`. */
  readonly action?: string | undefined;
}

/** Limits of events.k8s.io/v1. */
const LIMITS = { note: 1024, reason: 128, action: 128, instance: 128, namePrefix: 200 };

/** Where events about cluster-scoped objects live. */
const CLUSTER_EVENTS_NAMESPACE = 'default';

/** Cuts to a number of UTF-8 bytes, between characters, with an ellipsis when something is missing. */
export function cutToBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const ellipsis = '…';
  let kept = '';
  let bytes = Buffer.byteLength(ellipsis);
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) break;
    kept += character;
  }
  return kept + ellipsis;
}

/**
 * Names an event by what it says and when (`window` numbers the spans in which repeats are one event), so a retry after a lost reply,
 * or after a restart, is the same event and not a second one.
 */
export function eventName(about: ObjectReference, event: EventText, window: number): string {
  const said = [about.uid, about.kind, event.type, event.reason, event.message, window];
  const hash = createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 16);
  return `${about.name.slice(0, LIMITS.namePrefix).replace(/[.-]+$/, '')}.${hash}`;
}

export interface Reporter {
  /** Which controller, `domain/name`. */
  readonly controller: string;
  /** Which process. */
  readonly instance: string;
}

/** The namespace an event about this object lives in. */
export const eventNamespace = (about: ObjectReference): string => about.namespace ?? CLUSTER_EVENTS_NAMESPACE;

/** The Event as it is sent. */
export function buildEvent(
  name: string,
  about: ObjectReference,
  event: EventText,
  by: Reporter,
  epochSeconds: number,
): KubeObject {
  return {
    apiVersion: EVENT.apiVersion,
    kind: EVENT.kind,
    metadata: { name, namespace: eventNamespace(about) },
    eventTime: microTime(epochSeconds),
    type: event.type,
    reason: event.reason.slice(0, LIMITS.reason),
    action: (event.action ?? 'Reconcile').slice(0, LIMITS.action),
    note: cutToBytes(event.message, LIMITS.note),
    regarding: { ...about },
    reportingController: by.controller,
    reportingInstance: by.instance.slice(0, LIMITS.instance),
  };
}
