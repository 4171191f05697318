import type { PersistentAppStatus } from '../../../api/persistent-app.ts';
import { showBytes } from '../../resources/show-amount.ts';
import type { FoundCondition } from './conditions.ts';
import { type StatusInput, wantedMembers } from './status-input.ts';

/** What `kubectl get papp` prints. */
export function statusSummary(
  input: StatusInput,
  conditions: readonly FoundCondition[],
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
    lastRecovery: app.status?.summary.lastRecovery ?? '',
  };
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
