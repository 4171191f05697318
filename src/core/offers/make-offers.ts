import { RESOURCE_ATTACH_PREFIX, RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Reason } from '../../api/reasons.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { nodeUsable } from '../placement/stages/node-usable.ts';
import { taintsTolerated } from '../placement/stages/taints.ts';
import type { Resources } from '../resources/resources.ts';
import { showAmount } from '../resources/show-amount.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { ZONE_LABEL } from '../view/node-table.ts';

/**
 * What one node could give one framework now: a snapshot, never a lock. It holds while the node's generation is the same; another
 * framework may be offered the same room.
 */
export interface Offer {
  readonly node: string;
  readonly zone: string;
  /** Of the node in the view; see ClusterView.generation. */
  readonly generation: number;
  /** Node resources that are free after pods and slots, as far as the framework's limits allow. */
  readonly free: Resources;
  /** Free bytes by storage class or pool that the node can use; undefined: no limit is known. Shared with other nodes of the segment. */
  readonly storageBytes: Readonly<Record<string, number | undefined>>;
  /** By CSI driver: how many more volumes can be attached. */
  readonly attach: Readonly<Record<string, number>>;
  /** Why members may not go there; empty: they may. A taint keeps out those who do not tolerate it. */
  readonly keptOutBy: readonly { readonly reason: Reason; readonly message: string }[];
}

/** Whom offers are made to. `headroom`: what its limits leave (see FrameworkAccount). */
export interface Offered {
  readonly name: string;
  readonly headroom: Resources;
}

/** Today's offers, one a node, by node name. Without a framework: what the nodes could give to one without limits. */
export function makeOffers(view: ClusterView, framework: Offered | undefined): readonly Offer[] {
  const drivers = driversOf(view);
  const scratch = view.scratch();
  return view
    .nodes()
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((node) => ({
      node: node.name,
      zone: node.labels[ZONE_LABEL] ?? '',
      generation: view.generation(node.name),
      free: within(view.free(node.name), framework?.headroom ?? {}),
      storageBytes: storageAt(view, scratch, node, framework?.headroom ?? {}),
      attach: attachAt(view, node.name, drivers, framework?.headroom ?? {}),
      keptOutBy: keptOut(view, node, framework),
    }));
}

function within(free: Resources, headroom: Resources): Resources {
  return Object.fromEntries(
    Object.entries(free).map(([name, amount]) => [name, Math.min(amount, headroom[name] ?? amount)]),
  );
}

/** By pool where a pool has the class, else by class. */
function storageAt(
  view: ClusterView,
  scratch: ReturnType<ClusterView['scratch']>,
  node: NodeFacts,
  headroom: Resources,
): Offer['storageBytes'] {
  const { facts, capacity } = view.storage;
  const row = view.nodeTable.rowOf(node.name) ?? -1;
  const pools = [...facts.pools.keys()].toSorted();
  const ofPools = new Set(pools.map((pool) => facts.classOfPool(pool) ?? ''));
  const classes = [...facts.classes.keys()].filter((name) => !ofPools.has(name)).toSorted();
  const free = (className: string): number | undefined => {
    const rooms = capacity
      .limitsAt(className, row)
      .map(({ segments }) => Math.max(0, ...segments.map((segment) => scratch.segmentFree(className, segment))));
    return rooms.length === 0 ? undefined : Math.min(...rooms);
  };
  const ofPool = (pool: string): number | undefined => {
    const bytes = free(facts.classOfPool(pool) ?? '');
    const limit = headroom[`${RESOURCE_STORAGE_PREFIX}${pool}`];
    return limit === undefined || bytes === undefined ? (bytes ?? limit) : Math.min(bytes, limit);
  };
  return Object.fromEntries([
    ...pools.map((pool) => [pool, ofPool(pool)] as const),
    ...classes.map((name) => [name, free(name)] as const),
  ]);
}

function driversOf(view: ClusterView): readonly string[] {
  return [...new Set([...view.storage.facts.classes.values()].map(({ provisioner }) => provisioner))].toSorted();
}

function attachAt(view: ClusterView, node: string, drivers: readonly string[], headroom: Resources): Offer['attach'] {
  return Object.fromEntries(
    drivers.flatMap((driver) => {
      const free = view.attachFree(node, driver);
      const limit = headroom[`${RESOURCE_ATTACH_PREFIX}${driver}`];
      return free === undefined ? [] : [[driver, Math.min(free, limit ?? free)] as const];
    }),
  );
}

/** The same stages as placement asks, of an app without tolerations; then the framework's limit, once nothing is left of it. */
function keptOut(view: ClusterView, node: NodeFacts, framework: Offered | undefined): Offer['keptOutBy'] {
  const told: { readonly reason: Reason; readonly message: string }[] = [];
  const tell = (reason: Reason, message: () => string): void => void told.push({ reason, message: message() });
  nodeUsable(node, [], tell);
  taintsTolerated(node, [], tell);
  for (const [resource, left] of Object.entries(framework?.headroom ?? {})) {
    if (left > 0) continue;
    const message = `framework ${framework?.name ?? ''} may have no more ${resource}: ${showAmount(resource, left)} left of its limit`;
    told.push({ reason: 'FrameworkLimit', message });
  }
  const free = view.free(node.name);
  if ((free['pods'] ?? 0) < 1) told.push({ reason: 'TooManyPods', message: 'it runs as many pods as it may' });
  return told;
}
