import type { AppOperation } from '../../api/app-operation.ts';
import type { Recovery } from '../../api/recovery.ts';
import { intentHash } from '../app/intent-hash.ts';
import type { VolumeHealth } from './volume-health.ts';

/** How long a member must be broken by its volume before its pod is restarted: a new pod gets a new mount. */
export const RESTART_AFTER_SECONDS = 10;

/** How long the new pod has to become ready, at least and at most; in between, as long as the policy waits. */
const RESTART_TIMEOUT_SECONDS = { least: 30, most: 120 };

/** A member that is not ready, with what is wrong with its volumes. */
export interface BrokenMember {
  readonly member: string;
  readonly volumes: readonly VolumeHealth[];
  /** Since when one of them failed without a break, epoch seconds. */
  readonly sinceSeconds: number;
}

/** What is done about it. `reason`: what it waits for, as the app's status says it. */
export type Remedy =
  | { readonly kind: 'wait'; readonly check: string; readonly message: string; readonly atSeconds?: number }
  | {
      readonly kind: 'order';
      readonly type: 'Restart' | 'Rebuild';
      readonly name: string;
      readonly timeoutSeconds?: number;
    };

/** What a remedy depends on beside the member itself. */
export interface RemedyFacts {
  readonly recovery: Recovery;
  readonly replicas: number;
  readonly operations: readonly AppOperation[];
  /** Why no member may be taken away now; undefined: all others are healthy. */
  readonly othersProblem: string | undefined;
  readonly now: number;
}

/** Signs that a volume cannot be used; that its storage calls it abnormal is none. */
export function isFailed({ sign }: VolumeHealth): boolean {
  return sign !== 'Abnormal';
}

/** A Restart first, once for each volume, then as the policy says. What somebody called off is not ordered again. */
export function remedyFor(broken: BrokenMember, facts: RemedyFacts): Remedy {
  const restartName = nameOf(broken, 'restart');
  const worst = broken.volumes.filter(isFailed)[0];
  if (worst === undefined) return { kind: 'wait', check: '', message: '' };
  const mayHelp = worst.sign === 'Unmountable' || worst.sign === 'DiskError';
  const isRestarted = facts.operations.some(({ metadata }) => metadata.name === restartName);
  if (mayHelp && !isRestarted) {
    const atSeconds = broken.sinceSeconds + RESTART_AFTER_SECONDS;
    if (atSeconds > facts.now) return { kind: 'wait', check: 'VolumeFailing', message: 'is restarted soon', atSeconds };
    const { least, most } = RESTART_TIMEOUT_SECONDS;
    const timeoutSeconds = Math.min(most, Math.max(least, facts.recovery.volumeFailure.rebuildAfterSeconds));
    return { kind: 'order', type: 'Restart', name: restartName, timeoutSeconds };
  }
  return worst.sign === 'Lost' ? LOST : rebuildOr(broken, worst, facts);
}

const LOST: Remedy = {
  kind: 'wait',
  check: 'VolumeGone',
  message:
    "the PersistentVolume is gone, so there is nothing to keep aside: make it anew from the storage's own records, or delete the claim for an empty volume",
};

function rebuildOr(broken: BrokenMember, { sign }: VolumeHealth, facts: RemedyFacts): Remedy {
  const field = sign === 'Unreachable' ? 'localVolumeLoss' : 'volumeFailure';
  const { policy, rebuildAfterSeconds } = facts.recovery[field];
  const byHand = 'an AppOperation of type Rebuild gives it a new, empty volume and keeps the old one';
  if (policy === 'Wait')
    return {
      kind: 'wait',
      check: 'PolicyWait',
      message: `waits for the volume (spec.recovery.${field}.policy is Wait); ${byHand}`,
    };
  if (facts.replicas < 2)
    return {
      kind: 'wait',
      check: 'OnlyMember',
      message: `no other member has its data, so nothing is done by itself; ${byHand}`,
    };
  const name = nameOf(broken, 'rebuild');
  const before = facts.operations.find(({ metadata }) => metadata.name === name);
  if (before !== undefined)
    return {
      kind: 'wait',
      check: `AppOperation/${name}`,
      message: `AppOperation ${name} is ${before.status?.state ?? 'Pending'}`,
    };
  const atSeconds = broken.sinceSeconds + rebuildAfterSeconds;
  if (atSeconds > facts.now) {
    const message = `gets a new volume when this lasts for ${rebuildAfterSeconds} s`;
    return { kind: 'wait', check: 'RebuildAfterSeconds', message, atSeconds };
  }
  if (facts.othersProblem !== undefined)
    return { kind: 'wait', check: 'MembersReady', message: `gets a new volume once ${facts.othersProblem}` };
  return { kind: 'order', type: 'Rebuild', name };
}

/** One name for each set of volumes, so that nothing is ordered twice for the same ones. */
function nameOf({ member, volumes }: BrokenMember, verb: string): string {
  const uids = volumes.map(({ claim }) => claim.uid).toSorted();
  return `${member}-${verb}-${intentHash(uids).slice(0, 8)}`;
}
