import type { KubeClient } from '../../src/kube/client.ts';
import { pathOf, type ResourceType } from '../../src/kube/resource-type.ts';

/** The name of the app that faults are tried on, one in each namespace. */
export const APP = 'app';

export const APPS: ResourceType = {
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'PersistentApp',
  plural: 'persistentapps',
  namespaced: true,
};

const TEMPLATE = {
  spec: {
    containers: [
      { name: 'main', image: 'localhost/busybox:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } },
    ],
  },
};

/** Small members with a volume each. */
export function faultApp(namespace: string, replicas: number): object {
  return {
    apiVersion: APPS.apiVersion,
    kind: APPS.kind,
    metadata: { name: APP, namespace },
    spec: {
      replicas,
      retention: { reuse: 'Adopt' },
      update: { minReadySeconds: 0 },
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '1Gi', pool: 'data' }],
      template: TEMPLATE,
    },
  };
}

interface Live {
  readonly metadata: { readonly generation: number };
  readonly status?: { readonly readyReplicas?: number; readonly observedGeneration?: number };
}

/** Whether the app says of its newest spec that so many members are ready. */
export async function hasReadyMembers(client: KubeClient, namespace: string, replicas: number): Promise<boolean> {
  const { metadata, status } = await client.request<Live>({ method: 'GET', path: pathOf(APPS, namespace, APP) });
  return status?.readyReplicas === replicas && status.observedGeneration === metadata.generation;
}
