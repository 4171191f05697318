import type { LabelSelector } from '../../api/label-selector.ts';
import type { Reason } from '../../api/reasons.ts';
import type { AppFacts } from './facts.ts';

/** Why the app may get no offers through its Framework; undefined when it may. */
export function frameworkProblem(facts: AppFacts): { readonly reason: Reason; readonly message: string } | undefined {
  const { app, framework } = facts;
  const name = app.spec.framework;
  if (framework === undefined) {
    const message = `there is no Framework "${name}": create it, or correct spec.framework (kubectl get frameworks)`;
    return { reason: 'FrameworkNotFound', message };
  }
  const children = facts.frameworkChildren ?? [];
  if (children.length > 0) {
    const message = `Framework "${name}" has others below it (${children.join(', ')}), and apps belong on leaves: name one of these in spec.framework`;
    return { reason: 'FrameworkNotLeaf', message };
  }
  if (!selects(framework.spec.namespaceSelector, facts.namespaceLabels)) {
    const message = `Framework "${name}" does not allow namespace ${app.metadata.namespace}: label the namespace as spec.namespaceSelector of the Framework says, or use another framework`;
    return { reason: 'NamespaceNotAllowed', message };
  }
  return undefined;
}

/** Whether labels are selected. An absent selector selects all, as an empty one does. */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const exact = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return exact && (selector?.matchExpressions ?? []).every((expression) => matches(expression, labels));
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

function matches({ key, operator, values = [] }: Expression, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  const isListed = value !== undefined && values.includes(value);
  return operator === 'In' ? isListed : !isListed;
}
