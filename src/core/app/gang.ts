import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Slot } from '../../api/reservation.ts';
import type { Demand, GangRef } from '../allocator/demand.ts';
import { ordinalOf } from './member-name.ts';

/** The gang of an app that starts together with others; undefined when it starts for itself. */
export function gangOf({ metadata, spec }: PersistentApp): GangRef | undefined {
  const named = spec.gang.apps;
  // The API server refuses a list without the app itself; then the others will be found to name another list.
  const apps = [...new Set(named.length === 0 || named.includes(metadata.name) ? named : [metadata.name, ...named])];
  const [lead] = apps;
  if (lead === undefined || apps.length < 2) return undefined;
  return { key: `${metadata.namespace}/${apps.join(' ')}`, apps, lead };
}

/** How many members of the app must have a place before any of its gang starts. */
export function gangMinimum({ spec }: PersistentApp): number {
  return Math.min(spec.gang.minMembers ?? spec.replicas, spec.replicas);
}

/** What is known of an app that a gang names. */
export interface GangPeer {
  readonly app: PersistentApp | undefined;
  /** Its slots, as its Reservation says. */
  readonly slots: readonly Slot[];
  /** What it asks for now. */
  readonly demand: Demand | undefined;
}

/**
 * Why an app that asks for its gang's places must wait for the others, in one sentence; undefined when every app of the gang that still
 * lacks its minimum asks with it.
 */
export function gangWait(own: string, gang: GangRef, peerOf: (app: string) => GangPeer): string | undefined {
  const problems = gang.apps
    .filter((name) => name !== own)
    .flatMap((name) => problemOf(name, gang, peerOf(name)) ?? []);
  if (problems.length === 0) return undefined;
  const ready = gang.apps.length - problems.length;
  return `${ready} of the ${gang.apps.length} apps that start together (${gang.apps.join(', ')}) can: ${problems.join('; ')}`;
}

function problemOf(name: string, gang: GangRef, peer: GangPeer): string | undefined {
  const { app } = peer;
  if (app === undefined) return `${name} does not exist: create it, or take it out of spec.gang.apps of the others`;
  if (app.metadata.deletionTimestamp !== undefined) return `${name} is being deleted`;
  const list = gangOf(app);
  if (list?.key === gang.key) return lackOf(name, app, peer, gang);
  const named = list === undefined ? 'no gang' : `another list (${list.apps.join(', ')})`;
  return `${name} names ${named}: give spec.gang.apps of all of them the same apps in the same order`;
}

/** Why an app lacks its minimum and does not ask for it. */
function lackOf(name: string, app: PersistentApp, peer: GangPeer, gang: GangRef): string | undefined {
  const minimum = gangMinimum(app);
  if (app.spec.suspend && minimum > 0) return `${name} is suspended: set spec.suspend to false`;
  const placed = placedMembers(app, peer.slots);
  if (placed >= minimum || asksWith(app, peer.demand, gang)) return undefined;
  const lack = `${placed} of the ${minimum} members that must start have a slot`;
  if (app.spec.paused) return `${name} is paused, and ${lack}: set spec.paused to false`;
  const reason = app.status?.summary.reason ?? '';
  return `${name} asks for nothing now${reason === '' ? '' : ` (${reason})`}, and ${lack}: see its status`;
}

/**
 * Whether the app asks with the gang, or for a lost member for itself. A demand may be older than the spec: one of before the app was in
 * this gang is no answer to it.
 */
function asksWith(app: PersistentApp, demand: Demand | undefined, gang: GangRef): boolean {
  if (demand?.gang !== undefined) return demand.gang.key === gang.key;
  return demand !== undefined && isPlanned(app);
}

/** Whether what the app asks for follows from its spec as it is now. */
function isPlanned({ metadata, status }: PersistentApp): boolean {
  return status?.observedGeneration === metadata.generation;
}

function placedMembers({ metadata, spec }: PersistentApp, slots: readonly Slot[]): number {
  return slots.filter((slot) => isSettled(slot) && (ordinalOf(metadata.name, slot.member) ?? Infinity) < spec.replicas)
    .length;
}

/** Whether its member has the slot: what is proposed may be withdrawn, and a conflicted one is lost. */
export function isSettled({ state }: Slot): boolean {
  return state !== 'Proposed' && state !== 'Conflicted';
}
