import type { PersistentApp } from '../../api/persistent-app.ts';
import { adoptionOf } from '../adoption/adoption.ts';
import { drainOf } from '../drain/drain.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { runningOperation } from '../operations/running-operation.ts';
import { memberRebuilds } from '../recovery/rebuild.ts';
import { volumesHealth } from '../recovery/volume-health.ts';
import { podRequests } from '../resources/pod-requests.ts';
import { ANNOTATION_LAUNCHED } from './build/annotations.ts';
import { claimName } from './claim-name.ts';
import type { AppFacts } from './facts.ts';
import { memberMoves } from './member-moves.ts';
import { memberName, ordinalOf } from './member-name.ts';
import { ifOurs, podOwnership } from './ownership.ts';
import type { KubeObject } from './plan.ts';
import { readNumber } from './read-field.ts';
import { readReplacement } from './replacement.ts';
import { type Member, type Situation, isStale, ownSlots } from './situation.ts';
import { wantedVolumes } from './wanted-volume.ts';

/** Reads the facts. Never throws: what is malformed becomes a problem that the guard reports. */
export function understand(facts: AppFacts, now: number): Situation {
  const { app } = facts;
  const statefulSet = ifOurs(app, facts.statefulSet);
  const adoption = adoptionOf(facts);
  const isAdopting = adoption.kind === 'adopting';
  const members = membersOf(facts, isAdopting ? adoption.statefulSet : statefulSet);
  const running = runningOperation(facts.operations ?? []);
  const rebuilds = memberRebuilds(facts, running);
  const replacement = readReplacement(app);
  const workload = statefulSet ?? replacement?.next;
  const known = {
    facts,
    app,
    now,
    members,
    // Nobody is moved off a node before its pods are ours.
    moves: isAdopting ? new Map() : memberMoves(facts, members, rebuilds),
    rebuilds,
    running,
    health: healthOf(facts, members, now),
    volumes: wantedVolumes(facts),
    statefulSet,
    adoption,
    replacement,
    livePods: readNumber(workload, 'spec', 'replicas') ?? 0,
    launched: Number(workload?.metadata.annotations?.[ANNOTATION_LAUNCHED] ?? 0) || 0,
    ...requestsOf(app),
  };
  return { ...known, drain: drainOf(known) };
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

function requestsOf(app: PersistentApp): Pick<Situation, 'requests' | 'requestsProblem'> {
  try {
    return { requests: podRequests(app.spec.template.spec), requestsProblem: '' };
  } catch (error) {
    return { requests: undefined, requestsProblem: error instanceof Error ? error.message : String(error) };
  }
}

function healthOf(facts: AppFacts, members: readonly Member[], now: number): Situation['health'] {
  const found = members.map((member) => [member.name, volumesHealth(member, facts, now)] as const);
  return new Map(found.filter(([, volumes]) => volumes.length > 0));
}
