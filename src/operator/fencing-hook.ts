import { parseFencingAnswer } from '../core/recovery/fencing-answer.ts';
import { type FencingRequest, type FencingState, fencingId } from '../core/recovery/fencing-state.ts';
import { backoffSeconds } from '../kube/backoff.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from './log.ts';

export interface FencingHookOptions {
  /** Sends the request. Answers parsed JSON; throws a sentence. It need not heed the signal. */
  readonly send: (request: FencingRequest, signal: AbortSignal) => Promise<unknown>;
  readonly timeoutSeconds: number;
  readonly clock: Pick<Clock, 'monotonicSeconds'>;
  /** The hook answered about this node, or failed to. */
  readonly onAnswer: (node: string) => void;
  /** It said that a node was cut off, and the node went on. */
  readonly onLie: (node: string, problem: string) => void;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

interface Identity {
  readonly name: string;
  readonly uid: string;
  readonly renewedAt: string;
}

/** One silence of one node, as far as the hook is concerned. Monotonic seconds. */
interface Incident {
  readonly id: string;
  /** Of the machine when the hook was asked; empty: not known. */
  readonly bootID: string;
  state: FencingState;
  isAsking: boolean;
  failures: number;
  askAgainAt: number;
  /** Since when the node is heard again; undefined: it is silent. */
  heardAt: number | undefined;
}

const RETRY = { firstSeconds: 5, capSeconds: 60 };

/** How long after a node is heard again its boot ID must be a new one: kubelets post their status every 10 s. */
const BOOT_SECONDS = 25;

/**
 * Asks the fencing hook to cut lost nodes off, and remembers what it said. Nothing is kept but in memory: whoever leads next asks the same
 * again, with the same id. What it says counts for this one silence only, and not at all once it was caught saying what was not so.
 */
export class FencingHook {
  readonly #incidents = new Map<string, Incident>();
  #distrust: string | undefined;
  readonly #options: FencingHookOptions;

  constructor(options: FencingHookOptions) {
    this.#options = options;
  }

  /** Undefined: it cannot be asked about this silence. */
  stateOf(node: Identity): FencingState | undefined {
    if (this.#distrust !== undefined) return { state: 'distrusted', problem: this.#distrust };
    const id = fencingId(node);
    const incident = this.#incidents.get(node.name);
    if (id === undefined) return undefined;
    return incident?.id === id ? incident.state : { state: 'ready' };
  }

  /** Asks, unless that is under way, answered, or failed a moment ago. Returns at once. */
  ask(request: FencingRequest, bootID: string): void {
    if (this.#distrust !== undefined) return;
    const incident = this.#incidentOf(request, bootID);
    const isDue = this.#options.clock.monotonicSeconds() >= incident.askAgainAt;
    if (incident.isAsking || incident.state.state === 'fenced' || !isDue) return;
    incident.isAsking = true;
    if (incident.state.state === 'ready') incident.state = { state: 'asked' };
    this.#options.log.warn({ node: request.node, id: request.id, reason: request.reason }, 'asking the fencing hook');
    void this.#send(request, incident);
  }

  /** The node renewed its Lease. */
  heard(node: string): void {
    const incident = this.#incidents.get(node);
    if (incident !== undefined) incident.heardAt ??= this.#options.clock.monotonicSeconds();
  }

  /** Looks whether nodes that were cut off and are heard again have been started anew. */
  look(bootIDOf: (node: string) => string): void {
    for (const [node, { state, heardAt, bootID, isAsking }] of this.#incidents) {
      if (heardAt === undefined || isAsking) continue;
      if (state.state !== 'fenced' || (bootID !== '' && ![bootID, ''].includes(bootIDOf(node))))
        this.#incidents.delete(node);
      else if (this.#options.clock.monotonicSeconds() - heardAt >= BOOT_SECONDS) this.#caught(node);
    }
  }

  #incidentOf({ id, node }: FencingRequest, bootID: string): Incident {
    const known = this.#incidents.get(node);
    if (known?.id === id) return known;
    const incident: Incident = {
      id,
      bootID,
      state: { state: 'ready' },
      isAsking: false,
      failures: 0,
      askAgainAt: 0,
      heardAt: undefined,
    };
    this.#incidents.set(node, incident);
    return incident;
  }

  async #send(request: FencingRequest, incident: Incident): Promise<void> {
    const { send, timeoutSeconds, onAnswer, log } = this.#options;
    const state = await within(timeoutSeconds, (signal) => send(request, signal)).then(
      (raw) => stateFor(raw, request.id),
      (error: unknown): FencingState => failed(error instanceof Error ? error.message : String(error)),
    );
    incident.isAsking = false;
    incident.state = state;
    log.info({ node: request.node, id: request.id, ...state }, 'the fencing hook answered');
    if (state.state === 'failed') this.#later(incident);
    onAnswer(request.node);
  }

  #later(incident: Incident): void {
    incident.failures += 1;
    const wait = backoffSeconds(RETRY, incident.failures, 1);
    incident.askAgainAt = this.#options.clock.monotonicSeconds() + wait;
  }

  #caught(node: string): void {
    this.#distrust = `the fencing hook is not trusted any more, since it said that node ${node} was cut off and the node went on without a restart of its machine; mend it, then restart the operator`;
    this.#incidents.clear();
    this.#options.log.error({ node }, this.#distrust);
    this.#options.onLie(node, this.#distrust);
  }
}

function stateFor(raw: unknown, id: string): FencingState {
  const answer = parseFencingAnswer(raw, id);
  if (answer.kind === 'garbage') return failed(`its answer makes no sense: ${answer.problem}`);
  if (answer.kind === 'refused') return failed(`it said no${answer.message === '' ? '' : `: ${answer.message}`}`);
  return { state: 'fenced', message: answer.message, isPoweredOff: answer.isPoweredOff };
}

function failed(problem: string): FencingState {
  return { state: 'failed', problem: `the fencing hook did not cut it off (${problem.slice(0, 256)})` };
}

/** Bounds the work also when it does not heed its signal. */
async function within<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${seconds} s`));
    late.abort();
  }, seconds * 1000);
  try {
    return await Promise.race([work(late.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}
