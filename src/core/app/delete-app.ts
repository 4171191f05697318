import { FINALIZER_VOLUMES } from '../../api/labels.ts';
import { saysRemove } from '../backup/claim-removal.ts';
import { type Removal, removal, removalActions } from '../backup/remove-claims.ts';
import { applyIfNeeded } from './build/with-intent.ts';
import { ordinalOfClaim } from './claim-name.ts';
import type { AppFacts } from './facts.ts';
import { isOrphaned, leftBehind } from './finish-replacement.ts';
import type { Action } from './plan.ts';
import { readField } from './read-field.ts';
import { parseTime } from './rfc3339.ts';
import { ownSlots } from './situation.ts';
import { statefulSetOf } from './steps/workload.ts';
import { understand } from './understand.ts';

/** What is next for an app that is being deleted. Nothing to say: it goes by itself, its volumes stay. */
export interface Farewell {
  readonly actions: readonly Action[];
  readonly message: string | undefined;
  /** Epoch seconds after which it goes without its volumes. */
  readonly untilSeconds: number | undefined;
}

const NOTHING: Farewell = { actions: [], message: undefined, untilSeconds: undefined };

/**
 * An app that takes its volumes along: its pods stop, then each claim goes (after a snapshot, where one is asked for), then the app is let
 * go. Whoever says Retain meanwhile, orphans its children, or waits longer than `retention.timeoutSeconds` keeps what is left. An app whose
 * StatefulSet is away for a moment goes when its pods have an owner again.
 */
export function farewell(facts: AppFacts, now: number): Farewell {
  const { app } = facts;
  const { namespace, name, uid, finalizers, deletionTimestamp } = app.metadata;
  if (!finalizers.includes(FINALIZER_VOLUMES)) return NOTHING;
  const letGo = (message: string): Farewell => ({
    // Said first: of an app that is gone nobody can say anything.
    actions: isSaid(facts, message) ? [{ kind: 'holdApp', namespace, name, uid, hold: false }] : [],
    message,
    untilSeconds: undefined,
  });
  const untilSeconds = (parseTime(deletionTimestamp) ?? now) + app.spec.retention.timeoutSeconds;
  const left = leftBehind(facts, now);
  if (left !== undefined && untilSeconds > now) return { ...left, untilSeconds };
  const stay = whyTheyStay(facts);
  if (stay !== undefined) return letGo(`its volumes stay: ${stay}`);
  const claims = claimsToGo(facts);
  if (claims.length === 0) return letGo('its volumes are seen to');
  if (untilSeconds <= now) {
    const names = claims.map(({ of }) => of.claim.name).join(', ');
    return letGo(
      `its volumes stay, since they could not be seen to in ${app.spec.retention.timeoutSeconds} s: ${names}`,
    );
  }
  if (app.spec.paused) return { ...NOTHING, message: `waits: spec.paused is set; ${WAY_OUT}`, untilSeconds };
  const stopping = stopPods(facts, now);
  if (stopping.length > 0)
    return { actions: stopping, message: `its pods stop before its volumes go; ${WAY_OUT}`, untilSeconds };
  const [next] = [...claims.filter(({ stage }) => stage !== 'going'), ...claims];
  const message = `${claims.length} volumes are to go: ${next?.message ?? ''}; ${WAY_OUT}`;
  return { actions: removalActions(claims), message, untilSeconds };
}

function whyTheyStay(facts: AppFacts): string | undefined {
  if (facts.app.spec.retention.whenDeleted === 'Retain') return 'spec.retention.whenDeleted is Retain';
  return isOrphaned(facts) ? 'it is deleted with --cascade=orphan' : undefined;
}

const WAY_OUT = 'set spec.retention.whenDeleted to Retain to keep them and let the app go at once';

function isSaid({ app }: AppFacts, message: string): boolean {
  return app.status?.conditions.some((condition) => condition.message.endsWith(message)) ?? false;
}

function claimsToGo(facts: AppFacts): readonly Removal[] {
  const { app } = facts;
  return facts.claims.flatMap((claim) => {
    const ordinal = app.spec.volumeClaims
      .map((volume) => ordinalOfClaim(volume.name, app.metadata.name, claim.name))
      .find((found) => found !== undefined);
    if (ordinal === undefined || !saysRemove('whenDeleted', { claim, ordinal }, app)) return [];
    return [removal('whenDeleted', { claim, ordinal }, facts)];
  });
}

/**
 * The StatefulSet without pods, as for a suspended app; nothing when it is so, or is going. Garbage collection may have let it go in this
 * very moment (--cascade=orphan), and taken its finalizer off the app, which may be heard first: so it is looked at live.
 */
function stopPods(facts: AppFacts, now: number): readonly Action[] {
  const stopped = { ...facts, app: { ...facts.app, spec: { ...facts.app.spec, suspend: true } } };
  const situation = understand(stopped, now);
  const { statefulSet } = situation;
  if (statefulSet === undefined || readField(statefulSet, 'metadata', 'deletionTimestamp') !== undefined) return [];
  const input = { situation, slots: ownSlots(facts), demand: undefined, unfinished: new Set<never>() };
  const writes = applyIfNeeded(statefulSetOf(input), statefulSet);
  return writes.map((action) => (action.kind === 'apply' ? { ...action, isLive: true } : action));
}
