import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import { REASONS, type Reason } from '../../api/reasons.ts';
import type { Slot } from '../../api/reservation.ts';
import type { AcceptedSlot, Decision, Decline } from '../allocator/decision.ts';
import type { Demand, VolumeDemand } from '../allocator/demand.ts';
import type { Plan } from '../app/plan.ts';
import { tenantsOf } from '../offers/tenants-of.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { LoadedCluster } from '../view/load-objects.ts';
import { type Change, showChanges } from './change.ts';
import { completeChange, decisionFor } from './complete-change.ts';
import { type Decided, decideAll } from './decide-all.ts';
import { type PlaceInQueue, placeInQueue } from './place-in-queue.ts';
import { type StageCount, countsByStage } from './reason-stage.ts';

/** What an app asks for. Amounts as in Resources. */
export interface Asked {
  readonly members: readonly {
    readonly member: string;
    readonly requests: Resources;
    readonly volumes: readonly VolumeDemand[];
  }[];
  /** So many of them must get a place in one decision, or none does. */
  readonly together: number;
  readonly total: Resources;
  /** Members that have a slot already. */
  readonly placed: number;
  /** Epoch seconds. */
  readonly pendingSinceSeconds: number;
}

/** One node and everything that keeps the member away from it. */
export interface NearNode {
  readonly node: string;
  readonly reasons: readonly { readonly reason: Reason; readonly message: string }[];
}

/** Why there is no place now. */
export interface Refused {
  readonly reason: string;
  readonly message: string;
  readonly advice: string;
  readonly stages: readonly StageCount[];
  readonly nearest: readonly NearNode[];
  /** For people; empty: none is known. */
  readonly smallestChange: string;
  readonly changes: readonly Change[];
  /** The change was tried on this cluster, and the app fitted. */
  readonly proven: boolean;
}

/** Where an app stands, with everything that a person who waits may ask. */
export interface AppExplanation {
  readonly namespace: string;
  readonly name: string;
  readonly framework: string;
  readonly replicas: number;
  /** `Placed`: every member has its slot. `Fits`: asked, and there is room. `Refused`: asked, and there is none. `HeldBack`: asks for nothing, though members lack a slot. `Idle`: wants none. */
  readonly state: 'Placed' | 'Fits' | 'Refused' | 'HeldBack' | 'Idle';
  readonly asked: Asked | undefined;
  readonly refused: Refused | undefined;
  /** Where members would go now. */
  readonly fits: readonly AcceptedSlot[];
  readonly queue: PlaceInQueue | undefined;
  readonly slots: readonly Slot[];
  readonly members: PersistentAppStatus['members'];
  /** What the operator has written; undefined: it has not looked at the app yet. */
  readonly operator: PersistentAppStatus | undefined;
}

/** Nodes that are shown. */
const NEAREST = 8;

/** Explains an app of the cluster; undefined: there is none of that key (`namespace/name`). `now` is epoch seconds. */
export function explainApp(cluster: LoadedCluster, key: string, now: number): AppExplanation | undefined {
  const app = cluster.apps.get(key);
  const decided = decideAll(cluster, now);
  const plan = decided.plans.get(key);
  if (app === undefined || plan === undefined) return undefined;
  const own = plan.demand === undefined ? undefined : decisionFor(plan.demand, decided.decisions);
  const kept = own?.kind === 'accept' ? keptFromIt(app.status) : undefined;
  const decision = kept === undefined ? own : undefined;
  return {
    namespace: app.metadata.namespace,
    name: app.metadata.name,
    framework: app.spec.framework,
    replicas: app.spec.replicas,
    state: kept === undefined ? stateOf(plan, app.spec, decision) : 'Refused',
    asked: plan.demand === undefined ? undefined : askedBy(plan.demand),
    refused: kept ?? refusal({ cluster, decided, plan, now }, decision),
    fits: decision?.kind === 'accept' ? decision.slots : [],
    queue: placeInQueue(app.metadata.uid, decided),
    slots: plan.slots,
    members: plan.status.members,
    operator: app.status,
  };
}

