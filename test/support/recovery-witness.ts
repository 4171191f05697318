// What the API server knows of a recovery, whoever made it: which claims there are, which pod, and how often one was removed.
import type { KubeClient } from '../../src/kube/client.ts';
import { writesSince } from './audit-writes.ts';

interface Listed {
  readonly items: readonly { readonly metadata: { readonly namespace: string; readonly uid: string } }[];
}

/** By namespace, where each has one claim. */
export async function uidsOfClaims(client: KubeClient): Promise<Readonly<Record<string, string>>> {
  const { items } = await client.request<Listed>({ method: 'GET', path: '/api/v1/persistentvolumeclaims' });
  return Object.fromEntries(items.map(({ metadata }) => [metadata.namespace, metadata.uid]));
}

export async function uidOfPod(client: KubeClient, namespace: string, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  return (await client.request<{ metadata: { uid: string } }>({ method: 'GET', path })).metadata.uid;
}

/** How often operators removed a pod in each namespace since a position of the audit log. */
export async function removedPods(auditLogPath: string, since: number): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const { verb, resource, key, status } of await writesSince(auditLogPath, since, 'proffer-operator')) {
    const namespace = key.split('/')[0] ?? '';
    if (verb === 'delete' && resource === 'pods' && status < 300) found[namespace] = (found[namespace] ?? 0) + 1;
  }
  return found;
}

interface Attachments {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly source: { readonly persistentVolumeName: string } };
  }[];
}

interface Volumes {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly claimRef?: { readonly namespace: string } };
  }[];
}

/** Names of VolumeAttachments by the namespace of the claim, where each has one. */
export async function attachmentsOf(client: KubeClient): Promise<Readonly<Record<string, string>>> {
  const list = <T>(path: string): Promise<T> => client.request<T>({ method: 'GET', path });
  const [attachments, volumes] = await Promise.all([
    list<Attachments>('/apis/storage.k8s.io/v1/volumeattachments'),
    list<Volumes>('/api/v1/persistentvolumes'),
  ]);
  const namespaces = new Map(
    volumes.items.map(({ metadata, spec }) => [metadata.name, spec.claimRef?.namespace ?? '']),
  );
  return Object.fromEntries(
    attachments.items.map(({ metadata, spec }) => [
      namespaces.get(spec.source.persistentVolumeName) ?? '',
      metadata.name,
    ]),
  );
}
