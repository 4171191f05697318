import type { Slot } from '../../../src/api/reservation.ts';
import type { Decision } from '../../../src/core/allocator/decision.ts';
import type { Demand } from '../../../src/core/allocator/demand.ts';
import { formatTime } from '../../../src/core/app/rfc3339.ts';
import { formatResourceList } from '../../../src/core/resources/resource-list.ts';
import { reservation } from '../app-builders.ts';
import type { WorldState } from './world-state.ts';

/** The allocator: one slot per `room` on each ready node, the whole gang or none of it. */
export function writeSlots(world: WorldState, kept: readonly Slot[], demand: Demand | undefined): void {
  if (world.reservation !== undefined && world.reservation.spec.app.uid !== world.app.metadata.uid) return;
  const decision = demand === undefined ? undefined : decide(world, kept, demand);
  world.decline = decision?.kind === 'decline' ? decision : undefined;
  const accepted = decision?.kind === 'accept' ? decision.slots.map((slot) => newSlot(world, slot)) : [];
  const replaced = new Set(accepted.map(({ member }) => member));
  const slots = [...kept.filter(({ member }) => !replaced.has(member)), ...accepted];
  if (slots.length === 0 && world.reservation === undefined) return;
  world.reservation = reservation(slots, world.app.metadata.uid);
}

function decide(world: WorldState, kept: readonly Slot[], demand: Demand): Decision {
  const free = [...world.nodes.values()]
    .filter((item) => item.ready && !item.unschedulable)
    .flatMap(({ name }) => {
      const used = kept.filter((slot) => slot.node === name).length;
      return Array.from({ length: Math.max(0, world.room - used) }, () => name);
    });
  const placed = demand.members.slice(0, free.length);
  if (placed.length < demand.minMembers) {
    const message = `${demand.minMembers} members need a place, ${free.length} fit`;
    return {
      kind: 'decline',
      app: demand.app,
      reason: 'InsufficientCPU',
      message,
      nodesByReason: { InsufficientCPU: world.nodes.size },
      refusals: [],
    };
  }
  const slots = placed.map(({ member, requests, volumes }, at) => ({
    member,
    node: free[at] ?? '',
    zone: 'a',
    resources: requests,
    volumes: volumes.map((volume) => ({ ...volume, pinned: false })),
  }));
  return { kind: 'accept', app: demand.app, slots };
}

function newSlot(world: WorldState, slot: Extract<Decision, { kind: 'accept' }>['slots'][number]): Slot {
  const acceptedAt = formatTime(world.now);
  const resources = formatResourceList(slot.resources);
  return { ...slot, resources, state: 'Held', decision: 'd', podUID: '', epoch: 1, acceptedAt };
}
