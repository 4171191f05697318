import type { MemberStatus, VolumeStatus } from '../../../api/member-status.ts';
import type { Operation } from '../steps/step.ts';
import { backedUpCondition } from './backed-up.ts';
import { volumesAtRiskCondition } from './volumes-at-risk.ts';
import { type FoundCondition, wasTrue } from './conditions.ts';
import { holdGuarantee } from './hold-guarantee.ts';
import { type StatusInput, isUnfinished, wantedMembers } from './status-input.ts';

/** What is so now, one condition per aspect, in the order in which people read them. */
export function foundConditions(input: StatusInput, operations: readonly Operation[]): readonly FoundCondition[] {
  const stalled = stalledCondition(input);
  const progressing = progressingCondition(input, operations);
  const ready = readyCondition(input, operations);
  return [
    ready,
    reservedCondition(input, operations),
    reconcilingCondition(input, ready, stalled, operations),
    stalled,
    degradedCondition(input, progressing),
    progressing,
    volumesCondition(input),
    suspendedCondition(input),
    supportedCondition(input),
    ...foreignCondition(input),
    ...fencingCondition(input),
    ...backedUpCondition(input.situation),
    ...volumesAtRiskCondition(input.situation),
  ];
}

function readyCondition(input: StatusInput, operations: readonly Operation[]): FoundCondition {
  const { app } = input.situation;
  const message = readyMessage(input);
  if (app.spec.suspend)
    return { type: 'Ready', status: 'False', reason: 'Suspended', message: 'no pods are wanted: spec.suspend is set' };
  const [stalled] = input.findings.filter((finding) => finding.stalls && finding.holds.includes('workload'));
  if (stalled !== undefined)
    return { type: 'Ready', status: 'False', reason: stalled.reason, message: `${message}; ${stalled.message}` };
  const [operation] = operations.filter(
    (item) => !HARMLESS.has(item.type) && (item.type !== 'Update' || app.spec.update.type === 'RollingUpdate'),
  );
  if (allReady(input) && operation === undefined && !isUnfinished(input, 'workload')) {
    return { type: 'Ready', status: 'True', reason: 'AllMembersReady', message };
  }
  if (operation === undefined) return { type: 'Ready', status: 'False', reason: 'MembersNotReady', message };
  return {
    type: 'Ready',
    status: 'False',
    reason: operation.blockedBy || operation.type,
    message: `${message}; ${operation.message}`,
  };
}

/** What goes on beside running members. */
const HARMLESS: ReadonlySet<string> = new Set(['Grow', 'Adopt', 'ReplaceStatefulSet', 'RemoveVolumes', 'Drain']);

function readyMessage(input: StatusInput): string {
  const wanted = wantedMembers(input);
  const others = wanted.filter((member) => member.state !== 'Ready');
  const count = `${wanted.length - others.length} of ${wanted.length} members are ready`;
  return others.length === 0 ? count : `${count}: ${some(others.map(describe))}`;
}

function describe({ name, state, node, message }: MemberStatus): string {
  return `${name} ${state}${node === '' ? '' : ` on ${node}`}${message === undefined ? '' : ` (${message})`}`;
}

function some(texts: readonly string[]): string {
  return texts.length <= 3 ? texts.join(', ') : `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more`;
}

function allReady(input: StatusInput): boolean {
  return wantedMembers(input).every((member) => member.state === 'Ready');
}

function reservedCondition(input: StatusInput, operations: readonly Operation[]): FoundCondition {
  const wanted = wantedMembers(input);
  const slotted = new Set([
    ...input.slots.filter((slot) => slot.state !== 'Proposed').map((slot) => slot.member),
    // It has its place until it has another one.
    ...(input.situation.drain?.orders.keys() ?? []),
  ]);
  const count = wanted.filter((member) => slotted.has(member.name)).length;
  const message = `${count} of ${wanted.length} members have a slot`;
  if (count === wanted.length) {
    const worth = holdGuarantee(input.slots, input.situation.facts.nodes).message;
    const told = worth === '' ? message : `${message}; ${worth}`;
    return { type: 'Reserved', status: 'True', reason: 'AllMembersPlaced', message: told };
  }
  if (input.situation.app.spec.suspend) return { type: 'Reserved', status: 'False', reason: 'Suspended', message };
  const waiting = operations.find((operation) => PLACING.has(operation.type));
  return {
    type: 'Reserved',
    status: 'False',
    reason: waiting?.blockedBy || 'Placing',
    message: waiting === undefined ? message : `${message}; ${waiting.message}`,
  };
}

const PLACING: ReadonlySet<string> = new Set(['Launch', 'ScaleOut', 'Replace']);

function reconcilingCondition(
  input: StatusInput,
  ready: FoundCondition,
  stalled: FoundCondition,
  operations: readonly Operation[],
): FoundCondition {
  const [operation] = operations;
  const stopping = input.situation.app.spec.suspend && input.members.some((member) => member.state === 'Stopping');
  const isAtRest = input.situation.app.spec.suspend
    ? !stopping && !isUnfinished(input, 'workload')
    : ready.status === 'True';
  if (stalled.status === 'True' || isAtRest) {
    return {
      type: 'Reconciling',
      status: 'False',
      reason: stalled.status === 'True' ? 'Stalled' : 'AsWanted',
      message: '',
    };
  }
  const reason = stopping ? 'Stopping' : (operation?.type ?? 'Starting');
  return { type: 'Reconciling', status: 'True', reason, message: operation?.message ?? ready.message };
}

