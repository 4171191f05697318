import type { NodeFacts } from '../core/facts/node-facts.ts';
import { breakerProblem } from '../core/recovery/circuit-breaker.ts';
import { NodeSilence } from '../core/recovery/node-silence.ts';
import {
  type NodeTrouble,
  QUIET_SECONDS,
  SUSPECT_SECONDS,
  isUnfit,
  nodeTrouble,
} from '../core/recovery/node-trouble.ts';
import { type InstanceState, instanceState } from '../core/recovery/instance-state.ts';
import { UNSTAGE_SECONDS } from '../core/recovery/return.ts';
import { wholeNodeProblem } from '../core/recovery/whole-node.ts';
import { type ZoneLossPolicy, type ZoneNode, lostZone, lostZones } from '../core/recovery/zone-loss.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { BY_NODE, type Stores } from './caches.ts';
import type { FencingHook } from './fencing-hook.ts';
import type { CloudWord } from './recovery-cloud-word.ts';
import { GoneNodes } from './recovery-gone-nodes.ts';
import { observeNodeUse } from './recovery-node-use.ts';

/** Attachments by the node and by the volume that they tie together. */
export const BY_VOLUME = 'volume';

const ZONE = 'topology.kubernetes.io/zone';

/** How often the silence of nodes is looked at. Silence makes no event. */
const TICK_SECONDS = 1;

export interface RecoveryWatchOptions {
  readonly stores: Stores;
  /** Whether we may taint nodes. It may turn out that we may not. */
  readonly mayTaint: () => boolean;
  readonly clock: Clock;
  /** What is done when all nodes of one zone are lost; absent: Manual. */
  readonly zoneLoss?: ZoneLossPolicy;
  /** How many of all nodes may look dead at once before nothing is moved any more, in percent; absent: 20. */
  readonly breakerPercent?: number;
  /** Who may be asked to cut nodes off; absent: nobody. */
  readonly hook?: Pick<FencingHook, 'stateOf' | 'heard' | 'look'> | undefined;
  /** Who says of deleted nodes that their machine is gone; absent: nobody. */
  readonly cloud?: Pick<CloudWord, 'isDeletedAsGone' | 'forget'> | undefined;
  /** A node became silent, silent for longer, or is heard again. */
  readonly onNews: (node: string) => void;
}

/** Listens to the Leases of all nodes, and says which are in trouble. A renewal of a node that is well makes nobody work. */
export class RecoveryWatch {
  readonly #silence = new NodeSilence();
  /** Silent nodes, and which of the thresholds each has passed. */
  readonly #passed = new Map<string, number>();
  /** Since when nodes are heard again that looked dead; on the clock of heard time. */
  readonly #backSince = new Map<string, number>();
  readonly #gone: GoneNodes;
  readonly #options: RecoveryWatchOptions;

