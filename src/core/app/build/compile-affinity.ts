import type { Constraint } from '../../../api/placement.ts';
import type { PodSpec } from '../../../api/pod-template.ts';
import { readList, readMap } from '../read-field.ts';
import { nodeLabel } from './node-label.ts';

type Affinity = NonNullable<PodSpec['affinity']>;

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly string[];
}

/**
 * The user's affinity and the constraints that Kubernetes can say too, so that autoscalers, which simulate the scheduler without us,
 * understand them. The rest (MaxPer, Cluster without a value, regular expressions) is kept by the allocator and the extender alone.
 */
export function compileAffinity(
  constraints: readonly Constraint[],
  affinity: Affinity | undefined,
  members: Readonly<Record<string, string>>,
): object | undefined {
  const requirements = compiledRequirements(constraints);
  const keys = constraints.filter((item) => item.operator === 'Unique').map((item) => nodeLabel(item.key));
  const apart = [...new Set(keys)].map((topologyKey) => ({ topologyKey, labelSelector: { matchLabels: members } }));
  if (requirements.length === 0 && apart.length === 0) return affinity;
  return {
    ...affinity,
    ...(requirements.length === 0 ? {} : { nodeAffinity: withRequirements(affinity, requirements) }),
    ...(apart.length === 0 ? {} : { podAntiAffinity: withTermsAdded(affinity, apart) }),
  };
}

/** What the constraints on the node itself are as node affinity: all of these hold in each of its terms. */
export function compiledRequirements(constraints: readonly Constraint[]): readonly Requirement[] {
  return constraints.flatMap(requirementOf);
}

function requirementOf(constraint: Constraint): readonly Requirement[] {
  const { operator, value } = constraint;
  if (value === undefined) return [];
  const key = nodeLabel(constraint.key);
  if (operator === 'Is' || operator === 'Cluster') return [{ key, operator: 'In', values: [value] }];
  if (operator === 'IsNot') return [{ key, operator: 'NotIn', values: [value] }];
  const values = operator === 'Like' ? alternatives(value) : [];
  return values.length === 0 ? [] : [{ key, operator: 'In', values }];
}

/** `a|b` means the same as In [a, b]; any other regular expression has no equal. */
function alternatives(pattern: string): readonly string[] {
  return /^[-A-Za-z0-9_]+(\|[-A-Za-z0-9_]+)*$/.test(pattern) ? pattern.split('|') : [];
}

/** Terms of a node affinity are alternatives, so what must always hold goes into each. A term without content matches nothing, and stays so. */
function withRequirements(affinity: Affinity | undefined, requirements: readonly Requirement[]): object {
  const path = ['nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'] as const;
  const terms = readList(affinity, ...path, 'nodeSelectorTerms');
  const added = terms.map((term) => {
    const expressions = readList(term, 'matchExpressions');
    if (expressions.length + readList(term, 'matchFields').length === 0) return term;
    return { ...readMap(term), matchExpressions: [...expressions, ...requirements] };
  });
  return {
    ...readMap(affinity, 'nodeAffinity'),
    requiredDuringSchedulingIgnoredDuringExecution: {
      ...readMap(affinity, ...path),
      nodeSelectorTerms: terms.length === 0 ? [{ matchExpressions: requirements }] : added,
    },
  };
}

function withTermsAdded(affinity: Affinity | undefined, terms: readonly object[]): object {
  const own = readList(affinity, 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  return {
    ...readMap(affinity, 'podAntiAffinity'),
    requiredDuringSchedulingIgnoredDuringExecution: [...own, ...terms],
  };
}
