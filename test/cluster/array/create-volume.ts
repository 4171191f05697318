import type { ArrayState } from './array-state.ts';
import { checkCapabilities } from './capability.ts';
import { copyQuietly } from './copy-volume.ts';
import { CsiError, required } from './csi-error.ts';
import type { CreateVolumeRequest, StringMap, VolumeContentSource } from './csi-messages.ts';
import { copyImage } from './file-system.ts';
import type { PoolSpec } from './pools.ts';
import { segmentAt } from './topology.ts';
import { checkAttributes } from './volume-attributes.ts';
import { checkMaximum, fitsRange, sizeOf } from './volume-size.ts';
import type { VolumeContent, VolumeRecord, VolumeSource } from './volumes.ts';

/** Makes the volume, or finds the one that an earlier call of the same name made. */
export async function createVolume(array: ArrayState, request: CreateVolumeRequest): Promise<VolumeRecord> {
  const name = required(request.name, 'name');
  const asked = checkCapabilities(request.volume_capabilities);
  const pool = poolOf(array, request.parameters);
  const source = sourceOf(request.volume_content_source);
  checkAttributes(request.mutable_parameters);
  return array.lock.run(`name ${name}`, async () => {
    const known = array.volumes.byName(name);
    if (known !== undefined) checkSame(known, request, pool, source);
    const bytes = sizeOf(request.capacity_range, pool, asked);
    const volume = known ?? reserve(array, request, pool, source, bytes);
    return makeImage(array, volume);
  });
}

/** The pool that the StorageClass names. Throws INVALID_ARGUMENT. */
export function poolOf(array: ArrayState, parameters: StringMap): PoolSpec {
  const unknown = Object.keys(parameters).find((key) => key !== 'pool' && !key.startsWith('csi.storage.k8s.io/'));
  if (unknown !== undefined)
    throw new CsiError('INVALID_ARGUMENT', `parameter ${unknown} is unknown; the array knows only pool`);
  const pool = array.pools.find(parameters['pool']);
  if (pool === undefined) {
    throw new CsiError(
      'INVALID_ARGUMENT',
      `there is no pool ${parameters['pool']}; the array has ${array.pools.names.join(', ')}`,
    );
  }
  return pool;
}

function sourceOf(source: VolumeContentSource | null | undefined): VolumeSource | undefined {
  if (source?.snapshot != null) return { snapshot: required(source.snapshot.snapshot_id, 'snapshot_id') };
  if (source?.volume != null) return { volume: required(source.volume.volume_id, 'volume_id') };
  return undefined;
}

function checkSame(
  known: VolumeRecord,
  request: CreateVolumeRequest,
  pool: PoolSpec,
  source: VolumeSource | undefined,
): void {
  const same =
    known.pool === pool.name &&
    fitsRange(known.capacityBytes, request.capacity_range) &&
    JSON.stringify(known.source) === JSON.stringify(source);
  if (same) return;
  const what = `${known.capacityBytes} bytes in pool ${known.pool}`;
  throw new CsiError('ALREADY_EXISTS', `volume ${known.name} exists with ${what}, which is not what is asked for now`);
}

/** Chooses the segment and takes its space in one step, so that two calls cannot take the same bytes. */
function reserve(
  array: ArrayState,
  request: CreateVolumeRequest,
  pool: PoolSpec,
  source: VolumeSource | undefined,
  bytes: number,
): VolumeRecord {
  checkMaximum(bytes, pool);
  if (source !== undefined) checkSource(array, source, bytes);
  const choices = segments(array, request, pool);
  const fitting = choices.filter((choice) => array.pools.freeBytes(pool, choice) >= bytes);
  if (fitting.length === 0) {
    const free = choices.map(
      (choice) => `${array.pools.freeBytes(pool, choice)} bytes${choice === undefined ? '' : ` in ${choice}`}`,
    );
    throw new CsiError(
      'RESOURCE_EXHAUSTED',
      `pool ${pool.name} has ${free.join(', ') || 'no place'} free, and ${bytes} bytes are needed`,
    );
  }
  const [segment] = fitting;
  const { name, parameters } = request;
  return array.volumes.reserve({
    name,
    claim: claimOf(parameters),
    pool: pool.name,
    scope: pool.scope,
    segment,
    capacityBytes: bytes,
    source,
  });
}

/** Where the volume may be, best first. */
function segments(array: ArrayState, request: CreateVolumeRequest, pool: PoolSpec): ReadonlyArray<string | undefined> {
  if (pool.scope === 'Cluster') return [undefined];
  const wish = request.accessibility_requirements;
  const places = [...(wish?.preferred ?? []), ...(wish?.requisite ?? [])];
  const asked = places.map((place) => segmentAt(pool.scope, place)).filter((segment) => segment !== undefined);
  const known = array.nodes.list().map(({ name, zone }) => (pool.scope === 'Zone' ? (zone ?? 'z1') : name));
  return [...new Set(asked.length > 0 ? asked : known)];
}

function claimOf(parameters: StringMap): string | undefined {
  const name = parameters['csi.storage.k8s.io/pvc/name'];
  return name === undefined ? undefined : `${parameters['csi.storage.k8s.io/pvc/namespace']}/${name}`;
}

/** Throws NOT_FOUND, or OUT_OF_RANGE when the content would not fit. */
function checkSource(array: ArrayState, source: VolumeSource, bytes: number): void {
  const { id, capacityBytes } =
    'snapshot' in source ? array.snapshots.get(source.snapshot) : array.volumes.get(source.volume);
  if (capacityBytes > bytes) {
    throw new CsiError('OUT_OF_RANGE', `${id} has ${capacityBytes} bytes, which do not fit into ${bytes} bytes`);
  }
}

async function makeImage(array: ArrayState, volume: VolumeRecord): Promise<VolumeRecord> {
  return array.volumes.makeImage(volume.id, volume.ready ? undefined : contentOf(array, volume.source));
}

function contentOf(array: ArrayState, source: VolumeSource | undefined): VolumeContent | undefined {
  if (source === undefined) return undefined;
  if ('volume' in source) return { copyTo: (image) => copyQuietly(array, source.volume, image) };
  return {
    copyTo: async (image) => {
      const snapshot = array.snapshots.get(source.snapshot);
      await copyImage(array.snapshots.image(snapshot.id), image);
      return snapshot;
    },
  };
}
