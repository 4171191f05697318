import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import type { AppFacts } from '../app/facts.ts';
import { endedPhases } from './record-recovery.ts';

/** What a new status of an app says of the times of its recovery, in seconds; `detected` is the silence of the node when it began. */
export function recoveryPhases(
  { app, recovery }: Pick<AppFacts, 'app' | 'recovery'>,
  status: Pick<PersistentAppStatus, 'lastRecovery'>,
): readonly { readonly phase: 'detected' | 'fenced' | 'bound' | 'ready'; readonly seconds: number }[] {
  const [before, after] = [app.status?.lastRecovery, status.lastRecovery];
  const isNew = after !== undefined && (before?.member !== after.member || before.detectedAt !== after.detectedAt);
  const silences = [...(recovery?.trouble.values() ?? [])].map((node) => node.silentSeconds);
  const detected = isNew ? [{ phase: 'detected' as const, seconds: Math.max(0, ...silences) }] : [];
  return [...detected, ...endedPhases(before, after)];
}
