import type { Reason } from '../../api/reasons.ts';
import type { Decline, Refusal } from './decision.ts';

/** How often a node was refused for one reason. Times are epoch seconds. */
export interface DeclinedNode {
  readonly node: string;
  readonly reason: Reason;
  /** The last one, with its numbers. */
  readonly message: string;
  readonly times: number;
  readonly sinceSeconds: number;
  readonly lastSeconds: number;
}

/** All that was declined of one app since it began to wait. */
export interface DeclineRecord {
  /** The nearest nodes of the last answer first, then those of earlier ones. */
  readonly nodes: readonly DeclinedNode[];
  /** Nodes that were forgotten, since the ledger is bounded. */
  readonly forgotten: number;
}

/** Nodes of one app of which it is known how often they were refused. */
const MOST_NODES = 100;

interface Entry extends Refusal {
  times: number;
  readonly sinceSeconds: number;
  lastSeconds: number;
}

interface Page {
  readonly appUid: string;
  /** By node and reason; those that were refused last come last. */
  readonly entries: Map<string, Entry>;
  forgotten: number;
  /** The last answer: when it was given first and last, and how often that is not in the entries yet. */
  last: Decline;
  repeats: number;
  firstSeconds: number;
  lastSeconds: number;
}

/**
 * What was declined, per app and node: why, how often, since when, and when last. It is bounded, and lives in memory: an answer that is
 * given again, as most are, costs one addition.
 */
export class DeclineLedger {
  readonly #pages = new Map<string, Page>();

  /** Takes down an answer to the app of this key. `now` is epoch seconds. */
  note(appKey: string, decline: Decline, now: number): void {
    const known = this.#pages.get(appKey);
    if (known === undefined || known.appUid !== decline.app.uid) {
      this.#pages.set(appKey, pageOf(decline, now));
      return;
    }
    if (known.last.refusals !== decline.refusals) {
      settle(known);
      known.last = decline;
      known.firstSeconds = now;
    }
    known.repeats += 1;
    known.lastSeconds = now;
  }

  /** Undefined: nothing was declined, or it was forgotten. */
  of(appKey: string): DeclineRecord | undefined {
    const page = this.#pages.get(appKey);
    if (page === undefined) return undefined;
    settle(page);
    const order = new Map(page.last.refusals.map((refusal, at) => [keyOf(refusal), at]));
    const place = (entry: Entry): number => order.get(keyOf(entry)) ?? order.size;
    const nodes = [...page.entries.values()].toSorted((a, b) => place(a) - place(b) || b.lastSeconds - a.lastSeconds);
    return { nodes: nodes.map(({ member: _member, ...told }) => told), forgotten: page.forgotten };
  }

  /** The app waits no more. */
  forget(appKey: string): void {
    this.#pages.delete(appKey);
  }
}

function pageOf(decline: Decline, now: number): Page {
  const { uid: appUid } = decline.app;
  const times = { repeats: 1, firstSeconds: now, lastSeconds: now };
  return { appUid, entries: new Map(), forgotten: 0, last: decline, ...times };
}

/** Brings the entries up to the last answer. */
function settle(page: Page): void {
  const { entries, last, repeats, firstSeconds, lastSeconds } = page;
  if (repeats === 0) return;
  for (const refusal of last.refusals) {
    const key = keyOf(refusal);
    const before = entries.get(key);
    // One that is refused again moves to the end.
    entries.delete(key);
    const sinceSeconds = before?.sinceSeconds ?? firstSeconds;
    entries.set(key, { ...refusal, times: (before?.times ?? 0) + repeats, sinceSeconds, lastSeconds });
  }
  page.repeats = 0;
  cut(page);
}

/** Forgets the nodes that were refused longest ago. */
function cut(page: Page): void {
  const nodes = new Set<string>();
  for (const { node } of page.entries.values()) {
    nodes.delete(node);
    nodes.add(node);
  }
  const oldest = new Set([...nodes].slice(0, Math.max(0, nodes.size - MOST_NODES)));
  if (oldest.size === 0) return;
  page.forgotten += oldest.size;
  for (const [key, { node }] of page.entries) if (oldest.has(node)) page.entries.delete(key);
}

function keyOf({ node, reason }: Pick<Refusal, 'node' | 'reason'>): string {
  return `${node}\n${reason}`;
}
