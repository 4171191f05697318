import type { NodeTable } from './node-table.ts';

/**
 * How long after a volume was made the capacity that its driver publishes may be without it: two of the intervals at which
 * external-provisioner asks the driver by default (`--capacity-poll-interval=1m`). It asks after each volume that it makes, too, so this
 * is how long a guess may stand that is too careful.
 */
export const PUBLISHED_AFTER_SECONDS = 120;

/** A volume that is made for a node. */
export interface NewVolume {
  readonly storageClassName: string;
  readonly node: string;
  readonly bytes: number;
}

/** Where something changed. */
export interface LatePlace {
  readonly storageClassName: string;
  readonly row: number;
}

interface Late extends LatePlace {
  readonly bytes: number;
  /** By storage class: how many bytes of what its published capacity fell by are put down to this volume. */
  readonly told: Map<string, number>;
  /** Epoch seconds. Undefined: it is being made, and counts as a promise. */
  untilSeconds: number | undefined;
  /** Its bytes are free again; what is published may yet fall for it, and not for another one. */
  isGone: boolean;
}

/**
 * Volumes of which the published capacity may not tell yet. A volume is no promise any more once its claim is bound; what its driver
 * published before that knows nothing of it, and its bytes would be given out a second time (kubernetes-csi/external-provisioner#545).
 * So they count until the published capacity of its place fell by as much. Nothing says *for which* volume a capacity falls: falls are
 * put down to volumes in the order in which they were made, and first to those whose claim is bound; the sum is right whatever the order.
 * The capacity often falls before the claim is bound: that is remembered with the claim while its volume is being made.
 *
 * What rises is not looked at. A volume deleted at the same time hides a fall, and a leader that just started saw none: then the bytes
 * count too long, and a time ends it. So do those of others when a volume goes for which nothing fell yet.
 */
