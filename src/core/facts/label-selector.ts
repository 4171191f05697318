import { type Json, listOf, objectOf, textMapOf, textOf, textsOf } from './json.ts';

export type Labels = Readonly<Record<string, string>>;

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** All requirements must hold; without any, everything is selected. Undefined stands for a selector that selects nothing. */
export type LabelSelector = readonly LabelRequirement[];

const OPERATORS: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/** A LabelSelector as Kubernetes writes it. An absent one selects nothing, an empty one everything. */
export function readLabelSelector(raw: unknown): LabelSelector | undefined {
  if (raw === undefined || raw === null) return undefined;
  const selector = objectOf(raw);
  const matchLabels = textMapOf(selector['matchLabels']);
  const equal = Object.keys(matchLabels).map((key) => isIn(key, [matchLabels[key] ?? '']));
  return [...equal, ...listOf(selector['matchExpressions']).map(objectOf).flatMap(readRequirement)];
}

function readRequirement(raw: Json): readonly LabelRequirement[] {
  const operator = textOf(raw['operator']);
  if (!OPERATORS.has(operator)) return [];
  const values = textsOf(raw['values']);
  return [{ key: textOf(raw['key']), operator: operator as LabelRequirement['operator'], values }];
}

function isIn(key: string, values: readonly string[]): LabelRequirement {
  return { key, operator: 'In', values };
}

/** What `matchLabelKeys` and `mismatchLabelKeys` add to a pod's own selector: the pod's values of these labels, where it has them. */
export function withLabelKeys(
  selector: LabelSelector | undefined,
  labels: Labels,
  { match, mismatch }: { readonly match: readonly string[]; readonly mismatch: readonly string[] },
): LabelSelector | undefined {
  if (selector === undefined) return undefined;
  const added = (keys: readonly string[], operator: 'In' | 'NotIn'): LabelSelector =>
    keys.flatMap((key) => {
      const value = labels[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  return [...selector, ...added(match, 'In'), ...added(mismatch, 'NotIn')];
}

/** Whether the labels are selected. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  for (const requirement of selector) if (!isMet(requirement, labels)) return false;
  return true;
}

function isMet({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = labels[key];
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  return operator === 'Exists' ? value !== undefined : value === undefined;
}
