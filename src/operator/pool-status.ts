import type { StoragePool, StoragePoolStatus } from '../api/storage-pool.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import type { CapacityFacts, TopologyTerm, VolumeFacts } from '../core/facts/storage-facts.ts';
import { formatBytes, parseBytes } from '../core/resources/quantity.ts';

/** What a pool's figures are made of: all of its class only. */
export interface PoolWorld {
  readonly capacities: readonly CapacityFacts[];
  readonly volumes: readonly VolumeFacts[];
  /** Volumes that slots are promised and that are not provisioned yet, and where. */
  readonly promises: readonly { readonly node: NodeFacts; readonly bytes: number }[];
  /** The same of other pools on the same disks: they take from what the driver publishes for this one. Absent: none. */
  readonly promisesBeside?: PoolWorld['promises'];
}

type Labels = Readonly<Record<string, string>>;
type Figures = Pick<StoragePoolStatus, 'capacity' | 'provisioned' | 'reserved' | 'free' | 'volumes' | 'segments'>;

interface Segment {
  readonly name: string;
  /** Which nodes and volumes belong to it. */
  readonly labels: Labels;
  /** `free` is what the driver says is left; `all` what the administrator declared. */
  readonly bytes: { readonly free: number } | { readonly all: number };
}

const ZONE_LABEL = 'topology.kubernetes.io/zone';
const SEGMENT_LIMIT = 1024;

/** Capacity, provisioned, reserved and free bytes of a pool and its volumes, in sum and by topology segment. */
export function poolFigures(pool: StoragePool, world: PoolWorld): Figures {
  const segments = segmentsOf(pool, world.capacities).map((segment) => figuresOf(segment, world));
  const known = segments.length > 0;
  const capacity = segments.reduce((total, segment) => total + segment.capacity, 0);
  return {
    capacity: known ? formatBytes(capacity) : '',
    provisioned: formatBytes(sum(world.volumes)),
    reserved: formatBytes(sum(world.promises)),
    free: known ? formatBytes(segments.reduce((total, segment) => total + segment.free, 0)) : '',
    volumes: world.volumes.length,
    segments: segments.slice(0, SEGMENT_LIMIT).map((segment) => ({
      segment: segment.name,
      capacity: formatBytes(segment.capacity),
      provisioned: formatBytes(segment.provisioned),
      reserved: formatBytes(segment.reserved),
      free: formatBytes(segment.free),
      volumes: segment.volumes,
    })),
  };
}

function segmentsOf(pool: StoragePool, capacities: readonly CapacityFacts[]): readonly Segment[] {
  const { source, perZone } = pool.spec.capacity;
  if (source === 'Declared') {
    return perZone.map(({ zone, size }) => ({
      name: zone === '' ? 'no zone' : zone,
      labels: { [ZONE_LABEL]: zone },
      bytes: { all: parseBytes(size) },
    }));
  }
  const byName = new Map<string, Segment>();
  for (const { nodeLabels, capacityBytes } of capacities) {
    if (nodeLabels === undefined) continue;
    const name = nameOf(nodeLabels);
    const known = byName.get(name)?.bytes;
    // Two objects for one segment: a leftover beside its successor.
    const free = known !== undefined && 'free' in known ? Math.max(known.free, capacityBytes) : capacityBytes;
    byName.set(name, { name, labels: nodeLabels, bytes: { free } });
  }
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function nameOf(labels: Labels): string {
  const keys = Object.keys(labels).toSorted();
  return keys.length === 0 ? 'all' : keys.map((key) => labels[key]).join(',');
}

function figuresOf({ name, labels, bytes }: Segment, { volumes, promises, promisesBeside = [] }: PoolWorld) {
  const there = volumes.filter((volume) => (volume.nodeTerms ?? [{}]).some((term) => touches(term, labels)));
  const provisioned = sum(there);
  const promisedIn = (all: PoolWorld['promises']): number =>
    sum(all.filter(({ node }) => Object.entries(labels).every(([key, value]) => (node.labels[key] ?? '') === value)));
  const reserved = promisedIn(promises);
  const capacity = 'all' in bytes ? bytes.all : bytes.free + provisioned;
  const beside = 'all' in bytes ? 0 : promisedIn(promisesBeside);
  // A budget may be lowered below what is there already.
  const free = Math.max(0, capacity - provisioned - reserved - beside);
  return { name, capacity, provisioned, reserved, free, volumes: there.length };
}

function sum(list: readonly { readonly bytes: number }[]): number {
  return list.reduce((total, item) => total + item.bytes, 0);
}

/** Whether a volume that can be reached from these nodes lies in the segment. Drivers have labels of their own for a zone. */
function touches(term: TopologyTerm, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => {
    const values =
      term[key] ??
      (key === ZONE_LABEL ? Object.entries(term).find(([other]) => other.endsWith('/zone'))?.[1] : undefined);
    return values?.includes(value) ?? value === '';
  });
}

/** The promises of a pool's class among these slots: volumes whose claim is not bound to a volume yet. */
export function promisesOf(
  { pool, className }: { readonly pool: string; readonly className: string },
  slots: readonly HeldSlot[],
  nodeOf: (name: string) => NodeFacts | undefined,
  isProvisioned: (namespace: string, claim: string) => boolean,
): PoolWorld['promises'] {
  return slots.flatMap(({ namespace, slot }) => {
    const node = nodeOf(slot.node);
    if (node === undefined) return [];
    const open = slot.volumes.filter(
      (volume) =>
        (volume.storageClassName === '' ? volume.pool === pool : volume.storageClassName === className) &&
        !isProvisioned(namespace, volume.claim),
    );
    return open.map(({ bytes }) => ({ node, bytes }));
  });
}
