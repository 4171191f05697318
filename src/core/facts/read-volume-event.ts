import { type Json, objectOf, secondsOf, textOf } from './json.ts';
import { readMeta } from './read-meta.ts';

/**
 * What an Event says of a volume. The external health monitor and, with the feature gate CSIVolumeHealth, the kubelet report abnormal
 * conditions so, about the claim and about the pod (KEP-1432); the kubelet and the attach-detach controller say so what they could not
 * mount or attach, and the kubelet what a probe said; the external provisioner says of a claim why there is no volume.
 */
export interface VolumeEventFacts {
  readonly namespace: string;
  readonly kind: 'Pod' | 'PersistentVolumeClaim';
  readonly name: string;
  readonly uid: string;
  readonly reason:
    | 'VolumeConditionAbnormal'
    | 'VolumeConditionNormal'
    | 'FailedMount'
    | 'FailedAttachVolume'
    | 'ProvisioningFailed'
    | 'Unhealthy';
  readonly message: string;
  /** When it was said last, epoch seconds. */
  readonly lastSeconds: number;
}

const REASONS: ReadonlySet<string> = new Set([
  'VolumeConditionAbnormal',
  'VolumeConditionNormal',
  'FailedMount',
  'FailedAttachVolume',
  'ProvisioningFailed',
  'Unhealthy',
]);

/** An Event (v1) as JSON; null when it says nothing of a volume, as most do not. */
export function readVolumeEvent(raw: unknown): VolumeEventFacts | null {
  const event = objectOf(raw);
  const reason = textOf(event['reason']);
  if (!REASONS.has(reason)) return null;
  const regarding = objectOf(event['involvedObject']);
  const kind = textOf(regarding['kind']);
  const message = textOf(event['message']);
  if (kind !== 'Pod' && kind !== 'PersistentVolumeClaim') return null;
  return {
    namespace: textOf(regarding['namespace']),
    kind,
    name: textOf(regarding['name']),
    uid: textOf(regarding['uid']),
    reason: reason as VolumeEventFacts['reason'],
    message: message.slice(0, 1024),
    lastSeconds: lastOf(event),
  };
}

function lastOf(event: Json): number {
  const times = [objectOf(event['series'])['lastObservedTime'], event['lastTimestamp'], event['eventTime']];
  return Math.max(readMeta(event).createdAtSeconds, ...times.map((time) => secondsOf(time) ?? 0));
}
