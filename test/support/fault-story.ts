// What happens to an app while a fault is armed, by an administrator's hand, and when the operator has done its part of it.
import type { KubeClient } from '../../src/kube/client.ts';
import { FINALIZER_VOLUMES } from '../../src/api/labels.ts';
import {
  PERSISTENT_VOLUME_CLAIM,
  POD,
  POD_DISRUPTION_BUDGET,
  SERVICE,
  STATEFUL_SET,
  pathOf,
  type ResourceType,
} from '../../src/kube/resource-type.ts';
import { APP, APPS, faultApp, hasReadyMembers } from './fault-app.ts';

export type Story = 'create' | 'scaleOut' | 'scaleIn' | 'delete' | 'grow' | 'rebuild' | 'backup' | 'leave';

/** At the end of which stories the app is as this one begins: the first is played when there is no such app. */
export const BEGINS_AFTER: Readonly<Record<Story, readonly Story[]>> = {
  create: [],
  scaleOut: ['create'],
  scaleIn: ['scaleOut'],
  delete: ['scaleIn'],
  grow: ['create'],
  rebuild: ['create', 'grow'],
  backup: ['create', 'grow'],
  leave: ['create', 'grow'],
};

/** Which write to the app's Reservation is the allocator's decision. */
export const DECIDES: Readonly<Record<Story, 'first' | 'last' | 'none'>> = {
  create: 'first',
  scaleOut: 'first',
  scaleIn: 'none',
  delete: 'none',
  grow: 'none',
  rebuild: 'last',
  backup: 'none',
  leave: 'none',
};

/** Writes that are not counted, and at which nobody is killed: what the app's status says of a Rebuild follows from the rest, and is half of what is written. */
export const SPARES: Readonly<Partial<Record<Story, string>>> = { rebuild: '/persistentapps/' };

const REPLICAS = { create: 3, scaleOut: 4, scaleIn: 3, grow: 3, rebuild: 3, backup: 3 } as const;

/** The member that gets a new volume. */
export const REBUILT = `${APP}-1`;

const OPERATIONS: ResourceType = { ...APPS, kind: 'AppOperation', plural: 'appoperations' };
const BACKUPS: ResourceType = { ...APPS, kind: 'AppBackup', plural: 'appbackups' };
const RESERVATIONS: ResourceType = { ...APPS, kind: 'Reservation', plural: 'reservations' };

/** From 1Gi. */
const GROWN = '2Gi';

/** Tells the API server what the story is about. */
export async function tell(client: KubeClient, story: Story, namespace: string): Promise<void> {
  switch (story) {
    case 'create':
      await client.request({ method: 'POST', path: pathOf(APPS, namespace), body: faultApp(namespace, 3) });
      return;
    case 'scaleOut':
    case 'scaleIn':
      await client.request({
        method: 'PATCH',
        path: `${pathOf(APPS, namespace, APP)}/scale`,
        contentType: 'application/merge-patch+json',
        body: { spec: { replicas: REPLICAS[story] } },
      });
      return;
    case 'grow':
      await client.request({
        method: 'PATCH',
        path: pathOf(APPS, namespace, APP),
        contentType: 'application/json-patch+json',
        body: [{ op: 'replace', path: '/spec/volumeClaims/0/size', value: GROWN }],
      });
      return;
    case 'rebuild':
      await client.request({
        method: 'POST',
        path: pathOf(OPERATIONS, namespace),
        body: {
          apiVersion: OPERATIONS.apiVersion,
          kind: OPERATIONS.kind,
          metadata: { name: story, namespace },
          spec: { type: 'Rebuild', app: APP, members: [REBUILT] },
        },
      });
      return;
    case 'backup':
      await client.request({
        method: 'POST',
        path: pathOf(BACKUPS, namespace),
        body: {
          apiVersion: BACKUPS.apiVersion,
          kind: BACKUPS.kind,
          metadata: { name: story, namespace },
          spec: { app: APP },
        },
      });
      return;
    case 'leave':
      await leave(client, namespace);
      return;
    case 'delete':
      // In the foreground: the app is there until what it owns is gone, and the operator sees it go.
      await client.request({
        method: 'DELETE',
        path: pathOf(APPS, namespace, APP),
        body: { propagationPolicy: 'Foreground' },
      });
  }
}

