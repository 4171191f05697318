import { RESOURCE_ATTACH_PREFIX, RESOURCE_STORAGE_PREFIX } from '../../../api/labels.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import { NODE_NAME_FIELD } from '../../facts/read-volume.ts';
import type { TopologyTerm } from '../../facts/storage-facts.ts';
import { showBytes } from '../../resources/show-amount.ts';
import type { ClusterView } from '../../view/cluster-view.ts';
import type { CapacityLimit } from '../../view/pool-capacity.ts';
import type { Segment } from '../../view/segments.ts';
import type { Scratch } from '../../view/scratch.ts';
import { failureWords } from '../failure-words.ts';
import type { MemberNeed, NeededVolume } from '../member-need.ts';
import type { Tell } from '../tell.ts';

/** Where the volumes are asked about: a node, with what has been placed on the scratch so far. */
export interface VolumeSite {
  readonly view: ClusterView;
  readonly scratch: Scratch;
  readonly node: NodeFacts;
  readonly row: number;
  readonly now: number;
}

/** The member's volumes can be reached from the node, made for it and attached to it, all of them together. */
export function volumesFit(site: VolumeSite, need: MemberNeed, tell?: Tell): boolean {
  if (need.volumes.length === 0) return true;
  const reached = reachable(site, need, tell);
  if (!reached && tell === undefined) return false;
  const made = makeable(site, need, tell);
  if (!made && tell === undefined) return false;
  return attachable(site, need, tell) && reached && made;
}

function reachable({ node }: VolumeSite, need: MemberNeed, tell?: Tell): boolean {
  let fits = true;
  for (const volume of need.volumes) {
    const place = elsewhere(volume, node);
    if (place === undefined) continue;
    fits = false;
    if (tell === undefined) return false;
    tell('VolumePinnedElsewhere', () => `volume of claim ${volume.claim} is only reachable from ${place}`);
  }
  return fits;
}

/** Where the volume is, when that is not this node; undefined: it can be reached, or is nowhere yet. */
function elsewhere({ bound, madeOn }: NeededVolume, node: NodeFacts): string | undefined {
  if (madeOn !== '') return madeOn === node.name ? undefined : madeOn;
  const terms = bound?.nodeTerms;
  if (terms === undefined || terms.some((term) => termMatches(node, term))) return undefined;
  return terms.map(showTerm).join(' or ');
}

function makeable(site: VolumeSite, need: MemberNeed, tell?: Tell): boolean {
  let fits = true;
  for (const [storageClassName, bytes] of need.newBytes) {
    if (classFits(site, need, { storageClassName, bytes }, tell)) continue;
    fits = false;
    if (tell === undefined) return false;
  }
  return fits;
}

interface Wanted {
  readonly storageClassName: string;
  /** Of all the member's new volumes of the class together, and of those that are taken from the same disks. */
  readonly bytes: number;
}

function classFits(site: VolumeSite, need: MemberNeed, wanted: Wanted, tell?: Tell): boolean {
  const largest = need.largestBytes.get(wanted.storageClassName) ?? 0;
  const problem = classProblem(site, wanted.storageClassName, largest);
  if (problem !== undefined) {
    tell?.(...problem);
    return false;
  }
  let fits = true;
  const { capacity } = site.view.storage;
  for (const limit of capacity.limitsAt(wanted.storageClassName, site.row)) {
    const bytes = capacity.wantedOf(wanted.storageClassName, limit.source, need.newBytes);
    const together = { ...wanted, bytes };
    if (limit.segments.some((segment) => segmentFits(site, segment, together, largest))) continue;
    fits = false;
    if (tell === undefined) return false;
    tellLimit(site, limit, together, largest, tell);
  }
  return fits;
}

function segmentFits(
  site: VolumeSite,
  segment: Segment,
  { storageClassName, bytes }: Wanted,
  largest: number,
): boolean {
  if (segment.maximumBytes !== undefined && largest > segment.maximumBytes) return false;
  return bytes <= site.scratch.segmentFree(storageClassName, segment);
}

