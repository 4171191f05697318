import type { NodeRequirement, PlacementRules } from '../../allocator/demand.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import { NODE_NAME_FIELD } from '../../facts/read-volume.ts';
import type { Tell } from '../tell.ts';

/** nodeSelector and required node affinity. */
export function nodeMatches(node: NodeFacts, rules: PlacementRules, tell?: Tell): boolean {
  const selected = selectorMatches(node, rules.nodeSelector, tell);
  if (!selected && tell === undefined) return false;
  const { nodeAffinityTerms: terms } = rules;
  if (terms === undefined || terms.some((term) => termMatches(node, term))) return selected;
  tell?.('NodeAffinityMismatch', () => `it matches none of ${terms.length} required node affinity terms`);
  return false;
}

function selectorMatches(node: NodeFacts, selector: PlacementRules['nodeSelector'], tell?: Tell): boolean {
  for (const key of Object.keys(selector)) {
    const wanted = selector[key] ?? '';
    if (node.labels[key] === wanted) continue;
    const has = node.labels[key];
    const found = has === undefined ? 'has no such label' : `has ${has}`;
    tell?.('NodeSelectorMismatch', () => `nodeSelector wants ${key}=${wanted}, it ${found}`);
    return false;
  }
  return true;
}

/** A term without requirements matches nothing, as in Kubernetes. */
function termMatches(node: NodeFacts, term: readonly NodeRequirement[]): boolean {
  return term.length > 0 && term.every((requirement) => requirementMet(node, requirement));
}

function requirementMet(node: NodeFacts, { key, operator, values }: NodeRequirement): boolean {
  const value = key === NODE_NAME_FIELD ? node.name : node.labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return integer(value) > integer(values[0]);
    default:
      return integer(value) < integer(values[0]);
  }
}

/** NaN compares false with everything: what is no integer is neither more nor less. */
function integer(text: string | undefined): number {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
}
