// The state of one app as two runs are compared by: what exists, what it says, and which claims it has. UIDs, versions and times are masked;
// the identity of claims and volumes never is (the caller compares it within one run).
import type { KubeClient } from '../../src/kube/client.ts';

interface Item {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface AppSnapshot {
  /** Comparable between namespaces and runs. */
  readonly shape: unknown;
  /** Claim name → claim UID and volume name: within one run these never change. */
  readonly volumes: Readonly<Record<string, string>>;
}

const PATHS = {
  services: '/api/v1/namespaces/NS/services',
  statefulSets: '/apis/apps/v1/namespaces/NS/statefulsets',
  budgets: '/apis/policy/v1/namespaces/NS/poddisruptionbudgets',
  reservations: '/apis/proffer.dev/v1alpha1/namespaces/NS/reservations',
  pods: '/api/v1/namespaces/NS/pods',
  claims: '/api/v1/namespaces/NS/persistentvolumeclaims',
  apps: '/apis/proffer.dev/v1alpha1/namespaces/NS/persistentapps',
} as const;

async function items(client: KubeClient, path: string, namespace: string): Promise<readonly Item[]> {
  const list = await client.request<{ items: Item[] }>({ method: 'GET', path: path.replace('NS', namespace) });
  return list.items.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}

/** Reads the namespace's objects live. One app per namespace is expected. */
export async function snapshotApp(client: KubeClient, namespace: string): Promise<AppSnapshot> {
  const entries = await Promise.all(
    Object.entries(PATHS).map(async ([name, path]) => [name, await items(client, path, namespace)] as const),
  );
  const all = Object.fromEntries(entries) as Record<keyof typeof PATHS, readonly Item[]>;
  return {
    shape: {
      names: Object.fromEntries(
        Object.entries(all).map(([name, list]) => [name, list.map((item) => item.metadata.name)]),
      ),
      replicas: all.statefulSets.map((item) => item.spec?.['replicas']),
      slots: all.reservations.map((item) => slotShapes(item)),
      claims: all.claims.map((item) => ({ name: item.metadata.name, phase: item.status?.['phase'] })),
      conditions: all.apps.map((item) => conditionShapes(item)),
    },
    volumes: Object.fromEntries(all.claims.map((claim) => [claim.metadata.name, identityOf(claim)])),
  };
}

function identityOf(claim: Item): string {
  return `${claim.metadata.uid} ${(claim.spec?.['volumeName'] as string | undefined) ?? ''}`;
}

/** Which node a member got may differ between runs; that each has its own, claimed by its pod, may not. */
function slotShapes(reservation: Item): unknown {
  const slots =
    (reservation.spec?.['slots'] as readonly {
      member: string;
      node: string;
      state: string;
      volumes: readonly { claim: string }[];
    }[]) ?? [];
  return {
    slots: slots.map(({ member, state, volumes }) => ({ member, state, claims: volumes.map(({ claim }) => claim) })),
    nodes: new Set(slots.map(({ node }) => node)).size,
  };
}

function conditionShapes(app: Item): unknown {
  const conditions = (app.status?.['conditions'] as readonly { type: string; status: string; reason: string }[]) ?? [];
  return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`).toSorted();
}
