// Apps whose volumes change while they run, and what is read of them.
import type { Live } from './running-product.ts';

export const NAMESPACE = 'growth';

export interface Claim extends Live {
  readonly spec: Live['spec'] & { readonly volumeAttributesClassName?: string };
}

export interface App extends Live {
  readonly status?: NonNullable<Live['status']> & {
    readonly replacement?: object;
    readonly retiredClaims?: readonly { readonly claim: string }[];
    readonly members?: readonly {
      readonly name: string;
      readonly volumes: readonly { readonly claim: string; readonly state: string; readonly message?: string }[];
    }[];
  };
}

export const volume = (name: string, size: string, parts: object = {}) => ({
  name,
  mountPath: `/${name}`,
  size,
  storageClassName: 'array',
  ...parts,
});

export function app(name: string, volumeClaims: readonly object[], spec: object = {}): object {
  const requests = { cpu: '50m', memory: '32Mi' };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 3,
      template: {
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: 'localhost/busybox:1', resources: { requests } }],
        },
      },
      volumeClaims,
      update: { minReadySeconds: 0 },
      ...spec,
    },
  };
}
