import type { Reason } from '../../api/reasons.ts';
import { memberNeed } from '../placement/member-need.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { EngineChanges } from '../placement/placement-engine.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { allocate } from './allocate.ts';
import type { Decision, Decline, Tenant } from './decision.ts';
import type { Demand } from './demand.ts';
import { Hope } from './hope.ts';

/** Of a cluster with fewer nodes everything is worked out again after any change: that costs little, and every number is of now. */
const LARGE_NODES = 1000;

/** How long answers stand at most, though nothing changed: some of what they rest on changes with time alone. */
const STAND_SECONDS = 10;

/** After so many changed nodes it is cheaper to work everything out again. */
const MAX_CHANGED_ROWS = 500;

/** What was answered, and what it rests on. */
interface Answered {
  readonly tenants: readonly Tenant[];
  readonly demands: readonly Demand[];
  readonly decisions: readonly Decision[];
  /** From when until when it may stand, epoch seconds. */
  readonly at: number;
  readonly until: number;
  readonly members: number;
  readonly storage: number;
  readonly pods: number;
  /** What those hope for who were declined. Undefined: of somebody it is not known. */
  readonly hopes: readonly Hope[] | undefined;
}

/**
 * What one run of the allocator may leave to the next. The answers are those of allocate(); only the work is saved: what was found out
 * about nodes is kept up node by node, and when nobody was given anything and nothing changed that could change that, the last answers
 * stand. In a large cluster they stand, too, while only nodes changed on which nobody fits who waits; the counts and numbers of a
 * decline may then be as old as STAND_SECONDS.
 */
export class AllocatorMemory {
  readonly #view: ClusterView;
  readonly #largeNodes: number;
  #engine: PlacementEngine | undefined;
  #answered: Answered | undefined;

  /** `largeNodes`: from how many nodes on numbers of declines may be of a little earlier. */
  constructor(view: ClusterView, { largeNodes = LARGE_NODES }: { readonly largeNodes?: number } = {}) {
    this.#view = view;
    this.#largeNodes = largeNodes;
  }

  /** See allocate(). Demands and tenants that did not change should be the same objects as the last time. */
  allocate(tenants: readonly Tenant[], demands: readonly Demand[], now: number): readonly Decision[] {
    const changes = this.#engine?.renew(now) ?? { rows: undefined, facts: [] };
    const engine = (this.#engine ??= new PlacementEngine(this.#view, now));
    const last = this.#answered;
    if (last !== undefined && isAskedAgain(last, tenants, demands, now) && this.#stands(last, changes, engine)) {
      return last.decisions;
    }
    const decisions = allocate(this.#view, tenants, demands, now, engine);
    this.#answered = decisions.some(({ kind }) => kind === 'accept')
      ? undefined
      : this.#remember(engine, { tenants, demands, decisions, at: now });
    return decisions;
  }

  #stands(last: Answered, changes: EngineChanges, engine: PlacementEngine): boolean {
    const { members, storage, pods } = this.#view.versions();
    if (last.members !== members) return false;
    const isSame = changes.rows?.length === 0 && last.storage === storage && last.pods === pods;
    if (isSame) return true;
    if (this.#view.nodeCount < this.#largeNodes) return false;
    if (changes.rows === undefined || changes.rows.length > MAX_CHANGED_ROWS) return false;
    return last.hopes?.some((hope) => hope.isRaisedBy(changes, engine)) === false;
  }

  #remember(engine: PlacementEngine, answer: Pick<Answered, 'tenants' | 'demands' | 'decisions' | 'at'>): Answered {
    const { members, storage, pods } = this.#view.versions();
    const until = standsUntil(answer);
    return { ...answer, until, members, storage, pods, hopes: this.#hopesOf(engine, answer.demands, answer.decisions) };
  }

  #hopesOf(
    engine: PlacementEngine,
    demands: readonly Demand[],
    decisions: readonly Decision[],
  ): readonly Hope[] | undefined {
    const hopes = new Map<string, Hope>();
    const byApp = new Map(demands.map((demand) => [demand.app, demand]));
    for (const decision of decisions) {
      if (decision.kind === 'accept') return undefined;
      if (isWhateverNodes(decision)) continue;
      // What is set aside moves with every change, and what was kept from this one may be free then.
      if (decision.reason === 'Earmarked') return undefined;
      const demand = byApp.get(decision.app);
      const needs = demand?.members.map((member) => memberNeed(this.#view, demand, member)) ?? [];
      const hope = demand === undefined ? undefined : Hope.of(engine, demand, needs);
      if (hope === undefined) return undefined;
      hopes.set(hope.key, hope);
    }
    return [...hopes.values()];
  }
}

function isAskedAgain(last: Answered, tenants: readonly Tenant[], demands: readonly Demand[], now: number): boolean {
  return last.at <= now && now <= last.until && areSame(last.tenants, tenants) && areSame(last.demands, demands);
}

/** Until an app has waited so long that nodes are set aside for it; where they are, answers say for how long it has waited. */
function standsUntil({
  tenants,
  demands,
  decisions,
  at,
}: Pick<Answered, 'tenants' | 'demands' | 'decisions' | 'at'>): number {
  if (decisions.some((decision) => decision.kind === 'decline' && decision.reason === 'Earmarked')) return at;
  const patience = new Map(tenants.map(({ name, starvationSeconds }) => [name, starvationSeconds]));
  let until = at + STAND_SECONDS;
  for (const { framework, pendingSinceSeconds } of demands) {
    const starves = pendingSinceSeconds + (patience.get(framework) ?? Number.POSITIVE_INFINITY);
    if (starves > at) until = Math.min(until, starves - 1);
  }
  return until;
}

function areSame<T>(left: readonly T[], right: readonly T[]): boolean {
  return left === right || (left.length === right.length && left.every((item, i) => item === right[i]));
}

/** Declined for what its framework may have, or for the demand itself: no node is in it. */
function isWhateverNodes({ reason, nodesByReason }: Decline): boolean {
  if (reason === 'GangIncomplete') return Object.keys(nodesByReason).length === 0;
  return WHATEVER_NODES.has(reason);
}

const WHATEVER_NODES: ReadonlySet<Reason> = new Set(['FrameworkLimit', 'FrameworkNotFound', 'FrameworkNotLeaf']);
