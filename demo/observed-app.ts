// What a person would look at with kubectl, read in one go.
import type { KubeClient } from '../src/kube/client.ts';

export interface ObservedMember {
  readonly name: string;
  /** Node of its slot, or empty. */
  readonly slotNode: string;
  readonly slotState: string;
  readonly podUid: string;
  readonly podNode: string;
  readonly podState: string;
  readonly ready: boolean;
  readonly claim: string;
  readonly claimUid: string;
  readonly volume: string;
  readonly volumeSize: string;
}

export interface ObservedApp {
  readonly status: string;
  readonly reason: string;
  readonly members: readonly ObservedMember[];
}

interface Item {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

interface SlotSpec {
  readonly member: string;
  readonly node: string;
  readonly state: string;
}

async function get(client: KubeClient, path: string): Promise<Item | undefined> {
  return client.request<Item>({ method: 'GET', path, timeoutSeconds: 10 }).catch(() => undefined);
}

async function listItems(client: KubeClient, path: string): Promise<readonly Item[]> {
  return (await client.request<{ items: Item[] }>({ method: 'GET', path, timeoutSeconds: 10 })).items;
}

export async function observeApp(client: KubeClient, namespace: string, name: string): Promise<ObservedApp> {
  const group = `/apis/proffer.dev/v1alpha1/namespaces/${namespace}`;
  const [app, reservation, pods, claims] = await Promise.all([
    get(client, `${group}/persistentapps/${name}`),
    get(client, `${group}/reservations/${name}`),
    listItems(client, `/api/v1/namespaces/${namespace}/pods`),
    listItems(client, `/api/v1/namespaces/${namespace}/persistentvolumeclaims`),
  ]);
  const replicas = Number(app?.spec['replicas'] ?? 0);
  const slots = (reservation?.spec['slots'] as readonly SlotSpec[] | undefined) ?? [];
  const summary = (app?.status?.['summary'] ?? {}) as { readonly status?: string; readonly reason?: string };
  return {
    status: summary.status ?? '',
    reason: summary.reason ?? '',
    members: Array.from({ length: replicas }, (_, ordinal) => observeMember(`${name}-${ordinal}`, slots, pods, claims)),
  };
}

function observeMember(
  name: string,
  slots: readonly SlotSpec[],
  pods: readonly Item[],
  claims: readonly Item[],
): ObservedMember {
  const slot = slots.find((candidate) => candidate.member === name);
  return {
    name,
    slotNode: slot?.node ?? '',
    slotState: slot?.state ?? '',
    ...podColumns(pods.find((candidate) => candidate.metadata.name === name)),
    ...claimColumns(claims.find((candidate) => candidate.metadata.name.endsWith(`-${name}`))),
  };
}

function podColumns(pod: Item | undefined): Pick<ObservedMember, 'podUid' | 'podNode' | 'podState' | 'ready'> {
  const conditions = (pod?.status?.['conditions'] ?? []) as readonly {
    readonly type: string;
    readonly status: string;
  }[];
  const ready = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  return {
    podUid: pod?.metadata.uid ?? '',
    podNode: (pod?.spec['nodeName'] as string | undefined) ?? '',
    podState: podState(pod),
    ready: ready && pod?.metadata.deletionTimestamp === undefined,
  };
}

function claimColumns(claim: Item | undefined): Pick<ObservedMember, 'claim' | 'claimUid' | 'volume' | 'volumeSize'> {
  const capacity = (claim?.status?.['capacity'] ?? {}) as { readonly storage?: string };
  return {
    claim: claim?.metadata.name ?? '',
    claimUid: claim?.metadata.uid ?? '',
    volume: (claim?.spec['volumeName'] as string | undefined) ?? '',
    volumeSize: capacity.storage ?? '',
  };
}

function podState(pod: Item | undefined): string {
  if (pod === undefined) return '';
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = (
    (pod.status?.['containerStatuses'] ?? []) as readonly {
      readonly state?: { readonly waiting?: { readonly reason?: string } };
    }[]
  )
    .map(({ state }) => state?.waiting?.reason)
    .find((reason) => reason !== undefined);
  return waiting ?? (pod.status?.['phase'] as string | undefined) ?? '';
}
