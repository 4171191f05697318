import type { OwnerRef } from './pod-facts.ts';
import { type Json, listOf, objectOf, secondsOf, textMapOf, textOf } from './json.ts';

/** The part of metadata that every projection needs. */
export interface Meta {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly deleting: boolean;
  readonly createdAtSeconds: number;
  readonly owner: OwnerRef | undefined;
}

export function readMeta(raw: Json): Meta {
  const meta = objectOf(raw['metadata']);
  return {
    uid: textOf(meta['uid']),
    namespace: textOf(meta['namespace']),
    name: textOf(meta['name']),
    labels: textMapOf(meta['labels']),
    annotations: textMapOf(meta['annotations']),
    deleting: meta['deletionTimestamp'] !== undefined && meta['deletionTimestamp'] !== null,
    createdAtSeconds: secondsOf(meta['creationTimestamp']) ?? 0,
    owner: readOwner(meta['ownerReferences']),
  };
}

function readOwner(references: unknown): OwnerRef | undefined {
  const owner = listOf(references)
    .map(objectOf)
    .find((reference) => reference['controller'] === true);
  if (owner === undefined) return undefined;
  return {
    apiVersion: textOf(owner['apiVersion']),
    kind: textOf(owner['kind']),
    name: textOf(owner['name']),
    uid: textOf(owner['uid']),
  };
}
