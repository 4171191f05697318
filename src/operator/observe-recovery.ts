import type { Reservation } from '../api/reservation.ts';
import type { PodFacts } from '../core/facts/pod-facts.ts';
import type { ClaimFacts } from '../core/facts/storage-facts.ts';
import { exclusiveVolumeTest } from '../core/recovery/exclusive-volumes.ts';
import type { VolumeFacts } from '../core/facts/storage-facts.ts';
import { termMatches } from '../core/placement/stages/volumes-fit.ts';
import type { NodeTrouble } from '../core/recovery/node-trouble.ts';
import type { RecoveryFacts } from '../core/recovery/recovery-facts.ts';
import type { Stores } from './caches.ts';
import { knownStorage } from './recovery-storage.ts';
import { BY_VOLUME, type RecoveryWatch } from './recovery-watch.ts';

interface AppParts {
  readonly reservation: Reservation | undefined;
  readonly pods: readonly PodFacts[];
  readonly claims: readonly ClaimFacts[];
}

/** What an app's facts say of nodes in trouble; undefined when all of its nodes are well and none of its slots is on the move. */
export function observeRecovery(app: AppParts, stores: Stores, watch: RecoveryWatch): RecoveryFacts | undefined {
  const slots = app.reservation?.spec.slots ?? [];
  const volumes = app.claims.map((claim) => claim.volumeName).filter((name) => name !== '');
  const attachments = volumes.flatMap((volume) => stores.attachments.byIndex(BY_VOLUME, volume));
  const names = new Set([
    ...app.pods.map((pod) => pod.nodeName),
    ...slots.map((slot) => slot.node),
    ...attachments.map((attachment) => attachment.nodeName),
  ]);
  names.delete('');
  const trouble = new Map<string, NodeTrouble>();
  for (const name of names) {
    const found = watch.troubleOf(name);
    if (found !== undefined) trouble.set(name, found);
  }
  if (trouble.size === 0 && slots.every((slot) => slot.state !== 'Moving')) return undefined;
  return {
    trouble,
    attachments,
    breakerProblem: watch.breakerProblem(),
    exclusiveVolumes: exclusiveVolumes(volumes, stores),
    ...lockedVolumes(volumes, stores, trouble.size === 0 ? new Set() : watch.lostZones()),
  };
}

const ZONE = 'topology.kubernetes.io/zone';

/** Volumes that no node of another zone can reach. */
function lockedVolumes(
  names: readonly string[],
  stores: Stores,
  lost: ReadonlySet<string>,
): Pick<RecoveryFacts, 'lockedVolumes'> {
  if (lost.size === 0) return {};
  const locked = names.flatMap((name) => {
    const volume = stores.volumes.get(name);
    const zones = volume === undefined ? [] : zonesOf(volume, stores);
    const [zone] = zones;
    return zone !== undefined && zones.every((one) => lost.has(one)) ? [[name, zone] as const] : [];
  });
  return locked.length === 0 ? {} : { lockedVolumes: new Map(locked) };
}

/** Of the nodes that can reach the volume; empty: every node can. */
function zonesOf({ nodeTerms }: VolumeFacts, { nodes }: Stores): readonly string[] {
  if (nodeTerms === undefined) return [];
  const near = nodes.list().filter((node) => nodeTerms.some((term) => termMatches(node, term)));
  return [...new Set(near.map(({ labels }) => labels[ZONE] ?? ''))];
}

function exclusiveVolumes(names: readonly string[], stores: Stores): ReadonlySet<string> {
  const isExclusive = exclusiveVolumeTest(knownStorage(stores));
  return new Set(names.filter((name) => isExclusive(stores.volumes.get(name))));
}
