import { withPod } from '../facts/held-slot.ts';
import type { FairColumns } from '../fairness/fair-columns.ts';
import type { Resources } from '../resources/resources.ts';
import { add, subtract } from '../resources/vector.ts';
import { volumeCharge } from '../view/app-charges.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { AppRef, Demand, MemberDemand } from './demand.ts';
import type { DemandUnit } from './gang-units.ts';

/** What serving the demand whole would add to its tenant's charge. */
export function demandCharge(view: ClusterView, demand: Demand): Resources {
  let total: Resources = {};
  for (const member of demand.members) total = add(total, memberCharge(view, demand.app, member));
  return total;
}

/** What one member would add: its resources, pool bytes and attach slots, less what it is charged already (a member that moves). */
export function memberCharge(view: ClusterView, app: AppRef, member: MemberDemand): Resources {
  let wanted: Resources = withPod(member.requests);
  for (const volume of member.volumes) wanted = add(wanted, volumeCharge(view.storage, volume));
  const id = { appUid: app.uid, member: member.member };
  const charged = view.members.charges(id);
  if (charged.size === 0) return wanted;
  for (const amount of charged.values()) wanted = subtract(wanted, view.nodeTable.columns.resources(amount));
  for (const volume of view.slotOf(app.uid, member.member)?.slot.volumes ?? []) {
    wanted = subtract(wanted, volumeCharge(view.storage, volume));
  }
  return wanted;
}

/** The same by column. Nobody may write into it: members that ask for the same share it. */
export function memberRequest(
  view: ClusterView,
  columns: FairColumns,
  app: AppRef,
  member: MemberDemand,
): Float64Array {
  const isPlain =
    member.volumes.length === 0 && view.members.charges({ appUid: app.uid, member: member.member }).size === 0;
  return isPlain ? columns.ofMember(member.requests) : columns.vector(memberCharge(view, app, member));
}

/** By column, what serving the unit whole would add to its lead's tenant; other tenants of a gang are charged once it is served. */
export function unitRequest(view: ClusterView, columns: FairColumns, { lead, demands }: DemandUnit): Float64Array {
  const [member] = lead.members;
  // The frequent case: one member asks.
  if (demands.length === 1 && lead.members.length === 1 && member !== undefined) {
    return memberRequest(view, columns, lead.app, member);
  }
  const requests = demands
    .filter(({ framework }) => framework === lead.framework)
    .flatMap(({ app, members }) => members.map((one) => memberRequest(view, columns, app, one)));
  return sumOfRequests(columns, requests);
}

/** The first one itself when there is no other. */
export function sumOfRequests(columns: FairColumns, [first, ...others]: readonly Float64Array[]): Float64Array {
  if (first === undefined) return new Float64Array(columns.count);
  if (others.length === 0) return first;
  const sum = first.slice();
  for (const request of others)
    for (const [column, amount] of request.entries()) sum[column] = (sum[column] ?? 0) + amount;
  return sum;
}
