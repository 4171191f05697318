import type { PlacedMember } from '../placement/place-gang.ts';
import { withPod } from '../facts/held-slot.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { NeededVolume } from '../placement/member-need.ts';
import { localityOf } from '../pools/locality.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { HOSTNAME_LABEL, ZONE_LABEL } from '../view/node-table.ts';
import type { AcceptedSlot } from './decision.ts';

/** The slot of a placed member. */
export function acceptedSlot(view: ClusterView, { need, row }: PlacedMember): AcceptedSlot {
  const node = view.nodeTable.facts[row];
  return {
    member: need.demand.member,
    node: view.nodeTable.names[row] ?? '',
    zone: node?.labels[ZONE_LABEL] ?? '',
    resources: withPod(need.demand.requests),
    volumes: need.volumes.length === 0 ? NO_VOLUMES : need.volumes.map((volume) => volumeOf(view, volume, node)),
  };
}

const NO_VOLUMES: AcceptedSlot['volumes'] = [];

function volumeOf(
  view: ClusterView,
  volume: NeededVolume,
  node: NodeFacts | undefined,
): AcceptedSlot['volumes'][number] {
  return { ...volume.demand, storageClassName: volume.storageClassName, pinned: isPinned(view, volume, node) };
}

/** Whether the volume can, or will, be reached from this node alone: its pool says so, or its topology names the node. */
function isPinned(view: ClusterView, { demand, bound }: NeededVolume, node: NodeFacts | undefined): boolean {
  const pool = view.storage.facts.pools.get(demand.pool);
  if (pool !== undefined && localityOf(pool) === 'Node') return true;
  const names = [node?.name ?? '', node?.labels[HOSTNAME_LABEL] ?? ''].filter((name) => name !== '');
  return (
    bound?.nodeTerms?.some((term) => Object.values(term).some((values) => values.some((v) => names.includes(v)))) ===
    true
  );
}
