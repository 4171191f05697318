// A world so small that every state of it can be visited: two nodes with room for two members each, one app of three that starts whole or
// not at all. Whatever happens in whatever order, nothing is given twice and nothing leaks.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import {
  NOW,
  demand,
  memberDemand,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  tenant,
  viewOf,
} from '../support/core-builders.ts';

const NODES = ['n1', 'n2'] as const;
const MEMBERS = [0, 1, 2] as const;
const ROOM = 2;
const APP = 'app';
const SET = 'set';

/** Where a member has its slot, and whether its pod is there. */
interface Place {
  readonly node: string;
  readonly runs: boolean;
}

interface State {
  readonly nodes: readonly string[];
  readonly members: readonly (Place | undefined)[];
  /** Its gang got its places once: members that are lost are replaced one by one. */
  readonly launched: boolean;
}

const START: State = { nodes: [], members: MEMBERS.map(() => undefined), launched: false };

const aNode = (name: string) => nodeFacts(name, { allocatable: { cpu: String(ROOM), memory: '64Gi' } });

const aPod = (member: number, node: string) => podFacts(`${APP}-${member}`, { nodeName: node, statefulSet: SET });

const slotsOf = ({ members }: State) =>
  members.flatMap((place, member) =>
    place === undefined ? [] : [slot(`${APP}-${member}`, place.node, { state: place.runs ? 'Claimed' : 'Held' })],
  );

/** The view of somebody who sees the state for the first time. */
function rebuilt(state: State): ClusterView {
  const view = viewOf(...state.nodes.map(aNode));
  view.setWorkload(SET, { appUid: `uid-${APP}`, appName: APP, namespace: 'shop' });
  if (slotsOf(state).length > 0) view.setReservation(reservation(APP, slotsOf(state)));
  for (const [member, place] of state.members.entries()) if (place?.runs) view.setPod(aPod(member, place.node));
  return view;
}

/** What happens: the state after it, and what a view that was there hears of it. Undefined: it cannot happen now. */
interface Event {
  readonly name: string;
  readonly happen: (state: State, view: ClusterView) => State | undefined;
}

const withMember = (state: State, member: number, place: Place | undefined): State => ({
  ...state,
  members: state.members.map((old, at) => (at === member ? place : old)),
});

function heard(view: ClusterView, state: State): State {
  if (slotsOf(state).length === 0) view.deleteReservation(`shop/${APP}`);
  else view.setReservation(reservation(APP, slotsOf(state)));
  return state;
}

const offered: Event = {
  name: 'an offer is made, and accepted or not',
  happen: (state, view) => {
    const missing = MEMBERS.filter((member) => state.members[member] === undefined);
    if (missing.length === 0) return undefined;
    const asked = demand(APP, {
      members: missing.map((member) => memberDemand(APP, member)),
      minMembers: state.launched ? 1 : MEMBERS.length,
      placed: slotsOf(state).map(({ member, node }) => ({ member, node })),
    });
    const [decision] = allocate(view, [tenant()], [asked], NOW);
    if (decision?.kind !== 'accept') return undefined;
    if (!state.launched) expect(decision.slots).toHaveLength(MEMBERS.length);
    const next = decision.slots.reduce(
      (now, { member, node }) => withMember(now, Number(member.at(-1)), { node, runs: false }),
      { ...state, launched: true },
    );
    return heard(view, next);
  },
};

const bound = (member: number): Event => ({
  name: `the pod of member ${member} is bound`,
  happen: (state, view) => {
    const place = state.members[member];
    if (place === undefined || place.runs || !state.nodes.includes(place.node)) return undefined;
    view.setPod(aPod(member, place.node));
    return heard(view, withMember(state, member, { ...place, runs: true }));
  },
});

const podDeleted = (member: number): Event => ({
  name: `the pod of member ${member} is deleted`,
  happen: (state, view) => {
    const place = state.members[member];
    if (place?.runs !== true) return undefined;
    view.deletePod(aPod(member, place.node).uid);
    return heard(view, withMember(state, member, { ...place, runs: false }));
  },
});

const nodeDeleted = (node: string): Event => ({
  name: `${node} is deleted with its pods`,
  happen: (state, view) => {
    if (!state.nodes.includes(node)) return undefined;
    view.deleteNode(node);
    const members = state.members.map((place, member) => {
      if (place?.node !== node || !place.runs) return place;
      view.deletePod(aPod(member, node).uid);
      return { ...place, runs: false };
    });
    return heard(view, { ...state, members, nodes: state.nodes.filter((name) => name !== node) });
  },
});

const nodeCame = (node: string): Event => ({
  name: `${node} comes`,
  happen: (state, view) => {
    if (state.nodes.includes(node)) return undefined;
    view.setNode(aNode(node));
    return { ...state, nodes: [...state.nodes, node].toSorted() };
  },
});

const timePassed: Event = {
  name: 'slots without a pod have been held long enough',
  happen: (state, view) =>
    heard(view, { ...state, members: state.members.map((place) => (place?.runs === true ? place : undefined)) }),
};

const EVENTS: readonly Event[] = [
  offered,
  timePassed,
  ...MEMBERS.flatMap((member) => [bound(member), podDeleted(member)]),
  ...NODES.flatMap((node) => [nodeDeleted(node), nodeCame(node)]),
];

/** What can be asked of a view about this world. */
const told = (view: ClusterView) => ({
  free: NODES.map((node) => view.free(node)['cpu'] ?? null),
  slots: NODES.map((node) =>
    view
      .slotsOn(node)
      .map((held) => held.slot.member)
      .toSorted(),
  ),
  charged: view.charges().get('default')?.['cpu'] ?? 0,
});

function judge(state: State, view: ClusterView): void {
  expect(told(view)).toEqual(told(rebuilt(state)));
  for (const node of state.nodes) {
    const there = state.members.filter((place) => place?.node === node).length;
    expect(there).toBeLessThanOrEqual(ROOM);
    expect(view.free(node)['cpu']).toBe((ROOM - there) * 1000);
  }
  expect(told(view).charged).toBe(state.members.filter((place) => place !== undefined).length * 1000);
}

describe('every state that can be reached', () => {
  test('gives no room twice, leaks none, looks the same to a restarted leader, and starts the gang whole', () => {
    const seen = new Set<string>([JSON.stringify(START)]);
    const open: State[] = [START];
    let transitions = 0;
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      for (const { happen } of EVENTS) {
        const view = rebuilt(state);
        const next = happen(state, view);
        if (next === undefined) continue;
        transitions += 1;
        judge(next, view);
        const key = JSON.stringify(next);
        if (seen.has(key)) continue;
        seen.add(key);
        open.push(next);
      }
    }
    // Nothing was left out for want of a way to get there.
    expect(seen.size).toBeGreaterThan(200);
    expect(transitions).toBeGreaterThan(1000);
  });
});
