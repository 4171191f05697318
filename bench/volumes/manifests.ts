import { APP_MEMBERS, VOLUMES, classOf } from './layout.ts';

export const MEMBERS_NAMESPACE = 'members';
export const PLAIN_NAMESPACE = 'plain';

const API = 'proffer.dev/v1alpha1';

export function storagePools(): readonly object[] {
  return ['bulk', 'fast'].map((name) => ({
    apiVersion: API,
    kind: 'StoragePool',
    metadata: { name },
    spec: { storageClassName: classOf(name) },
  }));
}

export function namespaces(): readonly object[] {
  return [MEMBERS_NAMESPACE, PLAIN_NAMESPACE].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
}

const POD_SPEC = {
  terminationGracePeriodSeconds: 0,
  automountServiceAccountToken: false,
  containers: [
    {
      name: 'main',
      image: 'localhost/none',
      resources: { requests: { cpu: '100m', memory: '64Mi' } },
    },
  ],
};

/** An app of ten, or of another number. `whole`: all of its members get a slot, or none. */
export function persistentApp(name: string, replicas = APP_MEMBERS, whole = false): object {
  return {
    apiVersion: API,
    kind: 'PersistentApp',
    metadata: { name, namespace: MEMBERS_NAMESPACE },
    spec: {
      replicas,
      ...(whole ? { gang: { minMembers: replicas } } : {}),
      template: { spec: POD_SPEC },
      volumeClaims: VOLUMES.map((volume) => ({
        name: volume.name,
        mountPath: `/${volume.name}`,
        size: `${volume.gib}Gi`,
        pool: volume.pool,
      })),
    },
  };
}

/** The same without Proffer: ten pods by the default scheduler, claims through the same provisioner. */
export function plainStatefulSet(name: string): object {
  const labels = { app: name };
  const [container] = POD_SPEC.containers;
  const volumeMounts = VOLUMES.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` }));
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: PLAIN_NAMESPACE },
    spec: {
      replicas: APP_MEMBERS,
      serviceName: name,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...POD_SPEC, containers: [{ ...container, volumeMounts }] } },
      volumeClaimTemplates: VOLUMES.map(({ name: volume, pool, gib }) => ({
        metadata: { name: volume },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: classOf(pool),
          resources: { requests: { storage: `${gib}Gi` } },
        },
      })),
    },
  };
}