/** What rules the node out for the class before any number is looked at. */
function classProblem({ view, node, now }: VolumeSite, name: string, largest: number): Parameters<Tell> | undefined {
  const storageClass = view.storage.facts.classes.get(name);
  const topologies = storageClass?.allowedTopologies;
  if (topologies !== undefined && !topologies.some((term) => termMatches(node, term))) {
    const places = topologies.map(showTerm).join(' or ');
    return ['VolumeTopologyMismatch', () => `storage class ${name} makes volumes for ${places} only`];
  }
  const driver = storageClass?.provisioner ?? '';
  const elsewhere = view.storage.attachments.nodesWithDriver(driver);
  if (elsewhere > 0 && view.storage.attachments.runsDriver(node.name, driver) === false) {
    return [
      'VolumeTopologyMismatch',
      () => `driver ${driver} does not run on it (it runs on ${elsewhere} other nodes)`,
    ];
  }
  const failure = view.storage.failures.of(node.name, name, largest, now);
  return failure && ['ProvisioningFailed', () => failureWords(name, node.name, failure)];
}

function tellLimit(
  { view, scratch }: VolumeSite,
  { source, segments }: CapacityLimit,
  { storageClassName, bytes }: Wanted,
  largest: number,
  tell: Tell,
): void {
  const [best] = segments.toSorted(
    (a, b) => scratch.segmentFree(storageClassName, b) - scratch.segmentFree(storageClassName, a),
  );
  if (best === undefined) {
    if (source === 'published' && view.storage.capacity.isPublishing(storageClassName)) {
      const driver = view.storage.facts.classes.get(storageClassName)?.provisioner ?? '';
      const message = (): string =>
        `needs ${showBytes(bytes)}: driver ${driver} publishes capacity, and none for StorageClass ${storageClassName} on this node`;
      tell('InsufficientPoolCapacity', message);
    } else {
      tell('VolumeTopologyMismatch', () => `storage class ${storageClassName} publishes no capacity for it`);
    }
    return;
  }
  const what = `${RESOURCE_STORAGE_PREFIX}${storageClassName}`;
  const free = Math.max(0, scratch.segmentFree(storageClassName, best));
  if (best.maximumBytes !== undefined && largest > best.maximumBytes) {
    const most = showBytes(best.maximumBytes);
    const message = (): string =>
      `one volume needs ${showBytes(largest)}, class ${storageClassName} makes at most ${most} in ${best.place}`;
    tell('VolumeTooLarge', message, { what, needed: largest, free: best.maximumBytes });
  }
  if (bytes > free) {
    const message = (): string =>
      `needs ${showBytes(bytes)} of class ${storageClassName}, ${showBytes(free)} free in ${best.place}`;
    tell('InsufficientPoolCapacity', message, { what, needed: bytes, free });
  }
}

function attachable({ scratch, row }: VolumeSite, need: MemberNeed, tell?: Tell): boolean {
  let fits = true;
  for (const [driver, claims] of need.attaches) {
    const room = scratch.attachRoom(row, driver, claims);
    if (room === undefined || room.wanted <= room.free) continue;
    fits = false;
    if (tell === undefined) return false;
    const free = Math.max(0, room.free);
    const message = (): string => `needs ${room.wanted} attach slots of ${driver}, ${free} free`;
    tell('TooManyAttachments', message, { what: `${RESOURCE_ATTACH_PREFIX}${driver}`, needed: room.wanted, free });
  }
  return fits;
}

/** Whether the node has one of the values of every key. */
export function termMatches(node: NodeFacts, term: TopologyTerm): boolean {
  return Object.keys(term).every((key) => {
    const value = key === NODE_NAME_FIELD ? node.name : node.labels[key];
    return value !== undefined && term[key]?.includes(value) === true;
  });
}

function showTerm(term: TopologyTerm): string {
  const keys = Object.keys(term);
  if (keys.length === 1) return (term[keys[0] ?? ''] ?? []).join(', ') || 'nowhere';
  return keys.map((key) => `${key}=${(term[key] ?? []).join(',')}`).join(' and ');
}