/** Room that comes back to a guarantee is known to be kept by the operator alone: whoever reads the cluster sees it free. */
function keptFromIt(status: PersistentAppStatus | undefined): Refused | undefined {
  const told = status?.operations.find(({ blockedBy }) => blockedBy === EARMARKED);
  return told === undefined
    ? undefined
    : { ...NOTHING, reason: EARMARKED, message: told.message, advice: adviceFor(EARMARKED) };
}

const EARMARKED: Reason = 'Earmarked';

function stateOf(
  plan: Plan,
  spec: { readonly replicas: number; readonly suspend: boolean; readonly paused: boolean },
  decision: Decision | undefined,
): AppExplanation['state'] {
  if (decision !== undefined) return decision.kind === 'accept' ? 'Fits' : 'Refused';
  if (spec.suspend || spec.paused) return 'Idle';
  return plan.slots.length >= spec.replicas ? 'Placed' : 'HeldBack';
}

export function askedBy({ members, minMembers, placed, pendingSinceSeconds }: Demand): Asked {
  let total: Resources = {};
  for (const { requests } of members) total = add(total, requests);
  return {
    members: members.map(({ member, requests, volumes }) => ({ member, requests, volumes })),
    together: Math.max(1, minMembers),
    total,
    placed: placed.length,
    pendingSinceSeconds,
  };
}

/** What a refusal is made from. */
export interface RefusalInput {
  readonly cluster: LoadedCluster;
  readonly decided: Decided;
  readonly plan: Plan;
  readonly now: number;
}

/** Why the plan's demand finds no place, or why it makes none though members lack a slot. */
export function refusal(input: RefusalInput, decision: Decision | undefined): Refused | undefined {
  const { plan } = input;
  if (decision?.kind === 'decline' && plan.demand !== undefined) return refusedBy(input, decision, plan.demand);
  return decision === undefined ? heldBack(plan) : undefined;
}

/** What the plan waits for, or who must act, where it makes no demand. */
function heldBack({ status }: Plan): Refused | undefined {
  const stalled = status.conditions.find(({ type, status }) => type === 'Stalled' && status === 'True');
  const blocked = status.operations.find(({ blockedBy }) => blockedBy !== '');
  const reason = stalled?.reason ?? blocked?.blockedBy;
  const message = stalled?.message ?? blocked?.message;
  if (reason === undefined || message === undefined) return undefined;
  return { ...NOTHING, reason, message, advice: adviceFor(reason) };
}

const NOTHING = { stages: [], nearest: [], smallestChange: '', changes: [], proven: false } as const;

/** A decline in full, with its smallest change tried. */
export function refusedBy({ cluster, decided, now }: RefusalInput, decline: Decline, demand: Demand): Refused {
  const market = { tenants: tenantsOf(cluster.frameworks.values()), demands: decided.demands, now };
  const change = completeChange(cluster, market, demand);
  return {
    reason: decline.reason,
    message: decline.message,
    advice: adviceFor(decline.reason),
    stages: countsByStage(decline.nodesByReason),
    nearest: nearestOf(decline),
    smallestChange: change === undefined ? '' : showChanges(change.changes),
    changes: change?.changes ?? [],
    proven: change?.proven ?? false,
  };
}

/** What a reason of `REASONS` advises; empty for any other word. */
function adviceFor(reason: string): string {
  return reason in REASONS ? REASONS[reason as Reason].advice : '';
}

/** The decline names nearest nodes first, each with all its reasons. */
function nearestOf({ refusals }: Decline): readonly NearNode[] {
  const nodes = new Map<string, NearNode['reasons'][number][]>();
  for (const { node, reason, message } of refusals) {
    const known = nodes.get(node);
    if (known !== undefined) known.push({ reason, message });
    else if (nodes.size < NEAREST) nodes.set(node, [{ reason, message }]);
  }
  return [...nodes].map(([node, reasons]) => ({ node, reasons }));
}
