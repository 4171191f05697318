// Disks, the driver that makes volumes on them and tells now and then what is left, and three watches that bring the news late: each in
// its own order, one before or after the other as it happens.
import type { Reservation } from '../../src/api/reservation.ts';
import type { CapacityFacts, ClaimFacts, VolumeFacts } from '../../src/core/facts/storage-facts.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import {
  GI,
  NOW,
  capacityFacts,
  claimFacts,
  reservation,
  slot,
  volumeDemand,
  volumeFacts,
} from '../support/core-builders.ts';
import { type DiskOptions, NODES, ROOM, ZONE, ZONES, emptyDisks } from './empty-disks.ts';

/** The driver tells what is left at least so often. */
const POLL_SECONDS = 60;

interface Member {
  readonly name: string;
  readonly zone: string;
  readonly storageClassName: string;
  readonly bytes: number;
  claim: ClaimFacts | undefined;
  volume: VolumeFacts | undefined;
  /** Its bytes are taken from the disks. */
  isMade: boolean;
}

type News = (view: ClusterView) => void;

export class DiskWorld {
  readonly #options: DiskOptions;
  readonly #members: Member[] = [];
  readonly #published = new Map<string, CapacityFacts>();
  readonly #news = { claims: [] as News[], volumes: [] as News[], capacities: [] as News[] };
  readonly #nodeOf = new Map<Member, string>();
  #view: ClusterView;
  #now = NOW;
  #pollAt = NOW + POLL_SECONDS;
  #promised = 0;
  #made = 0;

  constructor(options: DiskOptions) {
    this.#options = options;
    this.#view = emptyDisks(this.#options, this.#now);
    this.publish();
    this.#deliverAll();
  }

  get view(): ClusterView {
    return this.#view;
  }

