import type { PersistentAppStatus } from '../../../api/persistent-app.ts';
import { showBytes } from '../../resources/show-amount.ts';
import { parseTime } from '../rfc3339.ts';
import type { FoundCondition } from './conditions.ts';
import { type StatusInput, wantedMembers } from './status-input.ts';

/** What `kubectl get papp` prints. */
export function statusSummary(
  input: StatusInput,
  conditions: readonly FoundCondition[],
  lastRecovery?: PersistentAppStatus['lastRecovery'],
): PersistentAppStatus['summary'] {
  const { app } = input.situation;
  const wanted = wantedMembers(input);
  const ready = wanted.filter((member) => member.state === 'Ready').length;
  const zones = [...new Set(wanted.map((member) => member.zone))].filter((zone) => zone !== '').toSorted();
  const claims = input.situation.members.filter((member) => member.wanted).flatMap((member) => member.claims);
  const bytes = claims.reduce((sum, claim) => sum + (claim.actualBytes === 0 ? claim.bytes : claim.actualBytes), 0);
  return {
    ready: `${ready}/${app.spec.replicas}`,
    ...wordAndReason(conditions),
    zones: zones.join(',').slice(0, 256),
    storage: bytes === 0 ? '' : showBytes(bytes),
    lastRecovery: lastRecovery === undefined ? (app.status?.summary.lastRecovery ?? '') : showRecovery(lastRecovery),
  };
}

/** The member, and how long it took from the moment at which the loss was noticed. */
function showRecovery({ member, detectedAt, readyAt }: NonNullable<PersistentAppStatus['lastRecovery']>): string {
  const [from, to] = [parseTime(detectedAt), parseTime(readyAt)];
  return from === undefined || to === undefined ? `${member} under way` : `${member} ${to - from} s`;
}

const WORDS = [
  { type: 'Stalled', word: 'Stalled' },
  { type: 'Suspended', word: 'Suspended' },
  { type: 'Degraded', word: 'Degraded' },
  { type: 'Progressing', word: 'Updating' },
] as const;

function wordAndReason(conditions: readonly FoundCondition[]): { readonly status: string; readonly reason: string } {
  const find = (type: string): FoundCondition | undefined => conditions.find((condition) => condition.type === type);
  for (const { type, word } of WORDS) {
    const condition = find(type);
    if (condition?.status === 'True') return { status: word, reason: condition.reason };
  }
  const ready = find('Ready');
  return ready?.status === 'True'
    ? { status: 'Running', reason: '' }
    : { status: 'Waiting', reason: ready?.reason ?? '' };
}
