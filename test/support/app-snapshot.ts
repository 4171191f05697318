// The state of one app as two runs are compared by: what exists, what it says, and which claims it has. UIDs, versions and times are masked;
// the identity of claims and volumes never is (the caller compares it within one run).
import type { KubeClient } from '../../src/kube/client.ts';

interface Item {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
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
  services: '/api/v1/services',
  statefulSets: '/apis/apps/v1/statefulsets',
  budgets: '/apis/policy/v1/poddisruptionbudgets',
  reservations: '/apis/proffer.dev/v1alpha1/reservations',
  pods: '/api/v1/pods',
  claims: '/api/v1/persistentvolumeclaims',
  apps: '/apis/proffer.dev/v1alpha1/persistentapps',
} as const;

type Items = Readonly<Record<keyof typeof PATHS, readonly Item[]>>;

/** Reads the objects of these namespaces live, in one list for each kind. One app per namespace is expected. */
export async function snapshotApps(client: KubeClient, namespaces: readonly string[]): Promise<readonly AppSnapshot[]> {
  const lists = await Promise.all(
    Object.entries(PATHS).map(async ([kind, path]) => {
      const { items } = await client.request<{ items: readonly Item[] }>({ method: 'GET', path });
      return [kind, Map.groupBy(items, ({ metadata }) => metadata.namespace)] as const;
    }),
  );
  return namespaces.map((namespace) => {
    const all = lists.map(([kind, items]) => [
      kind,
      (items.get(namespace) ?? []).toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name)),
    ]);
    return snapshotOf(Object.fromEntries(all) as Items);
  });
}

function snapshotOf(all: Items): AppSnapshot {
  return {
    shape: {
      names: Object.fromEntries(
        Object.entries(all).map(([name, list]) => [name, list.map((item) => maskedName(item))]),
      ),
      replicas: all.statefulSets.map((item) => item.spec?.['replicas']),
      slots: all.reservations.map((item) => slotShapes(item)),
      claims: all.claims.map((item) => ({ name: maskedName(item), phase: item.status?.['phase'] })),
      conditions: all.apps.map((item) => conditionShapes(item)),
    },
    volumes: Object.fromEntries(all.claims.map((claim) => [claim.metadata.name, identityOf(claim)])),
  };
}

/** A claim that keeps an old volume is named after the UID of the claim that had it. */
function maskedName({ metadata }: Item): string {
  return metadata.name.replace(/(-retired-)x[0-9a-f]+$/, '$1UID');
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
