import { LABEL_APP_UID, ANNOTATION_RETIRED } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Slot } from '../../api/reservation.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { MemberMove } from '../recovery/decide-moves.ts';
import { podRequests } from '../resources/pod-requests.ts';
import type { Resources } from '../resources/resources.ts';
import { ANNOTATION_LAUNCHED } from './build/annotations.ts';
import { claimName } from './claim-name.ts';
import type { AppFacts } from './facts.ts';
import { memberMoves } from './member-moves.ts';
import { memberName, ordinalOf } from './member-name.ts';
import { ifOurs, podOwnership } from './ownership.ts';
import type { KubeObject } from './plan.ts';
import { readNumber } from './read-field.ts';
import { type WantedVolume, wantedVolumes } from './wanted-volume.ts';

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
  readonly volumes: readonly WantedVolume[];
  /** The StatefulSet, if it is ours. */
  readonly statefulSet: KubeObject | undefined;
  /** `spec.replicas` of the StatefulSet, 0 without one. */
  readonly livePods: number;
  /** How many members have had a slot together; see ANNOTATION_LAUNCHED. */
  readonly launched: number;
  /** What one pod asks for; undefined when the template says it in a way that nobody can read. */
  readonly requests: Resources | undefined;
  readonly requestsProblem: string;
}

/** Reads the facts. Never throws: what is malformed becomes a problem that the guard reports. */
export function understand(facts: AppFacts, now: number): Situation {
  const { app } = facts;
  const statefulSet = ifOurs(app, facts.statefulSet);
  const members = membersOf(facts, statefulSet);
  return {
    facts,
    app,
    now,
    members,
    moves: memberMoves(facts, members),
    volumes: wantedVolumes(facts),
    statefulSet,
    livePods: readNumber(statefulSet, 'spec', 'replicas') ?? 0,
    launched: Number(statefulSet?.metadata.annotations?.[ANNOTATION_LAUNCHED] ?? 0) || 0,
    ...requestsOf(app),
  };
}

/** The slots of the app's own Reservation; one that a deleted app of the same name left is not ours. */
export function ownSlots(facts: AppFacts): readonly Slot[] {
  const { reservation, app } = facts;
  return reservation !== undefined && reservation.spec.app.uid === app.metadata.uid ? reservation.spec.slots : [];
}

function membersOf(facts: AppFacts, statefulSet: KubeObject | undefined): readonly Member[] {
  const { app } = facts;
  const slots = new Map(ownSlots(facts).map((slot) => [slot.member, slot]));
  const claimedBy = new Set([...slots.values()].map((slot) => slot.podUID));
  const pods = facts.pods.filter((pod) => podOwnership(app, pod, statefulSet, claimedBy) === 'ours');
  const podOf = new Map(pods.map((pod) => [pod.name, pod]));
  const claimOf = new Map(facts.claims.map((claim) => [claim.name, claim]));
  const ordinals = new Set(Array.from({ length: app.spec.replicas }, (_, ordinal) => ordinal));
  for (const name of [...slots.keys(), ...podOf.keys()]) {
    const ordinal = ordinalOf(app.metadata.name, name);
    if (ordinal !== undefined) ordinals.add(ordinal);
  }
  return [...ordinals]
    .sort((a, b) => a - b)
    .map((ordinal) => {
      const name = memberName(app.metadata.name, ordinal);
      const pod = podOf.get(name);
      const bound = pod !== undefined && isBound(pod);
      const claims = app.spec.volumeClaims.flatMap(
        (volume) => claimOf.get(claimName(volume.name, app.metadata.name, ordinal)) ?? [],
      );
      const staleClaims = bound && !pod.deleting ? [] : claims.filter((claim) => isStale(claim, app));
      const wanted = ordinal < app.spec.replicas;
      return { name, ordinal, wanted, pod, bound, slot: slots.get(name), claims, staleClaims };
    });
}

function isBound(pod: PodFacts): boolean {
  return pod.nodeName !== '' && pod.phase !== 'Succeeded' && pod.phase !== 'Failed';
}

/** Retired, or made for another app (one of the same name that is deleted, or somebody's own). */
export function isStale(claim: ClaimFacts, app: PersistentApp): boolean {
  return claim.annotations[ANNOTATION_RETIRED] !== undefined || claim.labels[LABEL_APP_UID] !== app.metadata.uid;
}

function requestsOf(app: PersistentApp): Pick<Situation, 'requests' | 'requestsProblem'> {
  try {
    return { requests: podRequests(app.spec.template.spec), requestsProblem: '' };
  } catch (error) {
    return { requests: undefined, requestsProblem: error instanceof Error ? error.message : String(error) };
  }
}
