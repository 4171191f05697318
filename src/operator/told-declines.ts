import { isDeepStrictEqual } from 'node:util';
import type { Decline } from '../core/allocator/decision.ts';
import { DeclineLedger, type DeclineRecord } from '../core/allocator/decline-ledger.ts';
import { objectKey } from '../kube/kube-object.ts';

/** How many refusals of one decline are kept; the counts per reason are of all. */
const KEPT_REFUSALS = 100;

/** Of every app that waits: the last answer, and all answers since it waits. Keys are those of apps. */
export class ToldDeclines {
  readonly #last = new Map<string, Decline>();
  readonly #ledger = new DeclineLedger();

  /** The last answer to the app's demand, when it was no. */
  last(appKey: string): Decline | undefined {
    return this.#last.get(appKey);
  }

  /** What was declined of the app since it began to wait. */
  record(appKey: string): DeclineRecord | undefined {
    return this.#ledger.of(appKey);
  }

  /** Takes down an answer; whether people would read something else in it than in the one before. `now` is epoch seconds. */
  note(decline: Decline, now: number): boolean {
    const key = objectKey(decline.app.namespace, decline.app.name);
    this.#ledger.note(key, decline, now);
    const told = this.#last.get(key);
    const kept = { ...decline, refusals: decline.refusals.slice(0, KEPT_REFUSALS) };
    this.#last.set(key, kept);
    return told?.app.uid !== kept.app.uid || !isDeepStrictEqual(saidOf(told), saidOf(kept));
  }

  /** The app has its places, or asks no more. */
  forget(appKey: string): void {
    this.#last.delete(appKey);
    this.#ledger.forget(appKey);
  }
}

/** What of a decline the app tells people; the rest may differ without anybody noticing. */
function saidOf({ reason, message, nodesByReason }: Decline): object {
  return { reason, message, nodesByReason };
}
