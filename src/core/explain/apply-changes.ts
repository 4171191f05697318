import { RESOURCE_ATTACH_PREFIX, RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Tenant } from '../allocator/decision.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { formatBytes, parseBytes } from '../resources/quantity.ts';
import type { LoadedCluster } from '../view/load-objects.ts';
import { ZONE_LABEL } from '../view/node-table.ts';
import type { Change } from './change.ts';
import { type Undo, addCopies } from './node-copies.ts';

type Of<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>;

/** A cluster as it would be with these changes, until it is undone; undefined: one of them is not of a kind that can be tried. */
export function applyChanges(cluster: LoadedCluster, changes: readonly Change[]): Undo | undefined {
  const done: Undo[] = [];
  const undo: Undo = () => done.toReversed().forEach((one) => one());
  for (const change of changes) {
    const one = applyOne(cluster, change);
    if (one === undefined) {
      undo();
      return undefined;
    }
    done.push(one);
  }
  return undo;
}

/** The tenants with the limits that the changes want, and lending what they want. */
export function withLimits(tenants: readonly Tenant[], changes: readonly Change[]): readonly Tenant[] {
  const raised = changes.filter((change) => change.kind === 'limit' || change.kind === 'lend');
  return raised.reduce((all, { kind, framework, resource, amount }) => {
    const raise = (tenant: Tenant): Tenant => {
      const { limit, lendingLimit, guarantee } = tenant;
      if (kind === 'limit') return { ...tenant, limit: { ...limit, [resource]: (limit[resource] ?? 0) + amount } };
      const lent = lendingLimit[resource] ?? guarantee[resource] ?? 0;
      return { ...tenant, lendingLimit: { ...lendingLimit, [resource]: lent + amount } };
    };
    return all.map((tenant) => (tenant.name === framework ? raise(tenant) : tenant));
  }, tenants);
}

function applyOne(cluster: LoadedCluster, change: Change): Undo | undefined {
  switch (change.kind) {
    case 'amount':
      return enlarge(cluster, change);
    case 'lift':
      return lift(cluster, change);
    case 'nodes':
      return addCopies(cluster, change.like, change.count, change.room).undo;
    default:
      return () => undefined;
  }
}

function enlarge(cluster: LoadedCluster, change: Of<'amount'>): Undo | undefined {
  const node = cluster.view.node(change.node);
  if (node === undefined) return undefined;
  if (change.what.startsWith(RESOURCE_STORAGE_PREFIX)) return enlargeStorage(cluster, node, change);
  if (change.what.startsWith(RESOURCE_ATTACH_PREFIX)) return enlargeAttach(cluster, node, change);
  return replaceNode(cluster, node, {
    allocatable: {
      ...node.allocatable,
      [change.what]: (node.allocatable[change.what] ?? 0) + change.amount + overcommitted(cluster, change),
    },
  });
}

/** What is charged beyond what there is: only after that is more free at all. */
function overcommitted({ view }: LoadedCluster, { node, what }: Of<'amount'>): number {
  const row = view.nodeTable.rowOf(node) ?? -1;
  const column = view.nodeTable.columns.names.indexOf(what);
  return column < 0 ? 0 : Math.max(0, -view.scratch().freeAt(row, column));
}

function lift(cluster: LoadedCluster, { node: name, reason }: Of<'lift'>): Undo | undefined {
  const node = cluster.view.node(name);
  if (node === undefined) return undefined;
  if (reason === 'NodeCordoned') return replaceNode(cluster, node, { unschedulable: false });
  return reason === 'NodeNotReady' ? replaceNode(cluster, node, { ready: true }) : undefined;
}

function replaceNode({ view }: LoadedCluster, node: NodeFacts, parts: Partial<NodeFacts>): Undo {
  view.setNode({ ...node, ...parts });
  return () => view.setNode(node);
}

function enlargeAttach(cluster: LoadedCluster, node: NodeFacts, { what, amount }: Of<'amount'>): Undo | undefined {
  const csiNode = cluster.csiNodes.get(node.name);
  const driver = what.slice(RESOURCE_ATTACH_PREFIX.length);
  const limit = csiNode?.drivers.find(({ name }) => name === driver)?.attachLimit;
  if (csiNode === undefined || limit === undefined) return undefined;
  const used = cluster.view.storage.attachments.inUse(node.name, driver).size;
  const raised = Math.max(limit, used) + amount;
  const drivers = csiNode.drivers.map((one) => (one.name === driver ? { ...one, attachLimit: raised } : one));
  return replaceCsiNode(cluster, csiNode, { ...csiNode, drivers });
}

function replaceCsiNode(
  { csiNodes, view }: LoadedCluster,
  before: ReturnType<LoadedCluster['csiNodes']['get']> & object,
  after: typeof before,
): Undo {
  csiNodes.set(before.name, after);
  view.setCsiNode(after);
  return () => {
    csiNodes.set(before.name, before);
    view.setCsiNode(before);
  };
}

/** Wherever the node gets volumes of the class from: what the driver publishes, and what pools declare for its zone. */
function enlargeStorage(cluster: LoadedCluster, node: NodeFacts, { what, amount }: Of<'amount'>): Undo {
  const className = what.slice(RESOURCE_STORAGE_PREFIX.length);
  const row = cluster.view.nodeTable.rowOf(node.name) ?? -1;
  const { capacity } = cluster.view.storage;
  const segments = capacity.segmentsAt(className, row) ?? [];
  const short = Math.max(0, ...segments.map((segment) => -capacity.freeBytes(className, segment)));
  const undo: Undo[] = [];
  for (const [key, facts] of cluster.capacities) {
    const serves = Object.entries(facts.nodeLabels ?? {}).every(([label, value]) => node.labels[label] === value);
    if (facts.storageClassName !== className || facts.nodeLabels === undefined || !serves) continue;
    const after = { ...facts, capacityBytes: facts.capacityBytes + amount + short };
    cluster.capacities.set(key, after);
    cluster.view.setCapacity(after);
    undo.push(() => {
      cluster.capacities.set(key, facts);
      cluster.view.setCapacity(facts);
    });
  }
  for (const [name, pool] of cluster.pools) {
    if (cluster.view.storage.facts.classOfPool(name) !== className) continue;
    const after = withBudget(pool, node.labels[ZONE_LABEL] ?? '', amount + short);
    cluster.pools.set(name, after);
    cluster.view.setPool(after);
    undo.push(() => {
      cluster.pools.set(name, pool);
      cluster.view.setPool(pool);
    });
  }
  return () => undo.toReversed().forEach((one) => one());
}

function withBudget(pool: StoragePool, zone: string, bytes: number): StoragePool {
  const perZone = pool.spec.capacity.perZone.map((one) =>
    one.zone === zone ? { ...one, size: formatBytes(parseBytes(one.size) + bytes) } : one,
  );
  return { ...pool, spec: { ...pool.spec, capacity: { ...pool.spec.capacity, perZone } } };
}