  /** A slot, if the view says that there is room for its volume. */
  promise(pick: number, gigabytes: number): void {
    const [node, zone] = at(NODES, pick);
    const storageClassName = at(this.#options.classes, pick);
    const bytes = gigabytes * GI;
    if ((this.free(node, storageClassName) ?? Number.POSITIVE_INFINITY) < bytes) return;
    this.#promised += 1;
    const member: Member = {
      name: `m${this.#promised}-0`,
      zone,
      storageClassName,
      bytes,
      claim: undefined,
      volume: undefined,
      isMade: false,
    };
    this.#members.push(member);
    this.#view.setReservation(slotOf(member, node));
    this.#nodeOf.set(member, node);
  }

  /** One step of a volume's making: its claim gets a node, the driver makes it, it becomes an object, the claim is bound. */
  proceed(pick: number): void {
    const open = this.#members.filter(isOpen);
    const member = open[pick % Math.max(1, open.length)];
    if (member === undefined) return;
    const { name, storageClassName, bytes } = member;
    const node = this.#nodeOf.get(member) ?? '';
    if (member.claim === undefined) {
      this.#setClaim(member, claimFacts(`data-${name}`, { storageClassName, bytes, selectedNode: node }));
    } else if (!member.isMade) member.isMade = true;
    else if (member.volume === undefined) {
      this.#made += 1;
      const volume = volumeFacts(`pv-${this.#made}`, {
        storageClassName,
        bytes,
        claim: { namespace: 'shop', name: `data-${name}`, uid: `uid-data-${name}` },
        nodeTerms: [{ [ZONE]: [member.zone] }],
        createdAtSeconds: Math.floor(this.#now),
      });
      member.volume = volume;
      this.#news.volumes.push((view) => view.setVolume(volume));
    } else this.#setClaim(member, { ...member.claim, volumeName: member.volume.name, phase: 'Bound' });
  }

  /** A member with a bound volume, or without any, goes for good. */
  remove(pick: number): void {
    const removable = this.#members.filter(({ claim }) => claim === undefined || claim.volumeName !== '');
    const member = removable[pick % Math.max(1, removable.length)];
    if (member === undefined) return;
    this.#members.splice(this.#members.indexOf(member), 1);
    this.#view.deleteReservation(`shop/${appOf(member)}`);
    const { claim, volume } = member;
    if (claim !== undefined) this.#news.claims.push((view) => view.deleteClaim(`shop/${claim.name}`));
    if (volume !== undefined) this.#news.volumes.push((view) => view.deleteVolume(volume.name));
  }

  /** The driver tells what is left; of one class, or of all. */
  publish(pick?: number): void {
    if (this.#options.isDeclared === true) return;
    const classes = pick === undefined ? this.#options.classes : [at(this.#options.classes, pick)];
    for (const storageClassName of classes) {
      for (const zone of ZONES) {
        const name = `${storageClassName}-${zone}`;
        const nodeLabels = { [ZONE]: zone };
        const facts = capacityFacts(name, { storageClassName, nodeLabels, capacityBytes: this.left(zone) });
        if (this.#published.get(name)?.capacityBytes === facts.capacityBytes) continue;
        this.#published.set(name, facts);
        this.#news.capacities.push((view) => view.setCapacity(facts));
      }
    }
  }

  /** Objects are deleted and made anew, as when the provisioner starts. */
  republish(): void {
    for (const name of this.#published.keys())
      this.#news.capacities.push((view) => view.deleteCapacity(`kube-system/${name}`));
    this.#published.clear();
    this.publish();
  }

  deliver(kind: 'claims' | 'volumes' | 'capacities'): void {
    this.#news[kind].shift()?.(this.#view);
  }

  /** Time passes; what was begun before the driver tells the next time is done by then. */
  wait(seconds: number): void {
    const until = this.#now + seconds;
    for (; this.#pollAt <= until; this.#pollAt += POLL_SECONDS) {
      this.#now = this.#pollAt;
      this.settle();
    }
    this.#now = until;
    this.#view.advance(this.#now);
  }

  /** Every volume that was begun is made, told and seen. */
  settle(): void {
    for (let steps = 4 * this.#members.length; steps > 0; steps -= 1) {
      const begun = this.#members.filter(isOpen).findIndex(({ claim }) => claim !== undefined);
      if (begun >= 0) this.proceed(begun);
    }
    this.publish();
    this.#deliverAll();
    this.#view.advance(this.#now);
  }

  /** Another leader: it sees what there is, and remembers nothing. */
  restart(): void {
    for (const queue of Object.values(this.#news)) queue.length = 0;
    this.#view = emptyDisks(this.#options, this.#now);
    for (const facts of this.#published.values()) this.#view.setCapacity(facts);
    for (const member of this.#members) {
      if (member.volume !== undefined) this.#view.setVolume(member.volume);
      if (member.claim !== undefined) this.#view.setClaim(member.claim);
      this.#view.setReservation(slotOf(member, this.#nodeOf.get(member) ?? ''));
    }
  }

  /** What the view says is free; undefined: unlimited. */
  free(node: string, storageClassName: string): number | undefined {
    const { capacity } = this.#view.storage;
    const limits = capacity.limitsAt(storageClassName, this.#view.nodeTable.rowOf(node) ?? -1);
    const rooms = limits.map(({ segments }) => segments.map((one) => capacity.freeBytes(storageClassName, one)));
    return rooms.length === 0 ? undefined : Math.min(...rooms.map((room) => Math.max(0, ...room)));
  }

  /** What is left of a zone's disks. */
  left(zone: string): number {
    return ROOM - sum(this.#members.filter((member) => member.zone === zone && member.isMade));
  }

  /** What nobody has and nobody was promised. */
  trulyFree(zone: string): number {
    return this.left(zone) - sum(this.#members.filter((member) => member.zone === zone && !member.isMade));
  }

  /** By node and class: what the view would give, and what there is. */
  *offers(): Iterable<{ readonly where: string; readonly said: number; readonly there: number }> {
    for (const [node, zone] of NODES) {
      for (const name of this.#options.classes) {
        yield { where: `${node} ${name}`, said: this.free(node, name) ?? Infinity, there: this.trulyFree(zone) };
      }
    }
  }

  #setClaim(member: Member, claim: ClaimFacts): void {
    member.claim = claim;
    this.#news.claims.push((view) => view.setClaim(claim));
  }

  #deliverAll(): void {
    for (const queue of Object.values(this.#news)) for (const news of queue.splice(0)) news(this.#view);
  }
}

/** Its claim is not bound, or not even there. */
function isOpen({ claim }: Member): boolean {
  return claim === undefined || claim.volumeName === '';
}

function appOf({ name }: Member): string {
  return name.slice(0, -2);
}

function slotOf(member: Member, node: string): Reservation {
  const { name, storageClassName, bytes } = member;
  const volume = { ...volumeDemand(`data-${name}`, { storageClassName, bytes }), pinned: false };
  return reservation(appOf(member), [slot(name, node, { volumes: [volume] })]);
}

function sum(members: readonly Member[]): number {
  return members.reduce((total, { bytes }) => total + bytes, 0);
}

function at<T>(list: readonly T[], pick: number): T {
  const found = list[pick % list.length];
  if (found === undefined) throw new Error('an empty list');
  return found;
}
