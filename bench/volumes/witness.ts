// Looks at the API server and at the array's books again and again, and says what must never be and was. It asks none of our programs.
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { ArrayControl } from '../../test/cluster/array/array-control.ts';
import { type Layout, ATTACH_LIMIT, bytesOfMember } from './layout.ts';
import { MEMBERS_NAMESPACE } from './manifests.ts';

interface Named {
  readonly metadata: { readonly name: string; readonly uid: string };
}
interface Claim extends Named {
  readonly spec: { readonly volumeName?: string };
  readonly status: { readonly phase?: string };
}
interface Reservation extends Named {
  readonly spec: { readonly slots?: readonly { readonly member: string; readonly node: string }[] };
}
interface Attachment extends Named {
  readonly spec: { readonly nodeName: string };
}
interface ListOf<T> {
  readonly items: readonly T[];
}

const MEMBERS = `namespaces/${MEMBERS_NAMESPACE}`;

/** Fifteen hundred claims are megabytes: whoever looks at them all the time measures himself. */
const MILLISECONDS_PER_MEMBER = 20;

export interface Progress {
  readonly slots: number;
  readonly bound: number;
  readonly attached: number;
}

export class Witness {
  readonly violations = new Set<string>();
  /** Requests to the API server so far. */
  requests = 0;
  samples = 0;
  /** The most members that a zone was ever promised. */
  fullestZone = 0;
  /** The most volumes that were ever attached to a node. */
  fullestNode = 0;
  /** Where each member has its slot, as of the last look. */
  slots: ReadonlyMap<string, string> = new Map();
  readonly #client: KubeClient;
  readonly #array: ArrayControl;
  readonly #layout: Layout;
  readonly #zoneOf: ReadonlyMap<string, string>;
  readonly #claims = new Map<string, string>();
  #volumes: Omit<Progress, 'slots'> = { bound: 0, attached: 0 };
  #wholeAt = Number.NEGATIVE_INFINITY;

  constructor(client: KubeClient, array: ArrayControl, layout: Layout, zoneOf: ReadonlyMap<string, string>) {
    this.#client = client;
    this.#array = array;
    this.#layout = layout;
    this.#zoneOf = zoneOf;
  }

  /** At the slots every time; at all else when that is some time ago, or `isWhole`. */
  async look(isWhole = false): Promise<Progress> {
    this.samples += 1;
    const reservations = await this.#list<Reservation>(`/apis/proffer.dev/v1alpha1/${MEMBERS}/reservations`);
    const slots = reservations.flatMap(({ spec }) => spec.slots ?? []);
    this.slots = new Map(slots.map(({ member, node }) => [member, node]));
    this.#judgeSlots(slots.map(({ node }) => node));
    const isDue = performance.now() - this.#wholeAt > this.#layout.members * MILLISECONDS_PER_MEMBER;
    if (isWhole || isDue) this.#volumes = await this.#lookAtVolumes();
    return { slots: slots.length, ...this.#volumes };
  }

  async #lookAtVolumes(): Promise<Omit<Progress, 'slots'>> {
    const claims = await this.#list<Claim>(`/api/v1/${MEMBERS}/persistentvolumeclaims`);
    const attachments = await this.#list<Attachment>('/apis/storage.k8s.io/v1/volumeattachments');
    this.#judgeClaims(claims);
    this.#judgeNodes(
      'VolumeAttachments',
      attachments.map(({ spec }) => spec.nodeName),
    );
    const attached = await this.#array.attachments();
    this.#judgeNodes(
      'the array',
      attached.map(({ node }) => node),
    );
    await this.#judgeArray();
    const bound = claims.filter(({ status }) => status.phase === 'Bound').length;
    this.#wholeAt = performance.now();
    return { bound, attached: attached.length };
  }

  #judgeSlots(nodes: readonly string[]): void {
    const zones = countOf(nodes.map((node) => this.#zoneOf.get(node) ?? ''));
    for (const [zone, members] of zones) {
      this.fullestZone = Math.max(this.fullestZone, members);
      if (members > this.#layout.membersPerZone)
        this.violations.add(
          `zone ${zone} has storage for ${this.#layout.membersPerZone} members, and is promised to ${members}`,
        );
    }
  }

  /** A claim that was seen stays, and is that very one. */
  #judgeClaims(claims: readonly Claim[]): void {
    const found = new Map(claims.map(({ metadata }) => [metadata.name, metadata.uid]));
    for (const [name, uid] of this.#claims) if (found.get(name) !== uid) this.violations.add(`claim ${name} was lost`);
    for (const [name, uid] of found) this.#claims.set(name, uid);
  }

  #judgeNodes(who: string, nodes: readonly string[]): void {
    for (const [node, volumes] of countOf(nodes)) {
      this.fullestNode = Math.max(this.fullestNode, volumes);
      if (volumes > ATTACH_LIMIT)
        this.violations.add(`${node} takes ${ATTACH_LIMIT} volumes, and has ${volumes} as ${who} says`);
    }
  }

  async #judgeArray(): Promise<void> {
    const used = new Map<string, number>();
    for (const { pool, segment, capacityBytes, claim, name } of await this.#array.volumes()) {
      const place = `${pool} in zone ${segment ?? ''}`;
      used.set(place, (used.get(place) ?? 0) + capacityBytes);
      const [namespace, claimName = ''] = claim?.split('/') ?? [];
      const node = this.slots.get(claimName.slice(claimName.indexOf('-') + 1));
      if (namespace === MEMBERS_NAMESPACE && node !== undefined && this.#zoneOf.get(node) !== segment)
        this.violations.add(`volume ${name} of ${claimName} is in zone ${segment ?? ''}, its member's slot on ${node}`);
    }
    this.#judgePools(used);
  }

  #judgePools(used: ReadonlyMap<string, number>): void {
    for (const { name, capacityBytes } of this.#layout.pools) {
      for (const [place, bytes] of used) {
        if (place.startsWith(`${name} `) && bytes > capacityBytes)
          this.violations.add(`${place} holds ${capacityBytes} bytes, and has volumes of ${bytes}`);
      }
    }
  }

  async #list<T>(path: string): Promise<readonly T[]> {
    this.requests += 1;
    return (await this.#client.request<ListOf<T>>({ method: 'GET', path })).items;
  }
}

/** What all slots at one place would fill, for a sentence. */
export function fullestShare({ membersPerZone, pools }: Layout, members: number): string {
  const shares = pools.map(({ name, capacityBytes }) => (members * bytesOfMember(name)) / capacityBytes);
  return `${(Math.max(...shares, 0) * 100).toFixed(1)} % (${members} of ${membersPerZone} members)`;
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
