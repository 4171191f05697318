import { join } from 'node:path';
import { RecordFolder } from './record-folder.ts';

/** What can be broken on demand. `volume` is the volume's id (PersistentVolume `spec.csi.volumeHandle`). */
export type Fault =
  /** Each named call (default: all) is answered only after the delay. */
  | {
      readonly kind: 'slowCalls';
      readonly milliseconds: number;
      readonly calls?: readonly string[];
      readonly node?: string;
    }
  /** Each named call fails with the gRPC code, before it does anything; `times` bounds how often (default: until healed). */
  | { readonly kind: 'failCalls'; readonly calls: readonly string[]; readonly code: string; readonly times?: number }
  /** Each named call is done and its answer lost: the caller sees UNAVAILABLE. */
  | { readonly kind: 'loseReplies'; readonly calls: readonly string[]; readonly times?: number }
  /** The mounted file system stands still for `stallMilliseconds`, runs for `runMilliseconds` (default 100), and so on. */
  | {
      readonly kind: 'slowDisk';
      readonly volume: string;
      readonly stallMilliseconds: number;
      readonly runMilliseconds?: number;
    }
  /** The pool has no byte left for new volumes, snapshots and growth. `segment`: only that zone or node. */
  | { readonly kind: 'fullPool'; readonly pool: string; readonly segment?: string }
  /** No byte is left in the mounted file system: writers get ENOSPC. */
  | { readonly kind: 'fullVolume'; readonly volume: string }
  /** Writers get EROFS (ext4), or the file system shuts down as XFS does on a write-protected disk; mounts are read-only from now on. */
  | { readonly kind: 'readOnly'; readonly volume: string }
  /** Reads and writes fail with EIO; data is back after healing and a new mount. */
  | { readonly kind: 'failing'; readonly volume: string }
  /** As failing, and it cannot be attached or mounted again until healed. */
  | { readonly kind: 'lost'; readonly volume: string }
  /** Works, but reports an abnormal condition. */
  | { readonly kind: 'degraded'; readonly volume: string; readonly message?: string }
  /** Detaching no longer fences: for tests of the tests. */
  | { readonly kind: 'fencingOff' };

export type FaultKind = Fault['kind'];

/** A fault in force, with the number by which it is healed. */
export type ActiveFault = Fault & { readonly id: number };

/** The faults in force, kept on disk. What a fault does to a mount that exists is in fault-effects.ts. */
export class Faults {
  readonly #records: RecordFolder<ActiveFault>;
  readonly #used = new Map<number, number>();

  constructor(folder: string) {
    this.#records = new RecordFolder(join(folder, 'faults'));
  }

  list(): readonly ActiveFault[] {
    return [...this.#records.list()].sort((a, b) => a.id - b.id);
  }

  add(fault: Fault): ActiveFault {
    const id = Math.max(0, ...this.list().map((active) => active.id)) + 1;
    const active = { ...fault, id };
    this.#records.put(String(id), active);
    return active;
  }

  /** Returns those that ended. */
  remove(which?: number | FaultKind): readonly ActiveFault[] {
    const ended = this.list().filter(({ id, kind }) => which === undefined || which === id || which === kind);
    for (const { id } of ended) this.#records.delete(String(id));
    return ended;
  }

  ofKind<K extends FaultKind>(kind: K): ReadonlyArray<Extract<ActiveFault, { kind: K }>> {
    return this.list().filter((fault): fault is Extract<ActiveFault, { kind: K }> => fault.kind === kind);
  }

  ofVolume<K extends VolumeFaultKind>(kind: K, volume: string): Extract<ActiveFault, { kind: K }> | undefined {
    return this.ofKind(kind).find((fault) => 'volume' in fault && fault.volume === volume);
  }

  /** Whether this use of a fault with a number of times still counts; it is healed with its last use. */
  takeOne(fault: ActiveFault & { readonly times?: number }): void {
    const used = (this.#used.get(fault.id) ?? 0) + 1;
    this.#used.set(fault.id, used);
    if (fault.times !== undefined && used >= fault.times) this.remove(fault.id);
  }

  saysFull(pool: string, segment: string | undefined): boolean {
    return this.ofKind('fullPool').some(
      (fault) => fault.pool === pool && (fault.segment === undefined || fault.segment === segment),
    );
  }

  /** The volume's health, as the array reports it. */
  condition(volume: string): { readonly abnormal: boolean; readonly message: string } {
    const kinds: readonly VolumeFaultKind[] = ['lost', 'failing', 'readOnly', 'fullVolume', 'degraded', 'slowDisk'];
    const found = kinds.map((kind) => this.ofVolume(kind, volume)).find((fault) => fault !== undefined);
    if (found === undefined) return { abnormal: false, message: 'healthy' };
    const told = found.kind === 'degraded' ? found.message : undefined;
    return { abnormal: true, message: told ?? CONDITIONS[found.kind] };
  }
}

type VolumeFaultKind = Extract<Fault, { volume: string }>['kind'];

const CONDITIONS: Readonly<Record<VolumeFaultKind, string>> = {
  lost: 'the array lost the data of this volume',
  failing: 'reads and writes of this volume fail with I/O errors',
  readOnly: 'this volume is write-protected',
  fullVolume: 'this volume has no space left',
  degraded: 'redundancy is lost; the array is rebuilding this volume',
  slowDisk: 'this volume is slow',
};
