import { withPod } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';
import { add, subtract } from '../resources/vector.ts';
import { volumeCharge } from '../view/app-charges.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { AppRef, Demand, MemberDemand } from './demand.ts';
import type { DemandUnit } from './gang-units.ts';

/** What serving the unit whole would add to its lead's tenant; other tenants of a gang are charged once it is served. */
export function unitCharge(view: ClusterView, { lead, demands }: DemandUnit): Resources {
  let total = demandCharge(view, lead);
  for (const demand of demands) {
    if (demand !== lead && demand.framework === lead.framework) total = add(total, demandCharge(view, demand));
  }
  return total;
}

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