/** Deleted with its volumes, which are copied first. What holds it is put there in the same write, since it goes at once without. */
async function leave(client: KubeClient, namespace: string): Promise<void> {
  const path = pathOf(APPS, namespace, APP);
  const retention = { whenDeleted: 'SnapshotThenDelete' };
  const body = { metadata: { finalizers: [FINALIZER_VOLUMES] }, spec: { retention } };
  await client.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
  await client.request({ method: 'DELETE', path });
}

/** Whether all that the story is about has come; the app may still move a little. */
export async function isTold(client: KubeClient, story: Story, namespace: string): Promise<boolean> {
  if (story === 'delete') {
    return (await count(client, namespace, POD)) === 0 && (await count(client, namespace, APPS)) === 0;
  }
  if (story === 'leave') {
    // Garbage collection comes after the app.
    const types = [POD, APPS, PERSISTENT_VOLUME_CLAIM, STATEFUL_SET, SERVICE, POD_DISRUPTION_BUDGET, RESERVATIONS];
    const left = types.map((type) => count(client, namespace, type));
    return (await Promise.all(left)).every((found) => found === 0);
  }
  const replicas = REPLICAS[story];
  if (story === 'grow' && !(await hasGrown(client, namespace))) return false;
  if (story === 'rebuild' && !(await isRebuilt(client, namespace))) return false;
  if (story === 'backup' && !(await isBackedUp(client, namespace))) return false;
  return (await hasReadyMembers(client, namespace, replicas)) && (await count(client, namespace, POD)) === replicas;
}

/** The order is carried out, and status lists the claim of the old volume. */
async function isRebuilt(client: KubeClient, namespace: string): Promise<boolean> {
  const read = async (path: string) => (await client.request<{ status?: Told }>({ method: 'GET', path })).status;
  const [order, app] = await Promise.all([
    read(pathOf(OPERATIONS, namespace, 'rebuild')),
    read(pathOf(APPS, namespace, APP)),
  ]);
  if (order?.state === 'Failed') throw new Error(JSON.stringify(order));
  return order?.state === 'Complete' && app?.retiredClaims?.length === 1;
}

async function isBackedUp(client: KubeClient, namespace: string): Promise<boolean> {
  const path = pathOf(BACKUPS, namespace, 'backup');
  const { status } = await client.request<{ status?: { readonly readyToUse?: boolean } }>({ method: 'GET', path });
  return status?.readyToUse === true;
}

interface Told {
  readonly state?: string;
  readonly retiredClaims?: readonly unknown[];
}

/** Claims ask for more, the StatefulSet was replaced, and its pods are older than it: nobody was restarted. */
async function hasGrown(client: KubeClient, namespace: string): Promise<boolean> {
  const read = async (type: ResourceType) =>
    (await client.request<{ items: Sized[] }>({ method: 'GET', path: pathOf(type, namespace) })).items;
  const [claims, [set], pods, [app]] = [
    await read(PERSISTENT_VOLUME_CLAIM),
    await read(STATEFUL_SET),
    await read(POD),
    await read(APPS),
  ];
  const asks = [...claims, ...(set?.spec.volumeClaimTemplates ?? [])].map(
    ({ spec }) => spec.resources?.requests.storage,
  );
  const made = set?.metadata.creationTimestamp ?? '';
  return (
    asks.length === 4 &&
    asks.every((size) => size === GROWN) &&
    pods.every(({ metadata }) => (metadata.creationTimestamp ?? '') < made) &&
    pods.every(({ metadata }) => metadata.ownerReferences?.[0]?.uid === set?.metadata.uid) &&
    app?.status?.replacement === undefined
  );
}

interface Sized {
  readonly metadata: {
    readonly uid: string;
    readonly creationTimestamp?: string;
    readonly ownerReferences?: readonly { uid: string }[];
  };
  readonly spec: {
    readonly resources?: { readonly requests: { readonly storage: string } };
    readonly volumeClaimTemplates?: readonly Sized[];
  };
  readonly status?: { readonly replacement?: unknown };
}

async function count(client: KubeClient, namespace: string, type: ResourceType): Promise<number> {
  const list = await client.request<{ items: unknown[] }>({ method: 'GET', path: pathOf(type, namespace) });
  return list.items.length;
}
