import type { Constraint } from '../../../api/placement.ts';
import type { PodSpec } from '../../../api/pod-template.ts';
import { nodeLabel } from './node-label.ts';

type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number];

/**
 * The user's spreading rules and a soft one for each GroupBy: a hard one would keep a member out of the cluster after the loss of a
 * zone. Kubernetes refuses two rules with the same key and effect, so the user's own stands.
 */
export function compileSpread(
  constraints: readonly Constraint[],
  own: readonly Spread[],
  members: Readonly<Record<string, string>>,
): readonly object[] {
  const taken = new Set(
    own.filter((rule) => rule.whenUnsatisfiable === 'ScheduleAnyway').map((rule) => rule.topologyKey),
  );
  const keys = constraints.filter((item) => item.operator === 'GroupBy').map((item) => nodeLabel(item.key));
  const added = [...new Set(keys)]
    .filter((key) => !taken.has(key))
    .map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: members },
    }));
  return [...own, ...added];
}
