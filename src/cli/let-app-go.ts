import { FINALIZER_VOLUMES } from '../api/labels.ts';
import { readField, readList, readString } from '../core/app/read-field.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { ObjectClient } from './object-client.ts';
import { ownType } from './own-types.ts';
import { waitFor } from './wait-for.ts';

export const APP = ownType('PersistentApp');

/** How an app is let go. */
export interface LetGoOptions {
  readonly client: ObjectClient;
  /** How long each step may take. */
  readonly seconds: number;
  /** There is no operator that would answer, and none that writes. */
  readonly isAlone: boolean;
  readonly say: (text: string) => Promise<void>;
}

/**
 * Deletes an app and leaves all that it owns. First its volumes are told to stay, and the operator says that it leaves the app alone: a write of
 * its that comes late would tie the StatefulSet to an app that is gone, and garbage collection would take it. Answers what went wrong; may
 * be begun again anywhere.
 */
export async function letAppGo(app: KubeObject, options: LetGoOptions): Promise<string | undefined> {
  const { client, seconds, isAlone, say } = options;
  const { name, uid } = app.metadata;
  const isGoing = app.metadata['deletionTimestamp'] !== undefined;
  const found = await waitFor(() => changed(client, app, isAlone), seconds);
  if (found === undefined) return `the app changes too often to be written: run this again`;
  if (!isGoing && !isAlone) {
    const isLeft = await waitFor(async () => (isPaused(await client.get(APP, name)) ? true : undefined), seconds);
    if (isLeft === undefined) {
      return `the operator did not say in ${seconds} s that it leaves the app alone (spec.paused is set): is it running? If Proffer is uninstalled, add --without-operator`;
    }
    await say('the operator leaves the app alone');
  }
  if (!isGoing) await client.orphan(APP, app);
  const isGone = await waitFor(async () => {
    const now = await client.get(APP, name);
    return now?.metadata.uid === uid ? undefined : true;
  }, seconds);
  if (isGone === undefined) {
    const finalizers = readList(await client.get(APP, name), 'metadata', 'finalizers');
    return `the app is being deleted and not gone after ${seconds} s: it waits for ${finalizers.join(', ')}; run this again`;
  }
  await say('the app is gone; its pods run on');
  return undefined;
}

/** Whether it is on its way out together with its StatefulSet. One that is orphaned says so, or has lost it already. */
export function isTakingAlong(app: KubeObject, set: KubeObject): boolean {
  const isOwned = readList(set, 'metadata', 'ownerReferences').some(
    (one) => readString(one, 'uid') === app.metadata.uid,
  );
  const isOrphaning = readList(app, 'metadata', 'finalizers').includes('orphan');
  return app.metadata['deletionTimestamp'] !== undefined && isOwned && !isOrphaning;
}

/** Writes what must be so before it is deleted, unless it is. Undefined: somebody wrote in between. */
async function changed(client: ObjectClient, { metadata }: KubeObject, isAlone: boolean): Promise<true | undefined> {
  const app = await client.get(APP, metadata.name);
  if (app === undefined || app.metadata.uid !== metadata.uid) return true;
  const patch = lettingGo(app, isAlone);
  if (patch === undefined) return true;
  try {
    await client.patch(APP, app, patch);
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 409) return undefined;
    throw error;
  }
}

/** The patch that lets it go without its volumes; undefined: all is so already. */
function lettingGo(app: KubeObject, isAlone: boolean): Readonly<Record<string, unknown>> | undefined {
  const keeps = (readString(app, 'spec', 'retention', 'whenDeleted') || 'Retain') === 'Retain';
  const isStill = readField(app, 'spec', 'paused') === true;
  const finalizers = readList(app, 'metadata', 'finalizers');
  const isHeld = isAlone && finalizers.includes(FINALIZER_VOLUMES);
  if (keeps && isStill && !isHeld) return undefined;
  return {
    spec: { paused: true, ...(keeps ? {} : { retention: { whenDeleted: 'Retain' } }) },
    // Nobody else would take it away.
    ...(isHeld ? { metadata: { finalizers: finalizers.filter((one) => one !== FINALIZER_VOLUMES) } } : {}),
  };
}

function isPaused(app: object | undefined): boolean {
  return readList(app, 'status', 'conditions').some(
    (condition) => readString(condition, 'type') === 'Suspended' && readString(condition, 'reason') === 'Paused',
  );
}
