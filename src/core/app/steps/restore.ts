import { ANNOTATION_FILLED_FROM } from '../../../api/labels.ts';
import { type UnfilledClaim, fillProblem, hasProblem, unfilledClaims } from '../../backup/unfilled-claims.ts';
import { formatBytes } from '../../resources/quantity.ts';
import { buildClaimTemplate } from '../build/claim-template.ts';
import type { Action, KubeObject } from '../plan.ts';
import { readMap } from '../read-field.ts';
import type { Situation } from '../situation.ts';
import { type Answer, DONE, type Finding, type Step, type StepInput } from './step.ts';

/**
 * Volumes that are filled from a backup, a snapshot or another claim. Their claims are made here, before the StatefulSet is, or is made
 * larger: it makes a claim only where there is none.
 */
export const restore: Step = {
  name: 'restore',
  run: (input) => {
    const claims = unfilledClaims(input.situation);
    if (claims.length === 0) return filling(input);
    const problem = fillProblem(claims);
    if (problem === undefined) return { state: 'do', actions: claims.map((claim) => create(claim, input.situation)) };
    const { reason, message, final } = problem;
    const operation = { type: 'Restore', progress: `0/${claims.length}`, blockedBy: reason, message };
    const findings: readonly Finding[] = [{ reason, message, stalls: final, holds: [] }];
    return { state: 'waiting', operation: { ...operation, message: message.slice(0, 1024) }, findings };
  },
};

function create(claim: UnfilledClaim, { app, facts }: Situation): Action {
  if (hasProblem(claim)) throw new Error(`claim ${claim.name} has no source`);
  const { name, volume, source } = claim;
  const pool = facts.pools.get(volume.claim.pool ?? '');
  const template = buildClaimTemplate(app, volume.claim, volume.storageClassName, pool, formatBytes(volume.newBytes));
  const { kind = '', name: from = '' } = volume.claim.dataSourceRef ?? {};
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...readMap(template, 'metadata'),
      name,
      namespace: app.metadata.namespace,
      annotations: { [ANNOTATION_FILLED_FROM]: `${kind}/${from}` },
    },
    spec: { ...readMap(template, 'spec'), dataSourceRef: source },
  };
  return { kind: 'create', object, why: `it is filled from ${kind} ${from}` };
}

/** How far the driver is, once there are slots: before that no volume is made. */
function filling({ situation, slots }: StepInput): Answer {
  const slotted = new Set(slots.map((slot) => slot.member));
  const sourced = situation.members
    .filter((member) => member.wanted)
    .flatMap((member) =>
      member.claims
        .filter((claim) => claim.annotations[ANNOTATION_FILLED_FROM] !== undefined)
        .map((claim) => ({ claim, isAwaited: slotted.has(member.name) })),
    );
  const unbound = sourced.filter(({ claim }) => claim.phase !== 'Bound');
  const [first] = unbound.filter(({ isAwaited }) => isAwaited);
  if (first === undefined) return DONE;
  const done = sourced.length - unbound.length;
  const from = first.claim.annotations[ANNOTATION_FILLED_FROM];
  const message = `${done} of ${sourced.length} volumes are filled; waits for claim ${first.claim.name}, from ${from}`;
  return {
    state: 'waiting',
    operation: { type: 'Restore', progress: `${done}/${sourced.length}`, blockedBy: '', message },
  };
}
