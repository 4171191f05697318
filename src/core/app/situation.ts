import { ANNOTATION_RETIRED, LABEL_APP, LABEL_APP_UID } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Slot } from '../../api/reservation.ts';
import type { Adoption } from '../adoption/adoption-state.ts';
import type { Drain } from '../drain/leaving-member.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { RunningOperation } from '../operations/running-operation.ts';
import type { MemberMove } from '../recovery/decide-moves.ts';
import type { MemberRebuild } from '../recovery/rebuild.ts';
import type { VolumeHealth } from '../recovery/volume-health.ts';
import type { Resources } from '../resources/resources.ts';
import type { AppFacts } from './facts.ts';
import type { KubeObject } from './plan.ts';
import type { Replacement } from './replacement.ts';
import type { WantedVolume } from './wanted-volume.ts';

/** A member as it is. There is one for each ordinal that is wanted, or has a pod or a slot. */
export interface Member {
  readonly name: string;
  readonly ordinal: number;
  /** Its ordinal is below `spec.replicas`. */
  readonly wanted: boolean;
  /** Our pod of that name, whatever its state. */
  readonly pod: PodFacts | undefined;
  /** Bound to a node and not finished: it uses a node's resources, and its volumes. */
  readonly bound: boolean;
  /** As its Reservation says. */
  readonly slot: Slot | undefined;
  /** Its claims that exist, in the order of `spec.volumeClaims`. */
  readonly claims: readonly ClaimFacts[];
  /** Claims with old data, which a new member may not use unasked. Empty while its own pod uses them. */
  readonly staleClaims: readonly ClaimFacts[];
}

/** The facts, read as one app's story. Everything here follows from the facts alone. */
export interface Situation {
  readonly facts: AppFacts;
  readonly app: PersistentApp;
  readonly now: number;
  readonly members: readonly Member[];
  /** What recovery decides, by member; empty while nothing is wrong with any node. */
  readonly moves: ReadonlyMap<string, MemberMove>;
  /** Members that lose their volumes for new ones, by name. */
  readonly rebuilds: ReadonlyMap<string, MemberRebuild>;
  /** What is wrong with members' volumes, by member; those with nothing wrong are not in it. */
  readonly health: ReadonlyMap<string, readonly VolumeHealth[]>;
  /** The AppOperation that is under way. */
  readonly running: RunningOperation | undefined;
  /** Members on nodes that are to be emptied; undefined: there is none. */
  readonly drain: Drain | undefined;
  readonly volumes: readonly WantedVolume[];
  /** The StatefulSet, if it is ours. */
  readonly statefulSet: KubeObject | undefined;
  /** Whether a StatefulSet that is not ours is to become the app's. */
  readonly adoption: Adoption;
  /** The StatefulSet that takes the place of another one, as status says; undefined: none is being replaced. */
  readonly replacement: Replacement | undefined;
  /** `spec.replicas` of the StatefulSet, or of the one that is to take its place; 0 without one. */
  readonly livePods: number;
  /** How many members have had a slot together; see ANNOTATION_LAUNCHED. */
  readonly launched: number;
  /** What one pod asks for; undefined when the template says it in a way that nobody can read. */
  readonly requests: Resources | undefined;
  readonly requestsProblem: string;
}

/** The slots of the app's own Reservation; one that a deleted app of the same name left is not ours. */
export function ownSlots(facts: AppFacts): readonly Slot[] {
  const { reservation, app } = facts;
  return reservation !== undefined && reservation.spec.app.uid === app.metadata.uid ? reservation.spec.slots : [];
}

/**
 * Whether the StatefulSet of the app's name is not its own: somebody's, one that was let go, or a deleted app's. Its pods have the claims that
 * members of this app would find, though none of them may be there at the moment.
 */
export function hasForeignStatefulSet({ facts, statefulSet }: Pick<Situation, 'facts' | 'statefulSet'>): boolean {
  return facts.statefulSet !== undefined && statefulSet === undefined;
}

/**
 * Made for an app of another name: volume `data-log` of app `db` and volume `data` of app `log-db` have claims of the same names. It is not
 * for this app to say what becomes of it.
 */
export function isOfOtherName(claim: ClaimFacts, app: PersistentApp): boolean {
  const name = claim.labels[LABEL_APP];
  return name !== undefined && name !== app.metadata.name;
}

/** Retired, or made for another app (one of the same name that is deleted, or somebody's own). */
export function isStale(claim: ClaimFacts, app: PersistentApp): boolean {
  return claim.annotations[ANNOTATION_RETIRED] !== undefined || claim.labels[LABEL_APP_UID] !== app.metadata.uid;
}
