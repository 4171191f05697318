import type { Reason } from '../../api/reasons.ts';
import { memberNeed } from '../placement/member-need.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { EngineChanges } from '../placement/placement-engine.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { serveRound } from './allocate.ts';
import type { Decision, Decline, Tenant } from './decision.ts';
import type { AppRef, Demand } from './demand.ts';
import { Hope } from './hope.ts';
import { RaisedHopes } from './raised-hopes.ts';
import { Round } from './round.ts';

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
  /** What those hope for who were declined for want of room, one object for equal hopes. Undefined: of somebody it is not known. */
  readonly hopes: ReadonlyMap<AppRef, Hope> | undefined;
  /** As it was before anybody was served, since nobody was given anything. */
  readonly round: Round;
  /** More than what is free changed of some node since. */
  hasOtherNodes: boolean;
}

/** `now` is epoch seconds. */
interface Asked {
  readonly tenants: readonly Tenant[];
  readonly demands: readonly Demand[];
  readonly now: number;
}

type Told = Pick<Answered, 'tenants' | 'demands' | 'decisions' | 'at'>;

/**
 * What one run of the allocator may leave to the next. The answers are those of allocate(); only the work is saved: what was found out
 * about nodes is kept up node by node, and when nobody was given anything and nothing changed that could change that, the last answers
 * stand. In a large cluster they stand, too, while only nodes changed on which nobody fits who waits; and when somebody does, only those
 * are served who may be helped (see raised-hopes.ts). The counts and numbers of a decline may then be as old as STAND_SECONDS.
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
    const asked = { tenants, demands, now };
    return this.#again(engine, changes, asked) ?? this.#anew(engine, asked);
  }

  #anew(engine: PlacementEngine, { tenants, demands, now }: Asked): readonly Decision[] {
    this.#answered = undefined;
    if (demands.length === 0) return [];
    const round = new Round(this.#view, tenants, demands, now);
    const decisions = serveRound(round, engine, now);
    if (decisions.every(({ kind }) => kind === 'decline')) {
      this.#answered = this.#remember(engine, round, { tenants, demands, decisions, at: now });
    }
    return decisions;
  }

  /** The last answers, but for those who are helped by what changed since. Undefined: everything is to be worked out again. */
  #again(engine: PlacementEngine, changes: EngineChanges, asked: Asked): readonly Decision[] | undefined {
    const last = this.#answered;
    if (last === undefined || !isAskedAgain(last, asked)) return undefined;
    const { members, storage, pods } = this.#view.versions();
    if (last.members !== members) return undefined;
    const isSame = changes.rows?.length === 0 && last.storage === storage && last.pods === pods;
    return isSame ? last.decisions : this.#afterChanges(engine, changes, { last, now: asked.now });
  }

  #afterChanges(
    engine: PlacementEngine,
    changes: EngineChanges,
    { last, now }: { readonly last: Answered; readonly now: number },
  ): readonly Decision[] | undefined {
    if (last.hopes === undefined || this.#view.nodeCount < this.#largeNodes) return undefined;
    if (changes.rows === undefined || changes.rows.length > MAX_CHANGED_ROWS) return undefined;
    last.hasOtherNodes ||= changes.facts.length > 0;
    const raised = new RaisedHopes(last.hopes, changes, engine);
    if (raised.areNone) return last.decisions;
    // Nodes are set aside for who starves, wherever there is most room; and what a volume is charged may be something else.
    if (last.round.starving.length > 0 || last.storage !== this.#view.versions().storage) return undefined;
    if (!last.round.restart(this.#view, last.hasOtherNodes)) return undefined;
    return this.#joined(last.decisions, raised.serve(last.round, now));
  }

  #joined(declines: readonly Decision[], accepts: readonly Decision[]): readonly Decision[] {
    if (accepts.length === 0) return declines;
    this.#answered = undefined;
    const accepted = new Set(accepts.map(({ app }) => app));
    const rest = declines.filter(({ app }) => !accepted.has(app));
    return accepts.concat(rest);
  }

  #remember(engine: PlacementEngine, round: Round, answer: Told): Answered {
    const { members, storage, pods } = this.#view.versions();
    const until = standsUntil(answer);
    const hopes = this.#hopesOf(engine, answer.demands, answer.decisions);
    return { ...answer, until, members, storage, pods, round, hopes, hasOtherNodes: false };
  }

  #hopesOf(
    engine: PlacementEngine,
    demands: readonly Demand[],
    decisions: readonly Decision[],
  ): ReadonlyMap<AppRef, Hope> | undefined {
    const hopes = new Map<AppRef, Hope>();
    const byKey = new Map<string, Hope>();
    const byApp = new Map(demands.map((demand) => [demand.app, demand]));
    for (const decision of decisions) {
      if (decision.kind === 'accept') return undefined;
      if (isWhateverNodes(decision)) continue;
      if (DEPENDS_ON_ALL_NODES.has(decision.reason)) return undefined;
      const demand = byApp.get(decision.app);
      const needs = demand?.members.map((member) => memberNeed(this.#view, demand, member)) ?? [];
      const hope = demand === undefined ? undefined : Hope.of(engine, demand, needs);
      if (hope === undefined) return undefined;
      const shared = byKey.get(hope.key) ?? hope;
      byKey.set(hope.key, shared);
      hopes.set(decision.app, shared);
    }
    return hopes;
  }
}

function isAskedAgain(last: Answered, { tenants, demands, now }: Asked): boolean {
  return last.at <= now && now <= last.until && areSame(last.tenants, tenants) && areSame(last.demands, demands);
}

/** Until an app has waited so long that nodes are set aside for it; where they are, answers say for how long it has waited. */
function standsUntil({ tenants, demands, decisions, at }: Told): number {
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

/** What is set aside moves with every change, and what is kept for guarantees with all that is free: another node than before may do. */
const DEPENDS_ON_ALL_NODES: ReadonlySet<Reason> = new Set(['Earmarked', 'FrameworkGuarantee']);
