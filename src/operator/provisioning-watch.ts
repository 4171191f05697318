import { LABEL_APP_UID } from '../api/labels.ts';
import type { ClaimFacts } from '../core/facts/storage-facts.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import {
  type FailedMaking,
  type MakingTrouble,
  givenUpNode,
  isForgotten,
  isUnmade,
  madeForNode,
  saidOf,
  troubleAfter,
} from '../core/volumes/failed-making.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import type { Stores } from './caches.ts';

export interface ProvisioningWatchOptions {
  readonly stores: Pick<Stores, 'claims' | 'volumeEvents'>;
  readonly view: Pick<ClusterView, 'setProvisioningFailure' | 'deleteProvisioningFailure' | 'advance'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A node may be tried again. */
  readonly nudge: () => void;
}

/** A class and a node for which it could not make a volume. */
interface Place {
  readonly node: string;
  readonly storageClassName: string;
  readonly trouble: MakingTrouble;
  /** The claim that this began with. */
  readonly claimUid: string;
}

/** A timer and a clock that people set need not agree: a node is looked at again this much later. */
const LATER_SECONDS = 0.5;

/**
 * Learns from claims of members where their drivers could not make volumes (see givenUpNode), tells the view for a while, and the app for as
 * long as the claim has no volume. It is kept in memory alone: after a new start a failure is learned with the next try.
 */
export class ProvisioningWatch {
  readonly #places = new Map<string, Place>();
  /** By UID of the claim. */
  readonly #failed = new Map<string, FailedMaking>();
  readonly #options: ProvisioningWatchOptions;

  /** Listens from now on. To be made after whatever keeps the view equal to the stores. */
  constructor(options: ProvisioningWatchOptions) {
    this.#options = options;
    const { claims, volumeEvents } = options.stores;
    claims.onChange((_key, next, previous) => this.#claimChanged(next, previous));
    volumeEvents.onChange((_key, next) => {
      if (next?.reason === 'ProvisioningFailed' && this.#failed.has(next.uid)) this.#hear(next.uid);
    });
  }

  /** Where volumes of these claims could not be made. */
  failuresOf(claims: readonly ClaimFacts[]): readonly FailedMaking[] {
    if (this.#failed.size === 0) return [];
    return claims.flatMap(({ uid }) => this.#failed.get(uid) ?? []);
  }

  #claimChanged(next: ClaimFacts | undefined, previous: ClaimFacts | undefined): void {
    if (previous !== undefined && (next?.uid !== previous.uid || !isUnmade(next))) this.#failed.delete(previous.uid);
    if (next === undefined) return;
    const made = madeForNode(previous, next);
    if (made !== undefined) this.#made(made, next);
    const node = givenUpNode(previous, next);
    if (node !== undefined && next.labels[LABEL_APP_UID] !== undefined) this.#failedFor(node, next);
  }

  /** What was said of larger volumes may still be true. */
  #made(node: string, { storageClassName, bytes }: ClaimFacts): void {
    const key = `${node} ${storageClassName}`;
    const place = this.#places.get(key);
    if (place === undefined || bytes < place.trouble.leastBytes) return;
    this.#places.delete(key);
    this.#options.view.deleteProvisioningFailure(node, storageClassName);
    this.#options.nudge();
  }

  #failedFor(node: string, { uid, namespace, name, storageClassName, bytes }: ClaimFacts): void {
    const atSeconds = this.#options.clock.epochSeconds();
    this.#forget(atSeconds);
    const before = this.#places.get(`${node} ${storageClassName}`);
    const trouble = troubleAfter(before?.trouble, { bytes, atSeconds });
    this.#failed.set(uid, { claimUid: uid, node, atSeconds, untilSeconds: trouble.untilSeconds });
    if (trouble === before?.trouble) return;
    const isNew = trouble.atSeconds !== before?.trouble.atSeconds;
    const claimUid = isNew ? uid : before.claimUid;
    const message = trouble.message || this.#saidOf({ claimUid, atSeconds: trouble.atSeconds });
    const place = { node, storageClassName, claimUid, trouble: { ...trouble, message } };
    this.#tell(place);
    if (!isNew) return;
    const { waitSeconds } = trouble;
    const fields = { claim: `${namespace}/${name}`, node, storageClassName, bytes, waitSeconds, message };
    this.#options.log.warn(fields, 'a volume could not be made for a node, which is left out for a while');
    this.#await(trouble);
  }

  /** What the provisioner says of it may be heard after the claim. */
  #hear(claimUid: string): void {
    for (const place of this.#places.values()) {
      const { trouble } = place;
      if (place.claimUid !== claimUid || trouble.message !== '' || !this.#isOn(trouble)) continue;
      const message = this.#saidOf({ claimUid, atSeconds: trouble.atSeconds });
      if (message !== '') this.#tell({ ...place, trouble: { ...trouble, message } });
    }
  }

  #saidOf(failed: Pick<FailedMaking, 'claimUid' | 'atSeconds'>): string {
    return saidOf(this.#options.stores.volumeEvents.list(), failed);
  }

  #tell(place: Place): void {
    const { node, storageClassName, trouble } = place;
    const { untilSeconds, atSeconds, leastBytes, message } = trouble;
    this.#places.set(`${node} ${storageClassName}`, place);
    this.#options.view.setProvisioningFailure(node, storageClassName, untilSeconds, { atSeconds, leastBytes, message });
  }

  /** When the time is over, whoever waits for the node is looked at again. */
  #await(trouble: MakingTrouble): void {
    const { clock, view, nudge } = this.#options;
    clock.after(Math.max(0, trouble.untilSeconds - clock.epochSeconds()) + LATER_SECONDS, () => {
      // Somebody set the clock back.
      if (this.#isOn(trouble)) return this.#await(trouble);
      view.advance(clock.epochSeconds());
      nudge();
    });
  }

  #isOn({ untilSeconds }: MakingTrouble): boolean {
    return untilSeconds > this.#options.clock.epochSeconds();
  }

  #forget(now: number): void {
    for (const [key, { trouble }] of this.#places) if (isForgotten(trouble, now)) this.#places.delete(key);
  }
}