export class LateVolumes {
  readonly #nodes: NodeTable;
  /** By claim. */
  readonly #making = new Map<string, Late>();
  /** By name of the PersistentVolume. */
  readonly #made = new Map<string, Late>();
  readonly #onRow = new Map<number, Set<Late>>();
  #now = 0;
  /** Volumes that nobody saw, so far. */
  #unseen = 0;

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
  }

  get isEmpty(): boolean {
    return this.#making.size === 0 && this.#made.size === 0;
  }

  /** A driver is making the claim's volume; undefined: it makes none, or none for it any more. */
  making(claimKey: string, volume: NewVolume | undefined): void {
    const before = this.#making.get(claimKey);
    if (volume !== undefined && before !== undefined && this.#isSame(before, volume)) return;
    const after = volume === undefined ? undefined : this.#add(volume);
    if (before !== undefined) this.#remove(before);
    if (after === undefined) this.#making.delete(claimKey);
    else this.#making.set(claimKey, after);
  }

  /**
   * The claim's volume was made, and its promise is over: it counts here until what is published tells of it, or until `untilSeconds`
   * (epoch). Said again it changes nothing. Returns where that matters.
   */
  made(name: string, claimKey: string, volume: NewVolume, untilSeconds: number): LatePlace | undefined {
    const making = this.#making.get(claimKey);
    const isNew = !this.#made.has(name) && untilSeconds > this.#now;
    const late = isNew ? this.#add(volume) : undefined;
    if (late !== undefined) {
      for (const [reader, bytes] of making?.told ?? []) late.told.set(reader, Math.min(bytes, late.bytes));
      late.untilSeconds = untilSeconds;
      this.#made.set(name, late);
    }
    this.making(claimKey, undefined);
    return late;
  }

  /** The volume is gone, and its bytes with it. What fell before may have been for it: see `takeBack`. */
  gone(name: string): LatePlace | undefined {
    const late = this.#made.get(name);
    if (late !== undefined) late.isGone = true;
    return late;
  }

  /** Whether this volume was made, and is gone: it is not being made for a claim that still names it. */
  isGone(name: string): boolean {
    return this.#made.get(name)?.isGone === true;
  }

  /** The claim is gone. Its volume, if one was being made, may have come and gone unseen: what is published may yet fall for it. */
  claimGone(claimKey: string): LatePlace | undefined {
    const late = this.#making.get(claimKey);
    if (late === undefined) return undefined;
    this.#making.delete(claimKey);
    late.untilSeconds = this.#now + PUBLISHED_AFTER_SECONDS;
    late.isGone = true;
    this.#unseen += 1;
    // No volume has such a name.
    this.#made.set(`/${this.#unseen}`, late);
    return late;
  }

  /** It is `now` (epoch seconds): volumes whose time is over. */
  expire(now: number): readonly LatePlace[] {
    this.#now = Math.max(this.#now, now);
    const over: LatePlace[] = [];
    for (const [name, late] of this.#made) {
      if ((late.untilSeconds ?? 0) > now) continue;
      this.#made.delete(name);
      this.#remove(late);
      over.push(late);
    }
    return over;
  }

  /** When the next volume's time is over, epoch seconds; undefined: there is none. */
  nextExpiry(): number | undefined {
    let next: number | undefined;
    for (const { untilSeconds = 0 } of this.#made.values()) next = Math.min(next ?? untilSeconds, untilSeconds);
    return next;
  }

  /** What is published for class `reader` and these rows fell by so much, for volumes of `classes` (all on the same disks). */
  fell(reader: string, classes: readonly string[], rows: ReadonlySet<number>, bytes: number): void {
    const late = this.#in(classes, rows);
    const made = late.filter(({ untilSeconds }) => untilSeconds !== undefined);
    const making = late.filter(({ untilSeconds }) => untilSeconds === undefined);
    let rest = bytes;
    for (const volume of [...made, ...making]) {
      const told = Math.min(rest, volume.bytes - (volume.told.get(reader) ?? 0));
      if (told <= 0) continue;
      volume.told.set(reader, (volume.told.get(reader) ?? 0) + told);
      rest -= told;
    }
  }

  /**
   * What class `reader` publishes fell, and was put down to volumes beside one that is gone now: as much as that one lacks may have been
   * for it, and the others count for so much longer. Otherwise what is published rises for the one that is gone, and what has not fallen
   * for them yet is given out. To be called for each place in which `gone` and `claimGone` found one.
   */
  takeBack(reader: string, classes: readonly string[], rows: ReadonlySet<number>): void {
    const late = this.#in(classes, rows);
    for (const left of late.filter(({ isGone }) => isGone)) {
      for (const other of late.toReversed()) {
        const lacks = left.bytes - (left.told.get(reader) ?? 0);
        const back = other.isGone ? 0 : Math.min(lacks, other.told.get(reader) ?? 0);
        if (back <= 0) continue;
        other.told.set(reader, (other.told.get(reader) ?? 0) - back);
        left.told.set(reader, (left.told.get(reader) ?? 0) + back);
      }
    }
  }

  /** Bytes of made volumes of `classes` in these rows that are still in what is published for class `reader`. */
  bytesIn(reader: string, classes: readonly string[], rows: ReadonlySet<number>): number {
    let sum = 0;
    for (const { untilSeconds, isGone, bytes, told } of this.#in(classes, rows)) {
      if (untilSeconds !== undefined && !isGone) sum += bytes - (told.get(reader) ?? 0);
    }
    return sum;
  }

  /** Of few nodes, or of few volumes: whichever are fewer are gone through. In the order in which they came. */
  #in(classes: readonly string[], rows: ReadonlySet<number>): readonly Late[] {
    if (this.#onRow.size === 0) return NONE;
    const isHere = ({ storageClassName }: Late): boolean => classes.includes(storageClassName);
    if (rows.size === 1) {
      const [row = -1] = rows;
      return [...(this.#onRow.get(row) ?? NONE)].filter(isHere);
    }
    return [...this.#made.values(), ...this.#making.values()].filter((late) => rows.has(late.row) && isHere(late));
  }

  #isSame({ storageClassName, row, bytes }: Late, volume: NewVolume): boolean {
    return (
      storageClassName === volume.storageClassName && bytes === volume.bytes && this.#nodes.names[row] === volume.node
    );
  }

  #add({ storageClassName, node, bytes }: NewVolume): Late {
    const row = this.#nodes.retain(node);
    const late: Late = { storageClassName, row, bytes, told: new Map(), untilSeconds: undefined, isGone: false };
    this.#onRow.set(row, (this.#onRow.get(row) ?? new Set<Late>()).add(late));
    return late;
  }

  #remove(late: Late): void {
    const others = this.#onRow.get(late.row);
    others?.delete(late);
    if (others?.size === 0) this.#onRow.delete(late.row);
    this.#nodes.release(late.row);
  }
}

const NONE: readonly Late[] = [];
