import type { StorageChanges } from './storage-changes.ts';

/** What is known of a class that could not make a volume for a node. */
export interface ProvisioningFailure {
  /** Until when it is not tried there again, epoch seconds. */
  readonly untilSeconds: number;
  /** The size of the smallest volume that could not be made, so that smaller ones are tried all the same; absent: none is. */
  readonly leastBytes?: number;
  /** When that was, epoch seconds; absent: not known. */
  readonly atSeconds?: number;
  /** What the provisioner said; absent or empty: nothing. */
  readonly message?: string;
}

interface Place {
  readonly node: string;
  readonly failure: ProvisioningFailure;
}

/** Where a class could not make a volume, and until when it is not tried there again. */
export class ProvisioningFailures {
  readonly #byPlace = new Map<string, Place>();
  readonly #changes: Pick<StorageChanges, 'note' | 'touch'>;

  constructor(changes: Pick<StorageChanges, 'note' | 'touch'>) {
    this.#changes = changes;
  }

  /** Whether there are failures, of which some may have ended since the last `expire`. */
  get areAny(): boolean {
    return this.#byPlace.size > 0;
  }

  set(node: string, storageClassName: string, failure: ProvisioningFailure): void {
    this.#byPlace.set(placeKey(node, storageClassName), { node, failure });
    this.#changed(node);
  }

  delete(node: string, storageClassName: string): void {
    if (this.#byPlace.delete(placeKey(node, storageClassName))) this.#changed(node);
  }

  /** What keeps a volume of so many bytes from being made there at `now`; undefined: it may be tried. */
  of(node: string, storageClassName: string, bytes: number, now: number): ProvisioningFailure | undefined {
    if (this.#byPlace.size === 0) return undefined;
    const failure = this.#byPlace.get(placeKey(node, storageClassName))?.failure;
    if (failure === undefined || failure.untilSeconds <= now) return undefined;
    return bytes < (failure.leastBytes ?? 0) ? undefined : failure;
  }

  /** It is `now`: whoever waits for a node whose time is over is looked at again. */
  expire(now: number): void {
    for (const [key, { node, failure }] of this.#byPlace) {
      if (failure.untilSeconds > now) continue;
      this.#byPlace.delete(key);
      this.#changed(node);
    }
  }

  #changed(node: string): void {
    this.#changes.note();
    this.#changes.touch(node);
  }
}

/** Neither name can contain a space. */
function placeKey(node: string, storageClassName: string): string {
  return `${node} ${storageClassName}`;
}