function stalledCondition({ findings }: StatusInput): FoundCondition {
  const stalling = findings.filter((finding) => finding.stalls);
  const [first] = stalling;
  if (first === undefined) return { type: 'Stalled', status: 'False', reason: 'NotStalled', message: '' };
  const message = stalling.map((finding) => finding.message).join('; ');
  return { type: 'Stalled', status: 'True', reason: first.reason, message };
}

/** Members that a loss took from us; not those that an update restarts, nor those that start for the first time. */
function degradedCondition(input: StatusInput, progressing: FoundCondition): FoundCondition {
  const { app } = input.situation;
  const missing = wantedMembers(input).filter((member) => member.state !== 'Ready');
  const before = new Map(app.status?.members.map((member) => [member.name, member.state]));
  const isUpdating = progressing.status === 'True';
  const lost = missing.filter(
    ({ name, state }) => state === 'Lost' || state === 'NotReady' || (!isUpdating && before.get(name) === 'Ready'),
  );
  const stays = wasTrue(app, 'Degraded') && missing.length > 0;
  if (app.spec.suspend || (lost.length === 0 && !stays)) {
    return { type: 'Degraded', status: 'False', reason: 'AsWanted', message: '' };
  }
  return { type: 'Degraded', status: 'True', reason: 'MembersNotReady', message: readyMessage(input) };
}

function progressingCondition(input: StatusInput, operations: readonly Operation[]): FoundCondition {
  const { app } = input.situation;
  const update = operations.find((operation) => operation.type === 'Update');
  const isUpdating = update !== undefined && app.spec.update.type === 'RollingUpdate';
  // The last member that was restarted belongs to the update until it is ready.
  if (!isUpdating && !(wasTrue(app, 'Progressing') && !allReady(input) && !app.spec.suspend)) {
    const message = update === undefined ? '' : update.message;
    return { type: 'Progressing', status: 'False', reason: update === undefined ? 'UpToDate' : 'OnDelete', message };
  }
  const message =
    update === undefined ? readyMessage(input) : `${update.progress} members are updated; ${update.message}`;
  return { type: 'Progressing', status: 'True', reason: 'Updating', message };
}

const BAD: ReadonlySet<string> = new Set(['Lost', 'Failed', 'Abnormal']);

function volumesCondition(input: StatusInput): FoundCondition {
  const volumes = wantedMembers(input).flatMap((member) => member.volumes);
  const bad = volumes.filter((volume) => BAD.has(volume.state));
  const [first] = bad;
  if (first !== undefined) {
    const count = `${bad.length} of ${volumes.length} volumes`;
    const message = some(
      bad.map(({ claim, state, message = '' }) => `${claim} ${state}${message === '' ? '' : ` (${message})`}`),
    );
    return { type: 'VolumesHealthy', status: 'False', reason: `Volume${first.state}`, message: `${count}: ${message}` };
  }
  const unbound = volumes.filter((volume) => volume.state === 'Missing' || volume.state === 'Pending');
  if (unbound.length > 0) {
    const count = `${volumes.length - unbound.length} of ${volumes.length} volumes are there`;
    const message = [count, ...wordsOf(unbound)].join(': ');
    return { type: 'VolumesHealthy', status: 'Unknown', reason: 'Provisioning', message };
  }
  const count = `${volumes.length} volumes`;
  const message = [count, ...wordsOf(volumes.filter((volume) => volume.state === 'Bound'))].join('; ');
  return { type: 'VolumesHealthy', status: 'True', reason: 'AllVolumesBound', message };
}

/** Why volumes are waited for, where somebody said so. */
function wordsOf(volumes: readonly VolumeStatus[]): readonly string[] {
  const said = volumes.flatMap(({ claim, message = '' }) => (message === '' ? [] : [`${claim}: ${message}`]));
  return said.length === 0 ? [] : [some(said)];
}

function suspendedCondition({ situation: { app } }: StatusInput): FoundCondition {
  return app.spec.suspend
    ? {
        type: 'Suspended',
        status: 'True',
        reason: 'Suspended',
        message: 'spec.suspend is set: no pods run, volumes stay',
      }
    : { type: 'Suspended', status: 'False', reason: 'Running', message: '' };
}

function supportedCondition({ findings }: StatusInput): FoundCondition {
  const missing = findings.filter((finding) => finding.reason === 'NotSupportedYet');
  if (missing.length === 0) return { type: 'Supported', status: 'True', reason: 'Supported', message: '' };
  const message = missing.map((finding) => finding.message).join('\n');
  return { type: 'Supported', status: 'False', reason: 'NotSupportedYet', message };
}

/** What looks like a member and is not, and is in nobody's way; what is in the way stalls. Only where there is or was something. */
function foreignCondition({ findings, situation: { app } }: StatusInput): readonly FoundCondition[] {
  const found = findings.filter((finding) => finding.reason === 'ForeignObject' && !finding.stalls);
  if (found.length > 0) {
    const message = found.map((finding) => finding.message).join('; ');
    return [{ type: 'ForeignObjects', status: 'True', reason: 'ForeignObject', message }];
  }
  return wasTrue(app, 'ForeignObjects')
    ? [{ type: 'ForeignObjects', status: 'False', reason: 'NoneFound', message: '' }]
    : [];
}

/** A person must say that a node is off. Only where that is or was so. */
function fencingCondition({ findings, situation: { app } }: StatusInput): readonly FoundCondition[] {
  const found = findings.filter((finding) => finding.reason === 'FencingRequired');
  if (found.length > 0) {
    const message = found.map((finding) => finding.message).join('; ');
    return [{ type: 'FencingRequired', status: 'True', reason: 'NoEvidence', message }];
  }
  return wasTrue(app, 'FencingRequired')
    ? [{ type: 'FencingRequired', status: 'False', reason: 'NotRequired', message: '' }]
    : [];
}
