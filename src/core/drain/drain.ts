import type { Member, Situation } from '../app/situation.ts';
import type { MoveOrder } from '../operations/move-order.ts';
import { markFor } from './drain-mark.ts';
import type { Drain, LeavingMember } from './leaving-member.ts';

/** What is known of an app before its drain is looked at. */
type Known = Omit<Situation, 'drain'>;

/** Which members of an app must leave their nodes, and for which of them another place is looked for; undefined: nobody must. */
export function drainOf(known: Known): Drain | undefined {
  if (known.app.spec.suspend) return undefined;
  const found = known.members.flatMap((member) => leaving(member, known));
  const going = known.members.filter(isGoing);
  if (found.length === 0 && going.length === 0) return undefined;
  const held = heldBack(
    known,
    found.some(({ mark }) => mark.isUrgent),
  );
  const told = found.map((item) => (held === undefined || item.stays !== undefined ? item : { ...item, stays: held }));
  const nodes = [...new Set(found.map(({ node }) => node))].toSorted();
  const moved = [
    ...told.filter(({ stays }) => stays === undefined).map(({ name }) => name),
    ...going.map(({ name }) => name),
  ];
  return { leaving: told, orders: new Map(moved.map((name) => [name, orderOf(name, nodes, known)])) };
}

function leaving(member: Member, known: Known): readonly LeavingMember[] {
  const { name, pod, wanted, bound } = member;
  if (pod === undefined || !wanted || !bound || isGoing(member)) return [];
  const mark = markFor(known.facts.nodes.get(pod.nodeName), known);
  if (mark === undefined) return [];
  const stays = staysFor(member, known);
  return [{ name, node: pod.nodeName, mark, ...(stays === undefined ? {} : { stays }) }];
}

/** Its pod was told to go, and its place elsewhere is kept, whatever becomes of the node by then. */
function isGoing({ pod, bound, slot }: Member): boolean {
  return pod !== undefined && bound && pod.deleting && slot?.state === 'Held' && slot.node !== pod.nodeName;
}

function staysFor({ name, slot, pod }: Member, { moves, rebuilds }: Known): LeavingMember['stays'] {
  if (rebuilds.has(name)) return { check: 'Rebuild', message: 'it gets new volumes first' };
  if (isLost(moves.get(name)?.judgement.kind))
    return { check: 'Recovery', message: `node ${pod?.nodeName ?? ''} looks lost, so recovery sees to it` };
  const local = (slot?.volumes ?? []).filter(({ pinned }) => pinned).map(({ claim }) => claim);
  if (local.length === 0) return undefined;
  const message = `its volume ${local.join(', ')} is on that node alone; when its pod is evicted, it waits there for the node and keeps its slot. For a new, empty volume elsewhere, filled by the app itself: an AppOperation of type Rebuild`;
  return { check: 'VolumePinnedElsewhere', message };
}

function isLost(kind: string | undefined): boolean {
  return kind === 'suspected' || kind === 'needsFencing' || kind === 'lost';
}

/** What comes before any drain of this app. A lost member needs its place first, and an AppOperation ends what it has begun. */
function heldBack(known: Known, isUrgent: boolean): LeavingMember['stays'] {
  const { moves, running, members, launched, livePods } = known;
  const lost = [...moves.values()].find(({ judgement, move }) => isLost(judgement.kind) || move.step === 'fence');
  if (lost !== undefined) return { check: 'Recovery', message: `waits for the recovery of ${lost.member}` };
  const homeless = members.find(
    ({ wanted, bound, slot, ordinal }) =>
      wanted && !bound && slot === undefined && ordinal < Math.min(launched, livePods),
  );
  if (homeless !== undefined) return { check: 'NoSlot', message: `waits for ${homeless.name} to have a place` };
  if (running === undefined || running.operation.spec.type === 'Snapshot') return undefined;
  if (isUrgent && running.step === undefined) return undefined;
  const { name } = running.operation.metadata;
  return { check: `AppOperation/${name}`, message: `waits for AppOperation ${name}` };
}

function orderOf(member: string, nodes: readonly string[], { members }: Known): MoveOrder {
  const pod = members.find(({ name }) => name === member)?.pod;
  const from = pod?.nodeName ?? '';
  return { member, from, not: [...new Set([...nodes, from])].toSorted() };
}

/** Whether an AppOperation lets the drain go first: the machine goes away, and there is, or may be, another place. */
export function goesFirst({
  drain,
  members,
  facts,
}: Pick<Situation, 'drain' | 'members' | 'facts'>): string | undefined {
  const urgent = drain?.leaving.find(({ name, mark, stays, node }) => {
    const slot = members.find((member) => member.name === name)?.slot;
    const isFound = slot?.state === 'Held' && slot.node !== node;
    return mark.isUrgent && stays === undefined && (isFound || facts.decline === undefined);
  });
  return urgent === undefined
    ? undefined
    : `waits for ${urgent.name} to leave ${urgent.node}, which ${urgent.mark.says}`;
}
