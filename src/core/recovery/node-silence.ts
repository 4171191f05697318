/**
 * While no node at all is heard for longer than this, it is our ear that is deaf: kubelets renew their Lease every 10 s
 * (nodeLeaseDurationSeconds / 4), so with one other node alive something is heard more often.
 */
const DEAF_SECONDS = 12;

interface Heard {
  /** On the clock of heard time. */
  readonly at: number;
  readonly renewedAt: string;
}

/**
 * How long each node has been silent, by the renewals of its Lease as they reach us. Time is that of a clock that never jumps, passed in;
 * what the node itself writes as its time is compared for change only. Time in which nobody was heard counts for nobody, nor do the seconds
 * in which all speak again one after the other: an API server that is away, a watch that hangs or a process that slept makes no node look
 * dead, not even one that had been late just before.
 */
export class NodeSilence {
  readonly #nodes = new Map<string, Heard>();
  /** Seconds during which we could hear. */
  #heardSeconds = 0;
  #newestAt: number | undefined;
  /** Who was not heard because we were deaf speaks again by then, if it is alive. */
  #allHeardFrom = -Infinity;

  /** The node's Lease says `renewedAt`. Answers whether that is news. */
  heard(node: string, renewedAt: string, atSeconds: number): boolean {
    if (this.#nodes.get(node)?.renewedAt === renewedAt) return false;
    this.#heardSeconds += this.#sinceNewest(atSeconds);
    if (this.#wasDeaf(atSeconds)) this.#allHeardFrom = atSeconds + DEAF_SECONDS;
    this.#newestAt = atSeconds;
    this.#nodes.set(node, { at: this.#heardSeconds, renewedAt });
    return true;
  }

  /**
   * A new node of that name is there: what was silent before was another one. The Lease of the old one may stay where it is; that it says
   * the same as before is no news, and it must go on being known, since nothing is taken from a node whose Lease says something else.
   */
  restart(node: string, atSeconds: number): void {
    this.#nodes.set(node, { at: this.heardSeconds(atSeconds), renewedAt: this.renewedAt(node) });
  }

  /** The node is no longer of interest: its object is gone, and its pods are. */
  forget(node: string): void {
    this.#nodes.delete(node);
  }

  /** Seconds since the node renewed its Lease, as far as we could hear; 0 for a node that never had one. */
  secondsOf(node: string, atSeconds: number): number {
    const heard = this.#nodes.get(node);
    return heard === undefined ? 0 : Math.max(0, this.heardSeconds(atSeconds) - heard.at);
  }

  /** A clock on which only such time goes by in which everybody could be heard. It may go back a little when it turns out that we are deaf. */
  heardSeconds(atSeconds: number): number {
    return this.#heardSeconds + this.#sinceNewest(atSeconds);
  }

  /** What the node's Lease said last; empty for a node that never had one. */
  renewedAt(node: string): string {
    return this.#nodes.get(node)?.renewedAt ?? '';
  }

  /** Nodes that have been silent for so long. */
  silentFor(seconds: number, atSeconds: number): readonly string[] {
    return [...this.#nodes.keys()].filter((node) => this.secondsOf(node, atSeconds) >= seconds);
  }

  /** Time that counts: not while we are deaf, nor while some speak again and the turn of others has not come yet. */
  #sinceNewest(atSeconds: number): number {
    if (this.#newestAt === undefined || this.#wasDeaf(atSeconds)) return 0;
    return Math.max(0, atSeconds - Math.max(this.#newestAt, this.#allHeardFrom));
  }

  #wasDeaf(atSeconds: number): boolean {
    if (this.#newestAt === undefined) return false;
    const gap = atSeconds - this.#newestAt;
    return gap > DEAF_SECONDS || gap < 0;
  }
}