  constructor(options: RecoveryWatchOptions) {
    this.#options = options;
    const { stores, clock, hook } = options;
    this.#gone = new GoneNodes(stores.nodes, clock, (name) => this.#replaced(name));
    stores.attachments.index(BY_NODE, ({ nodeName }) => nodeName);
    stores.attachments.index(BY_VOLUME, ({ volumeName }) => volumeName);
    stores.nodeLeases.onChange((_key, next) => {
      // The Lease of a node that was removed is removed too, and its silence goes on.
      if (next === undefined || !this.#silence.heard(next.name, next.renewTime, clock.monotonicSeconds())) return;
      hook?.heard(next.name);
      this.#heard(next.name);
    });
  }

  /** Looks at the silence of nodes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look();
      await sleep(this.#options.clock, TICK_SECONDS, signal);
    }
  }

  /** Tells which nodes have passed a threshold of silence since the last look. */
  look(): void {
    const { clock, stores, hook, onNews } = this.#options;
    hook?.look((name) => stores.nodes.get(name)?.bootID ?? '');
    const quiet = this.#silence.silentFor(QUIET_SECONDS, clock.monotonicSeconds());
    for (const node of new Set([...quiet, ...this.#gone.names()])) {
      const silent = this.silentSeconds(node);
      const passed = [SUSPECT_SECONDS, QUIET_SECONDS].find((threshold) => silent >= threshold) ?? 0;
      if ((this.#passed.get(node) ?? 0) < passed) {
        this.#passed.set(node, passed);
        onNews(node);
      }
      if (!stores.nodes.has(node)) this.#lookAtGone(node);
    }
    this.#lookAtBack();
  }

  /** Since it renewed its Lease, or since its object is gone. */
  silentSeconds(node: string): number {
    const silent = this.#silence.secondsOf(node, this.#options.clock.monotonicSeconds());
    return Math.max(silent, this.#gone.missingSeconds(node));
  }

  /** A clock that stands while nobody is heard: meanwhile a node that is back hears nothing of what it is to stop, either. */
  heardSeconds(): number {
    return this.#silence.heardSeconds(this.#options.clock.monotonicSeconds());
  }

  /** What is wrong with a node; undefined when nothing is. */
  troubleOf(name: string): NodeTrouble | undefined {
    const { stores, hook, mayTaint } = this.#options;
    const node = stores.nodes.get(name);
    const renewedAt = this.#silence.renewedAt(name);
    const silentSeconds = this.silentSeconds(name);
    const fencing = hook?.stateOf({ name, renewedAt, uid: this.machineOf(name).uid });
    const isPoweredOff = fencing?.state === 'fenced' && fencing.isPoweredOff;
    const instance = this.#instanceOf(name);
    return nodeTrouble(name, node, {
      silentSeconds,
      renewedAt,
      instance,
      fencing,
      last: this.#gone.last(name),
      wholeNodeProblem: () =>
        wholeNodeProblem(observeNodeUse(name, stores, mayTaint(), isPoweredOff ? 'shutdown' : instance)),
    });
  }

  /** The machine behind a node that is there, or was; empty texts where nothing is known. */
  machineOf(name: string): { readonly uid: string; readonly providerID: string; readonly bootID: string } {
    const node = this.#options.stores.nodes.get(name) ?? this.#gone.last(name);
    return { uid: node?.uid ?? '', providerID: node?.providerID ?? '', bootID: node?.bootID ?? '' };
  }

  /**
   * The node as placement should see it: one that looks dead is not ready, whatever it said last, nor is one that did so a moment ago. Its
   * kubelet still has mounts of volumes that were cut off, and uses such a mount again where its volume comes back too soon. Where most of
   * all are silent it is not they: silence then says nothing. Fewer may be a zone, and what moves must not go from one dead node to the next.
   */
  seen(node: NodeFacts): NodeFacts {
    if (node.ready && this.#backSince.has(node.name)) return { ...node, ready: false };
    const trouble = node.ready ? this.troubleOf(node.name) : undefined;
    if (trouble === undefined) return node;
    const known = this.#areMostSilent() ? { ...trouble, silentSeconds: 0 } : trouble;
    return isUnfit(known) ? { ...node, ready: false } : node;
  }

  /** Why nothing new may be moved for now; undefined: nothing stands against it. */
  breakerProblem(): string | undefined {
    const nodes = this.#zoneNodes();
    const dead = nodes.filter(({ state }) => state === 'dead').length;
    const { zoneLoss, breakerPercent: mostPercent } = this.#options;
    return breakerProblem({ dead, nodes: nodes.length, lostZone: lostZone(nodes), zoneLoss, mostPercent });
  }

  /** Zones none of whose nodes is left. */
  lostZones(): ReadonlySet<string> {
    return lostZones(this.#zoneNodes());
  }

  #zoneNodes(): readonly ZoneNode[] {
    const { stores, clock } = this.#options;
    // A list of nodes that lost many of its own is no better than silence.
    const gone = this.#gone
      .names()
      .filter((name) => isNamed(stores.reservations, name))
      .map((name): ZoneNode => {
        const state = this.#instanceOf(name) === 'unknown' ? 'dead' : 'off';
        return { zone: this.#gone.last(name)?.labels[ZONE] ?? '', state };
      });
    const silent = new Set(this.#silence.silentFor(SUSPECT_SECONDS, clock.monotonicSeconds()));
    const there = stores.nodes.list().map((node): ZoneNode => {
      const isHeard = node.ready && !silent.has(node.name);
      return { zone: node.labels[ZONE] ?? '', state: isHeard ? 'heard' : this.#stateOf(node.name) };
    });
    return [...there, ...gone.filter(({ state }) => state === 'dead')];
  }

  #stateOf(name: string): ZoneNode['state'] {
    const trouble = this.troubleOf(name);
    return trouble?.outOfService !== 'byOthers' && trouble?.instance === 'unknown' ? 'dead' : 'off';
  }

  /** More than half of all nodes, and more than may be dead at once. */
  #areMostSilent(): boolean {
    const dead = [...this.#passed.values()].filter((passed) => passed === SUSPECT_SECONDS).length;
    return dead * 2 > this.#options.stores.nodes.size && this.breakerProblem() !== undefined;
  }

  #heard(node: string): void {
    const passed = this.#passed.get(node);
    if (passed === undefined) return;
    if (passed === SUSPECT_SECONDS && !this.#areMostSilent()) this.#backSince.set(node, this.heardSeconds());
    this.#passed.delete(node);
    this.#options.onNews(node);
  }

  /** Nodes that are back for long enough may be used again. */
  #lookAtBack(): void {
    const now = this.heardSeconds();
    for (const [node, since] of this.#backSince) {
      if (now - since < UNSTAGE_SECONDS) continue;
      this.#backSince.delete(node);
      this.#options.onNews(node);
    }
  }

  /** What was silent before was another node. */
  #replaced(name: string): void {
    this.#silence.restart(name, this.#options.clock.monotonicSeconds());
    this.#heard(name);
  }

  /** It is remembered for as long as something of ours names it. */
  #lookAtGone(name: string): void {
    const { stores, cloud } = this.#options;
    const last = this.#gone.last(name);
    if ([stores.pods, stores.reservations, stores.attachments].some((store) => isNamed(store, name))) {
      if (last !== undefined) cloud?.isDeletedAsGone(last);
      return;
    }
    this.#silence.forget(name);
    this.#passed.delete(name);
    this.#gone.forget(name);
    if (last !== undefined) cloud?.forget(last.uid);
  }

  #instanceOf(name: string): InstanceState {
    const { stores, cloud } = this.#options;
    const last = this.#gone.last(name);
    const isDeletedAsGone = last !== undefined && cloud?.isDeletedAsGone(last) === true;
    return instanceState({ node: stores.nodes.get(name), last, isDeletedAsGone });
  }
}

function isNamed(
  store: Pick<Stores['pods'] | Stores['reservations'] | Stores['attachments'], 'keysByIndex'>,
  node: string,
) {
  return store.keysByIndex(BY_NODE, node).length > 0;
}
