import { parsePersistentApp } from '../api/parse.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import type { Adoptee } from '../core/adoption/adoption-changes.ts';
import { adoptionProblems, notYetAdoptable } from '../core/adoption/adoption-problems.ts';
import { appManifest } from '../core/adoption/app-manifest.ts';
import { adoptionNotes, budgetsOf, rivals } from '../core/adoption/surroundings.ts';
import { unadoptable } from '../core/adoption/unadoptable.ts';
import { ordinalOf } from '../core/app/member-name.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { readList, readString } from '../core/app/read-field.ts';
import { readClaim } from '../core/facts/read-claim.ts';
import { readPod } from '../core/facts/read-pod.ts';
import { readStorageClass } from '../core/facts/read-storage-class.ts';
import { KubeError } from '../kube/errors.ts';
import * as types from '../kube/resource-type.ts';
import type { ObjectClient } from './object-client.ts';
import { ownType } from './own-types.ts';

const AUTOSCALER: types.ResourceType = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced: true,
};

/** What an adoption would do, and what is against it. */
export interface AdoptionReport extends Adoptee {
  readonly manifest: KubeObject;
  /** One sentence each; none: it can be adopted. */
  readonly refused: readonly string[];
  readonly notes: readonly string[];
}

/** Reads all that an adoption depends on, and writes nothing: the API server judges the app in a dry run. Undefined: no such StatefulSet. */
export async function readAdoptee(
  client: ObjectClient,
  name: string,
  framework: string | undefined,
): Promise<AdoptionReport | undefined> {
  const statefulSet = (await client.get(types.STATEFUL_SET, name)) as KubeObject | undefined;
  if (statefulSet === undefined) return undefined;
  const notKnown: string[] = [];
  const read = async (type: types.ResourceType, without: string) =>
    listOr(client, type, (problem) => notKnown.push(`${problem}: ${without}`));
  const [pods, claims, classes, budgets, autoscalers, service] = await Promise.all([
    client.list(types.POD),
    client.list(types.PERSISTENT_VOLUME_CLAIM),
    read(types.STORAGE_CLASS, 'whether the StorageClasses exist is not known'),
    read(types.POD_DISRUPTION_BUDGET, 'whether a disruption budget counts its pods already is not known'),
    read(AUTOSCALER, 'whether an autoscaler scales it is not known'),
    client.get(types.SERVICE, name),
  ]);
  const own = pods.map(readPod).filter((pod) => ordinalOf(name, pod.name) !== undefined);
  const names = new Set(own.flatMap((pod) => pod.claims));
  const templates = readList(statefulSet, 'spec', 'volumeClaimTemplates').map((item) =>
    readString(item, 'metadata', 'name'),
  );
  const held = claims
    .map(readClaim)
    .filter(
      (claim) => names.has(claim.name) && templates.some((volume) => claim.name.startsWith(`${volume}-${name}-`)),
    );
  const around = {
    statefulSet,
    budgets: budgets as readonly KubeObject[],
    autoscalers: autoscalers as readonly KubeObject[],
  };
  const manifest = appManifest({
    statefulSet,
    claims: held,
    hasService: service !== undefined,
    hasBudget: budgetsOf(around).length > 0,
    framework,
  });
  const app = appOf(manifest);
  const storageClasses = classNames(app, classes);
  const facts = { app, claims: held, pods: own, pools: new Map(), storageClasses };
  const wait = notYetAdoptable(facts, statefulSet);
  return {
    app,
    statefulSet,
    pods: own.toSorted((a, b) => (ordinalOf(name, a.name) ?? 0) - (ordinalOf(name, b.name) ?? 0)),
    claims: held.toSorted((a, b) => a.name.localeCompare(b.name)),
    manifest,
    refused: [
      ...new Set([
        ...unadoptable(statefulSet, held),
        ...adoptionProblems(facts, statefulSet),
        ...rivals(around),
        ...(wait === undefined ? [] : [`it is not at rest: ${wait}`]),
        ...(await judged(client, manifest)),
      ]),
    ],
    notes: [...adoptionNotes(around), ...notKnown],
  };
}

/** Of claims and pods we know names and uses; what the cluster calls its classes we may not be allowed to read. */
function classNames(app: PersistentApp, classes: readonly object[]) {
  const found = new Map(classes.map(readStorageClass).map((one) => [one.name, one]));
  if (found.size > 0) return found;
  const named = app.spec.volumeClaims.map(({ storageClassName = '' }) =>
    readStorageClass({ metadata: { name: storageClassName } }),
  );
  return new Map(named.map((one) => [one.name, one]));
}

function appOf(manifest: KubeObject): PersistentApp {
  return parsePersistentApp(manifest);
}

/** What the API server says against the app. An app that is there already is no matter of its own: it may be this adoption, begun before. */
async function judged(client: ObjectClient, manifest: KubeObject): Promise<readonly string[]> {
  try {
    await client.create(ownType('PersistentApp'), manifest, { dryRun: true });
    return [];
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.status === 404) return ['the cluster knows no PersistentApps: install Proffer first'];
    return error.reason === 'AlreadyExists' ? [] : [error.message];
  }
}

async function listOr(
  client: ObjectClient,
  type: types.ResourceType,
  tell: (problem: string) => void,
): Promise<readonly object[]> {
  try {
    return await client.list(type);
  } catch (error) {
    if (!(error instanceof KubeError) || (error.status !== 403 && error.status !== 404)) throw error;
    tell(`${type.plural} cannot be listed (${error.message})`);
    return [];
  }
}
