import { allocate } from '../allocator/allocate.ts';
import type { AcceptedSlot, Decline } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import type { Plan } from '../app/plan.ts';
import { tenantsOf } from '../offers/tenants-of.ts';
import type { LoadedCluster } from '../view/load-objects.ts';
import { decisionFor } from './complete-change.ts';
import { type Decided, decideAll } from './decide-all.ts';
import { type Asked, type RefusalInput, type Refused, askedBy, refusal, refusedBy } from './explain-app.ts';
import { type PlaceInQueue, placeInQueue } from './place-in-queue.ts';

/** Whether and where one app would fit. */
export interface SimulatedApp {
  readonly namespace: string;
  readonly name: string;
  readonly framework: string;
  /** Every member that is wanted has a slot or gets one. */
  readonly fits: boolean;
  readonly asked: Asked | undefined;
  /** The places that it gets now. */
  readonly places: readonly AcceptedSlot[];
  /** Members that have a slot in the cluster already. */
  readonly placed: readonly { readonly member: string; readonly node: string }[];
  /** Why there is no place for it, or for the members that are left over when enough of them start. */
  readonly refused: Refused | undefined;
  readonly queue: PlaceInQueue | undefined;
}

/** What would become of these apps (`namespace/name`) in this cluster, whoever else waits being served in turn. Nothing is written. */
export function simulate(cluster: LoadedCluster, keys: readonly string[], now: number): readonly SimulatedApp[] {
  const decided = decideAll(cluster, now);
  return keys.flatMap((key) => {
    const plan = decided.plans.get(key);
    const app = cluster.apps.get(key);
    if (plan === undefined || app === undefined) return [];
    const input = { cluster, decided, plan, now };
    const decision = plan.demand === undefined ? undefined : decisionFor(plan.demand, decided.decisions);
    const places = decision?.kind === 'accept' ? decision.slots : [];
    const refused = places.length > 0 ? leftOver(input, places) : refusal(input, decision);
    const { namespace, name } = app.metadata;
    return [
      {
        namespace,
        name,
        framework: app.spec.framework,
        fits: refused === undefined && isWhole(plan, places.length, app.spec),
        asked: plan.demand === undefined ? undefined : askedBy(plan.demand),
        places,
        placed: plan.slots.map(({ member, node }) => ({ member, node })),
        refused,
        queue: placeInQueue(app.metadata.uid, decided),
      },
    ];
  });
}

function isWhole(
  plan: Plan,
  places: number,
  spec: { readonly replicas: number; readonly suspend: boolean; readonly paused: boolean },
): boolean {
  return spec.suspend || spec.paused || plan.slots.length + places >= spec.replicas;
}

/** Why the members have no place that are not among those that start: asked again once everything that was accepted is written. */
function leftOver(input: RefusalInput, places: readonly AcceptedSlot[]): Refused | undefined {
  const { demand } = input.plan;
  const placed = new Set(places.map(({ member }) => member));
  const members = demand?.members.filter(({ member }) => !placed.has(member)) ?? [];
  if (demand === undefined || members.length === 0) return undefined;
  const { view, frameworks } = input.cluster;
  const accepted = input.decided.decisions.filter((decision) => decision.kind === 'accept');
  for (const { app, slots } of accepted) view.assume(app, slots, frameworkOf(input.decided, app.uid));
  const rest: Demand = {
    ...demand,
    members,
    minMembers: 1,
    placed: [...demand.placed, ...places.map(({ member, node }) => ({ member, node }))],
  };
  const [answer] = allocate(view, tenantsOf(frameworks.values()), [rest], input.now);
  const decided = { ...input.decided, demands: [rest] };
  const refused =
    answer?.kind === 'decline' ? refusedBy({ ...input, decided }, forRest(answer, members.length), rest) : undefined;
  for (const { app } of accepted) view.forget(app);
  return refused;
}

function forRest(decline: Decline, count: number): Decline {
  return { ...decline, message: `no place for ${count} more: ${decline.message}` };
}

function frameworkOf({ demands }: Decided, uid: string): string {
  return demands.find(({ app }) => app.uid === uid)?.framework ?? '';
}
